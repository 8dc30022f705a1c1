import type { PaymentEvent } from '../domain/balance.ts';
import { type MerchantId, type PaymentId, parseRefundId } from '../domain/ids.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import { paymentStream, theirsItem } from '../domain/streams.ts';
import type { StoredPayment } from './balances.ts';
import type { Also } from './journal.ts';
import {
  adoptedEvent,
  appendToPayment,
  countOnce,
  forgottenWrites,
  getPayment,
  isOurs,
  type PaymentNeeds,
} from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Item } from './ports/table.ts';
import { type Author, loadRefund } from './refunds.ts';
import { insist } from './retry.ts';

/**
 * Refunds that are not ours, made in the gateway's dashboard or by another system: they use up the balance like any other, whatever
 * it was (F93). One under a key of ours only while no leg on that payment has a request unanswered: until then it may be that leg's. Any other at
 * once, since somebody may be about to pay the same again (F44); where it is that leg's after all, the adoption is reversed.
 */
export type Adopted = 'counted' | 'known' | 'in-flight' | 'busy' | 'other-currency';

interface Target {
  readonly connection: Connection;
  readonly payment: PaymentId;
  readonly author: Author;
}

export async function adopt(needs: PaymentNeeds, target: Target, evidence: RefundEvidence): Promise<Adopted> {
  const adopted = await insist<Adopted>(needs, async () => {
    const { connection, payment } = target;
    const stored = await getPayment(needs, connection.merchant, payment);
    if (stored === undefined) return 'busy';
    // Nothing says what it is in the payment's money.
    if (evidence.currency !== stored.currency) return 'other-currency';
    const event = await adoptedEvent(needs, connection, evidence);
    const item = await theirsOf(needs, connection, event.theirs);
    const owner = item === undefined ? undefined : String(item.owner ?? '');
    if (owner === undefined) return firstTime(needs, target, { stored, evidence, event });
    if (await isWithdrawn(needs, connection.merchant, owner))
      return firstTime(needs, target, { stored, evidence, event, owner });
    if (owner !== 'adopted' || evidence.state !== 'failed') return 'known';
    const of = { stored, theirs: event.theirs, amountMinor: countedIn(item), owner: 'returned' };
    const back = await giveBack(needs, target, of);
    if (back === 'counted') alarmFailed(needs, target, evidence);
    return back;
  });
  if (adopted === 'counted') {
    const { connection, author } = target;
    needs.log.note('refund-adopted', {
      merchant: connection.merchant,
      connection: connection.name,
      correlation: author.correlation,
    });
    await alarmIfOverdrawn(needs, target);
  }
  return adopted ?? 'busy';
}

/**
 * An adopted refund turned out to be a leg's own: the adoption is reversed by a fact, and the id is the claimant's from now on. Where it is
 * that already, another worker with the same leg was faster (F67), who may be gone by now. `returned`: it failed, and was given back before.
 * `only`: what must hold in the same transaction.
 */
export async function reverseAdoption(
  needs: PaymentNeeds,
  target: Target,
  theirs: string,
  claimant: string,
  only: readonly Also[] = [],
): Promise<'reversed' | 'not-adopted' | 'returned' | 'busy'> {
  const reversed = await insist<'reversed' | 'not-adopted' | 'returned'>(needs, async () => {
    const { connection, payment } = target;
    const stored = await getPayment(needs, connection.merchant, payment);
    const mac = await needs.blind(connection.merchant, connection.name, theirs);
    const item = await theirsOf(needs, connection, mac);
    if (item?.owner === claimant) return 'reversed';
    if (item?.owner === 'returned') return 'returned';
    if (stored === undefined || item?.owner !== 'adopted') return 'not-adopted';
    const amountMinor = countedIn(item);
    const result = await giveBack(needs, target, { stored, theirs: mac, amountMinor, owner: claimant, only });
    return result === 'counted' ? 'reversed' : undefined;
  });
  return reversed ?? 'busy';
}

const theirsOf = (needs: PaymentNeeds, { merchant, name }: Connection, theirs: string) =>
  needs.table.get({ table: 'state', pk: theirsItem(merchant, name, theirs) });

/** What was taken when it was adopted is what is given back, whatever its failure says of the amount. */
const countedIn = (item: Item | undefined): bigint => (typeof item?.counted === 'bigint' ? item.counted : 0n);

/** The leg that it was taken for has gone with its return before it was written there (F53): no leg answers to it any more. */
async function isWithdrawn(needs: PaymentNeeds, merchant: MerchantId, owner: string): Promise<boolean> {
  const id = parseRefundId(owner.split('/')[0] ?? '');
  return id !== undefined && (await loadRefund(needs, merchant, id)).refund.is === 'cancelled';
}

async function firstTime(
  needs: PaymentNeeds,
  target: Target,
  of: {
    stored: StoredPayment;
    evidence: RefundEvidence;
    event: Extract<PaymentEvent, { type: 'payment.refund-adopted' }>;
    /** Whose it was called before. It is known then that it is nobody's whose request is unanswered. */
    owner?: string;
  },
): Promise<Adopted | undefined> {
  const { stored, evidence, event, owner } = of;
  const failed = evidence.state === 'failed';
  // A failure that comes first is remembered too: an older "pending" that comes after it must not be counted.
  const events: PaymentEvent[] = failed ? [event, { ...event, type: 'payment.adoption-reversed' }] : [event];
  const set = { owner: failed ? 'returned' : 'adopted', counted: evidence.amountMinor };
  const { payment: id, author, connection } = target;
  const count =
    owner === undefined
      ? countOnce(connection, event.theirs, set)
      : handOver(connection, event.theirs, { from: owner, set });
  const waits = owner === undefined && isOurs(needs, evidence);
  const free = waits ? ([{ attribute: 'inFlight', is: 'unset' }] as const) : [];
  const appended = await appendToPayment(
    needs,
    { merchant: connection.merchant, id, stored },
    author,
    events,
    [count, ...forgottenWrites(needs, connection.merchant, id, failed ? [] : [evidence])],
    free,
  );
  return appended === 'appended' ? 'counted' : appended === 'in-flight' ? 'in-flight' : undefined;
}

async function giveBack(
  needs: PaymentNeeds,
  target: Target,
  of: { stored: StoredPayment; theirs: string; amountMinor: bigint; owner: string; only?: readonly Also[] },
): Promise<Adopted | undefined> {
  const { connection, payment: id, author } = target;
  const { theirs, amountMinor } = of;
  const change = handOver(connection, theirs, { from: 'adopted', set: { owner: of.owner } });
  const event: PaymentEvent = { type: 'payment.adoption-reversed', v: 1, theirs, amountMinor };
  const appended = await appendToPayment(
    needs,
    { merchant: connection.merchant, id, stored: of.stored },
    author,
    [event],
    [change, ...(of.only ?? [])],
  );
  return appended === 'appended' ? 'counted' : undefined;
}

const handOver = (
  { merchant, name }: Connection,
  theirs: string,
  { from, set }: { readonly from: string; readonly set: Item },
): Also => ({
  name: 'theirs',
  write: {
    update: { table: 'state', pk: theirsItem(merchant, name, theirs) },
    set,
    only: [{ attribute: 'owner', is: 'equal', value: from }],
  },
});

/** What was denied because of it, or is no return's any more, waits for nothing: a person must hear of it. */
function alarmFailed(needs: PaymentNeeds, { connection, payment, author }: Target, { reason }: RefundEvidence): void {
  const { merchant, name } = connection;
  const stream = paymentStream(merchant, payment);
  const about = { merchant, connection: name, stream, correlation: author.correlation };
  needs.log.alarm('elsewhere-failed', { ...about, code: reason ?? 'failed' });
}

/** More went out than came in: nobody's promise allowed it, so a person must hear of it (F45). */
export async function alarmIfOverdrawn(needs: PaymentNeeds, { connection, payment, author }: Target): Promise<void> {
  const stored = await getPayment(needs, connection.merchant, payment);
  if (stored !== undefined && stored.balance.availableMinor < 0n) {
    const about = {
      merchant: connection.merchant,
      connection: connection.name,
      correlation: author.correlation,
    };
    needs.log.alarm('payment-overdrawn', { ...about, code: payment });
  }
}
