import { parseRefundId } from '../domain/ids.ts';
import { overdue } from '../domain/refund/step.ts';
import type { Work } from '../domain/refund/work.ts';
import { partsOf } from '../domain/streams.ts';
import { takeEvidence } from './evidence.ts';
import { type CallNeeds, find, openIfPossible } from './gateway-call.ts';
import { postpone, triesOf } from './heads.ts';
import { getPayment, openPayment, type PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import { type Author, dueAtOf, type Loaded, loadRefund } from './refunds.ts';
import { type HeldLeg, holdLeg } from './turn.ts';

type PollNeeds = CallNeeds & PaymentNeeds;

/**
 * Asks about refunds that the gateway has not finished, since a webhook may never come (F91). Who has waited too long is in front of a
 * person, whatever else can or can't be had by then.
 */
export async function pollRefund(needs: PollNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined) return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  if (loaded.refund.is !== 'approved') return 'done';
  const author: Author = {
    actor: 'reconcile',
    cause: work.stream,
    correlation: loaded.entries[0]?.correlation ?? work.correlation,
  };
  for (const leg of loaded.refund.legs.filter((one) => one.now.is === 'pending')) {
    if ((await pollLeg(needs, { loaded, leg, author })) === 'busy') return 'busy';
  }
  return later(needs, work, loaded);
}

/** Where nothing was learned, only the due time moves: to the earliest that any leg of the refund is due. */
async function later(needs: PollNeeds, { stream }: Work, { refund, end }: Loaded): Promise<'done'> {
  const until = dueAtOf(refund, needs.clock.now(), needs.tempo);
  const head = await needs.table.get({ table: 'state', pk: stream });
  if (until !== undefined) await postpone(needs.table, stream, { version: end.version, until, tries: triesOf(head) });
  return 'done';
}

async function pollLeg(needs: PollNeeds, polled: HeldLeg): Promise<'done' | 'busy'> {
  const { loaded, leg } = polled;
  if (overdue(leg, needs.clock.now(), needs.tempo)) return holdLeg(needs, polled, ['pending-too-long']);
  const stored = await getPayment(needs, loaded.merchant, leg.payment);
  const secrets = stored && (await openPayment(needs, loaded.merchant, leg.payment, stored));
  if (secrets === 'foreign') return holdLeg(needs, polled, ['reference-unreadable']);
  const connection = await needs.connections.find(leg.connection);
  if (connection === undefined || secrets === undefined) return 'done';
  return ask(needs, polled, connection, secrets.reference);
}

async function ask(
  needs: PollNeeds,
  polled: HeldLeg,
  connection: Connection,
  reference: string,
): Promise<'done' | 'busy'> {
  const { loaded, leg, author } = polled;
  const gateway = await openIfPossible(needs, connection);
  if (gateway === undefined) return 'done';
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const found = await find(needs, gateway, about, { reference, keys: leg.keys });
  for (const evidence of found.is === 'found' ? found.matches : []) {
    const taken = await takeEvidence(needs, { ...polled, connection, evidence, source: 'lookup' });
    if (taken === 'busy') return 'busy';
  }
  return 'done';
}
