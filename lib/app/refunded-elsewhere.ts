import type { PaymentEvent } from '../domain/balance.ts';
import type { MerchantId, PaymentId } from '../domain/ids.ts';
import { hold } from '../domain/refund/decide.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { letGoToSend } from '../domain/refund/people.ts';
import type { Refund } from '../domain/refund/state.ts';
import { paymentStream } from '../domain/streams.ts';
import { earlier, type Instant, later, plus } from '../domain/time.ts';
import { waitForEpoch } from './ask-before.ts';
import { blindOrder } from './blind.ts';
import { controlHead } from './control.ts';
import { changeAsRead } from './evidence.ts';
import { load } from './journal.ts';
import { type PaymentNeeds, paymentsOfOrder } from './payments.ts';
import type { Loaded } from './refunds.ts';
import { type Acted, alarmHeld, type ExecuteNeeds, type Turn } from './turn.ts';

/**
 * What waits may be paid by somebody else meanwhile, in the gateway's dashboard, because it waits. So there is one rule (F44): what would be
 * sent after a wait, and somebody else refunded on a payment of its order since, is shown to a person first. Whatever let it go on: a yes
 * asks here before it counts, and every request asks here before it is made (`unseenSince` of a refund and of a leg).
 */
type ElsewhereNeeds = Pick<PaymentNeeds, 'table' | 'blind'>;

/** Of what a yes lets go on: when the newest was counted that nobody was shown; undefined where there is none. */
export async function refundedElsewhere(
  needs: ElsewhereNeeds,
  { merchant, refund }: Pick<Loaded, 'merchant' | 'refund'>,
  yes: readonly RefundEvent[],
): Promise<Instant | undefined> {
  const goesOn = yes.some(({ type }) => type === 'refund.approved' || type === 'refund.resumed');
  const waited = refund.is === 'held' ? (goesOn ? [refund] : []) : letGoToSend(refund, yes);
  const [first, ...more] = waited.map(({ unseenSince }) => unseenSince);
  return first === undefined ? undefined : newestAfter(needs, merchant, refund, more.reduce(earlier, first));
}

/**
 * Before a request of which the gateway has nothing: a leg that waited, for a stop to end, a gateway to answer or a dispute to be won, is held
 * once. Not before one that is itself the question whether there is something. What follows its approval at once asks nobody.
 */
export async function holdUnseen(needs: ExecuteNeeds, turn: Turn): Promise<Acted | undefined> {
  const { leg, loaded, gateway } = turn;
  const now = needs.clock.now();
  if (leg.now.is !== 'ready' && gateway.capabilities.lookup !== 'authoritative') return undefined;
  if (now <= plus(leg.unseenSince, needs.tempo.graceMs)) return undefined;
  const newest = await newestAfter(needs, loaded.merchant, loaded.refund, leg.unseenSince);
  if (newest === undefined) return undefined;
  // A deployment of another restore epoch has not asked whether the leg's own money is there: it decides nothing.
  const control = await controlHead(needs, loaded.merchant);
  const other = await waitForEpoch(needs, turn, control);
  if (other !== undefined) return other;
  alarmHeld(needs, turn, 'refunded-elsewhere');
  const holding = (refund: Refund, at: Instant) =>
    hold(refund, leg.leg, ['refunded-elsewhere'], { now: at, tempo: needs.tempo });
  // Not dated before what it shows, however far clocks are apart: the same must not be asked again.
  return changeAsRead(needs, turn, holding, later(now, newest));
}

/** When the newest refund was counted as somebody else's, after `since` and not given back, on any payment of the refund or of its order. */
async function newestAfter(
  needs: ElsewhereNeeds,
  merchant: MerchantId,
  refund: Refund,
  since: Instant,
): Promise<Instant | undefined> {
  if (refund.is === 'none') return undefined;
  const planned = refund.is === 'approved' ? refund.legs : refund.is === 'held' ? refund.plan : [];
  const ofOrder = await paymentsOfOrder(needs, merchant, await blindOrder(needs.blind, merchant, refund.order));
  const payments = new Set([...planned.map(({ payment }) => payment), ...ofOrder]);
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
