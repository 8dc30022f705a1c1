import type { RefundEvent } from '../domain/refund/event.ts';
import type { Instant } from '../domain/time.ts';
import { type AssessNeeds, decisionEvent, inputsOf, type Known } from './decision.ts';
import { lookAgain } from './look-again.ts';
import { type Return, resolvePayments } from './resolve.ts';

/**
 * The decision; and a denial only on the gateway's word of now. It is final, and nobody looks at it again: a capture whose news did not come
 * would make room, and so would somebody else's refund that is still on its way and fails. Where there is such a one, or the gateway does
 * not say, the money is not finally gone, and a person decides (F41).
 */
export async function decideForSure(
  needs: AssessNeeds,
  of: Return,
  known: Known,
  until: Instant,
  at: Instant,
): Promise<RefundEvent> {
  const decided = decisionEvent(needs, inputsOf(needs, known), until, at);
  if (decided.type !== 'refund.denied') return decided;
  let unfinished = false;
  for (const { payment } of known.resolved.payments) {
    const looked = await lookAgain(needs, { merchant: of.merchant, payment, author: of.author });
    unfinished ||= looked === undefined || looked.refunds.some(({ state }) => state === 'pending');
  }
  const resolved = await resolvePayments(needs, of);
  return decisionEvent(needs, inputsOf(needs, { ...known, resolved: { ...resolved, unfinished } }), until, at);
}
