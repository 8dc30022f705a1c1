import { parseRefundId } from '../domain/ids.ts';
import { hold, holdUnsent } from '../domain/refund/decide.ts';
import type { Decision } from '../domain/refund/decision.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { evolve, type Refund } from '../domain/refund/state.ts';
import type { Work } from '../domain/refund/work.ts';
import { kindOf, partsOf } from '../domain/streams.ts';
import { backoff, type Tempo } from '../domain/tempo.ts';
import { type Instant, plus } from '../domain/time.ts';
import { dueOf, postpone, triesOf, versionOf } from './heads.ts';
import type { PaymentNeeds } from './payments.ts';
import { changeRefund } from './refunds.ts';

/**
 * What our own code can't get past is put in front of a person instead of being tried for ever: a refund is held with a reason; for a
 * notice the next try is put off, and the alarm that its dead letter raises is the person's (F72).
 */
export async function setAside(needs: Omit<PaymentNeeds, 'vault'>, work: Work): Promise<void> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (kindOf(work.stream) === 'refund' && id !== undefined) {
    const author = { actor: 'set-aside', cause: work.stream, correlation: work.correlation };
    const changed = await changeRefund(needs, { merchant: work.merchant, id, author }, (refund, now) =>
      holdAll(refund, now, needs.tempo),
    );
    // Where nothing could be held (a success that is only looked for again), the next try is put off.
    if (changed.is !== 'unchanged') return;
  }
  const head = await needs.table.get({ table: 'state', pk: work.stream });
  if (head?.dueAt === undefined) return;
  const until = plus(needs.clock.now(), needs.tempo.holdLimitMs);
  await postpone(needs.table, work.stream, { version: versionOf(head), until, tries: 0 });
}

/**
 * A newer version wrote what this one can't read (F143): its message is done with, and the sweep asks again after a growing wait. Thrown back to
 * its queue it would come five times and be a dead letter, and a new one would follow it every minute until the upgrade.
 */
export async function waitForUpgrade(
  { table, clock, tempo }: Pick<PaymentNeeds, 'table' | 'clock' | 'tempo'>,
  work: Work,
): Promise<void> {
  const head = await table.get({ table: 'state', pk: work.stream });
  const dueAt = dueOf(head);
  if (dueAt === undefined) return;
  const tries = triesOf(head);
  const until = plus(clock.now(), backoff(tempo.askAgainMs, tries));
  if (dueAt < until) await postpone(table, work.stream, { version: versionOf(head), until, tries: tries + 1 });
}

/** Every part that is not final, whatever it was doing: what was sent keeps its place until its outcome is known. */
function holdAll(refund: Refund, now: Instant, tempo: Tempo): Decision {
  if (refund.is !== 'approved') return holdUnsent(refund, ['cannot-process'], { now, tempo });
  const events: RefundEvent[] = [];
  let state: Refund = refund;
  for (const leg of refund.legs) {
    if (leg.now.is === 'refused' || leg.now.is === 'failed') continue;
    const decision = hold(state, leg.leg, ['cannot-process'], { now, tempo });
    if (decision.is !== 'events') continue;
    events.push(...decision.events);
    state = decision.events.reduce((before: Refund, event) => evolve(before, event, now), state);
  }
  return events.length === 0 ? { is: 'nothing' } : { is: 'events', events };
}
