import type { Balance } from '../domain/balance.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import { holder } from '../domain/payment.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { type Instant, plus } from '../domain/time.ts';
import { type AssessNeeds, decisionEvent, type Known } from './decision.ts';
import { lookAgain } from './look-again.ts';
import { oursOf } from './payments.ts';
import { type Return, resolvePayments } from './resolve.ts';

/**
 * The decision; and a denial only on the gateway's word of now. It is final, and nobody looks at it again: a capture whose news did not come
 * would make room, and so would the rest of a payment that was captured in part, or somebody else's refund that is still on its way and
 * fails, or one that has failed and whose news did not come. Where there is such a one, or the gateway does not say, the money is not
 * finally gone, and a person decides (F41).
 */
export async function decideForSure(
  needs: AssessNeeds,
  of: Return,
  known: Known,
  until: Instant,
  at: Instant,
): Promise<RefundEvent> {
  return withinLimits(needs, of, known, await decide(needs, of, known, until, at), at);
}

/** An approval that no person had a part in is one of so many an hour, whatever was approved by the policy: beyond them it is held (F50). */
async function withinLimits(
  needs: AssessNeeds,
  { merchant }: Return,
  known: Known,
  decided: RefundEvent,
  at: Instant,
): Promise<RefundEvent> {
  const { refund, amountMinor, snapshot, cleared } = known;
  if (decided.type !== 'refund.approved' || cleared.length > 0) return decided;
  if (await needs.velocity.allows({ merchant, refund, currency: snapshot.currency, amountMinor })) return decided;
  const until = plus(at, needs.tempo.holdLimitMs);
  // What the approval was made from, which may be more than was known at first.
  const { legs, seen } = decided;
  return { type: 'refund.held', v: 1, reasons: ['velocity-limit'], legs, until, ...(seen && { seen }) };
}

async function decide(needs: AssessNeeds, of: Return, known: Known, until: Instant, at: Instant): Promise<RefundEvent> {
  const decided = decisionEvent(needs, known, until, at);
  if (decided.type !== 'refund.denied') return decided;
  let unfinished = false;
  for (const { payment, balance } of known.resolved.payments) {
    const looked = await lookAgain(needs, { merchant: of.merchant, payment, author: of.author });
    unfinished ||= looked === undefined || looked.capturable === true || mayMakeRoom(needs, looked.refunds, balance);
  }
  const resolved = await resolvePayments(needs, of);
  return decisionEvent(needs, { ...known, resolved: { ...resolved, unfinished } }, until, at);
}

/** One is on its way, what is there comes to less than we count, or one leg has two of them, of which a person settles one (F103). */
function mayMakeRoom(needs: AssessNeeds, refunds: readonly RefundEvidence[], { refundedMinor }: Balance): boolean {
  const there = refunds.filter(({ state }) => state !== 'failed');
  const sum = there.reduce((all, { amountMinor }) => all + amountMinor, 0n);
  const legs = there.flatMap((one) => {
    const ours = oursOf(needs, one);
    return ours === undefined ? [] : [holder(ours.refund, ours.leg)];
  });
  return there.some(({ state }) => state === 'pending') || sum < refundedMinor || new Set(legs).size < legs.length;
}
