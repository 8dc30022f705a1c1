import type { PaymentEvent } from '../domain/balance.ts';
import type { MerchantId, PaymentId } from '../domain/ids.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { legOf, type Refund } from '../domain/refund/state.ts';
import { paymentStream } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { load } from './journal.ts';
import type { Needs } from './needs.ts';

/**
 * Whether somebody else refunded on a payment that these events let go on, since it was put before a person: in the dashboard, say, because
 * the refund waited for so long. Who says yes may not have seen it, and it may be this very money (F44).
 */
export async function refundedElsewhere(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  refund: Refund,
  events: readonly RefundEvent[],
): Promise<boolean> {
  for (const { payment, since } of heldOn(refund, events))
    if (await adoptedSince(needs, merchant, payment, since)) return true;
  return false;
}

/** The payments on which something that was held is to go on, and since when it was. */
function heldOn(refund: Refund, events: readonly RefundEvent[]): { payment: PaymentId; since: Instant }[] {
  return events.flatMap((event) => {
    if (event.type === 'refund.approved' && refund.is === 'held')
      return event.legs.map(({ payment }) => ({ payment, since: refund.since }));
    if (event.type !== 'leg.released') return [];
    const { payment, now } = legOf(refund, event.leg);
    return now.is === 'held' ? [{ payment, since: now.since }] : [];
  });
}

/** Counted as somebody else's since then, and not given back. */
async function adoptedSince(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  payment: PaymentId,
  since: Instant,
): Promise<boolean> {
  const { entries } = await load<PaymentEvent>(needs, paymentStream(merchant, payment));
  const events = entries.filter(({ at }) => at > since).flatMap((entry) => entry.events);
  const returned = events.flatMap((event) => (event.type === 'payment.adoption-reversed' ? [event.theirs] : []));
  return events.some((event) => event.type === 'payment.refund-adopted' && !returned.includes(event.theirs));
}
