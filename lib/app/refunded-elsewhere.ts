import type { PaymentEvent } from '../domain/balance.ts';
import type { MerchantId, PaymentId } from '../domain/ids.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { letGoToSend } from '../domain/refund/people.ts';
import type { Refund } from '../domain/refund/state.ts';
import { paymentStream } from '../domain/streams.ts';
import { earlier, type Instant, later } from '../domain/time.ts';
import { load } from './journal.ts';
import type { PaymentNeeds } from './payments.ts';
import type { Loaded } from './refunds.ts';

/**
 * What waits may be paid by somebody else meanwhile, in the gateway's dashboard, because it waits. Who says yes may not have seen it: it is
 * shown to them before their yes counts (F44). `unseenSince` of a refund and of a leg says since when nobody was shown anything.
 */
type ElsewhereNeeds = Pick<PaymentNeeds, 'table'>;

/** Of what a yes lets go on: when the newest was counted that nobody was shown; undefined where there is none. */
export async function refundedElsewhere(
  needs: ElsewhereNeeds,
  { merchant, refund }: Pick<Loaded, 'merchant' | 'refund'>,
  yes: readonly RefundEvent[],
): Promise<Instant | undefined> {
  const goesOn = yes.some(({ type }) => type === 'refund.approved');
  const waited = refund.is === 'held' ? (goesOn ? [refund] : []) : letGoToSend(refund, yes);
  const [first, ...more] = waited.map(({ unseenSince }) => unseenSince);
  return first === undefined ? undefined : newestAfter(needs, merchant, refund, more.reduce(earlier, first));
}

/** When the newest refund was counted as somebody else's, after `since` and not given back, on any payment of the refund. */
async function newestAfter(
  needs: ElsewhereNeeds,
  merchant: MerchantId,
  refund: Refund,
  since: Instant,
): Promise<Instant | undefined> {
  if (refund.is === 'none') return undefined;
  const planned = refund.is === 'approved' ? refund.legs : refund.is === 'held' ? refund.plan : [];
  const payments = new Set(planned.map(({ payment }) => payment));
  const each = await Promise.all([...payments].map((payment) => adoptedAt(needs, merchant, payment)));
  const [first, ...more] = each.flat().filter((at) => at > since);
  return first === undefined ? undefined : more.reduce(later, first);
}

/** When refunds on this payment were counted as somebody else's, those that were not given back. */
async function adoptedAt(needs: ElsewhereNeeds, merchant: MerchantId, payment: PaymentId): Promise<Instant[]> {
  const { entries } = await load<PaymentEvent>(needs, paymentStream(merchant, payment));
  const counted = new Map<string, Instant>();
  for (const { at, events } of entries)
    for (const event of events) {
      if (event.type === 'payment.refund-adopted') counted.set(event.theirs, at);
      if (event.type === 'payment.adoption-reversed') counted.delete(event.theirs);
    }
  return [...counted.values()];
}
