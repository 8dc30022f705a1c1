import type { PaymentEvent } from '../domain/balance.ts';
import type { MerchantId, PaymentId } from '../domain/ids.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { letGoToSend, type News } from '../domain/refund/people.ts';
import type { Refund } from '../domain/refund/state.ts';
import { paymentStream } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, later, plus } from '../domain/time.ts';
import { type Shown, type Unseen, unseenOn } from '../domain/unseen.ts';
import { blindOrder } from './blind.ts';
import { load } from './journal.ts';
import { getPayment, type KnownOrder, knownOrder, type PaymentNeeds } from './payments.ts';
import type { Loaded } from './refunds.ts';

/**
 * What waits may be paid by somebody else meanwhile, in the gateway's dashboard, because it waits; or by the customer's bank. So there is one
 * rule (F44, F46): what would be sent, and somebody else refunded on a payment of its order after what was decided from, or a dispute was
 * lost after the ones that were shown, is shown to a person first. Whatever let it go on: a yes asks here before it counts, and every
 * request before its right is taken, which holds only on the entries that were looked at here.
 */
type ElsewhereNeeds = Pick<PaymentNeeds, 'table' | 'blind'>;

/** Of what a yes lets go on: what nobody was shown; undefined where there is none. `newest`: by the clock of whoever counted it. */
export async function notShown(
  needs: ElsewhereNeeds,
  { merchant, refund }: Pick<Loaded, 'merchant' | 'refund'>,
  yes: readonly RefundEvent[],
): Promise<(News & { readonly newest: Instant }) | undefined> {
  const goesOn = yes.some(({ type }) => type === 'refund.approved' || type === 'refund.resumed');
  const waited = refund.is === 'held' ? (goesOn ? [ofPlan(refund)] : []) : letGoToSend(refund, yes).map(ofLeg);
  if (waited.length === 0) return undefined;
  const { payments } = await paymentsOf(needs, merchant, refund);
  const found = await Promise.all(
    payments.map(async (payment) => {
      const { entries } = await load<PaymentEvent>(needs, paymentStream(merchant, payment));
      return { payment, version: entries.length, unseen: waited.map((shown) => unseenOn({ payment, entries }, shown)) };
    }),
  );
  const newest = newestOf(found.flatMap(({ unseen }) => unseen));
  if (newest === undefined) return undefined;
  const on = (is: keyof Unseen) => found.filter(({ unseen }) => unseen.some((one) => one[is] !== undefined));
  return {
    elsewhere: on('elsewhere').length > 0,
    chargedBack: on('chargedBack').map(({ payment }) => payment),
    seen: Object.fromEntries(found.map(({ payment, version }) => [payment, version])),
    newest,
  };
}

/** A plan that is held for a chargeback tells of those that were lost by then. */
const ofPlan = ({ unseenSince, seen, reasons, chargebacksSeen }: Extract<Refund, { is: 'held' }>): Shown => ({
  unseenSince,
  ...(seen && { seen }),
  ...(chargebacksSeen && reasons.includes('charged-back') && { chargebacks: chargebacksSeen }),
});

/** One that nobody let go on knowing of a chargeback is held for any (`mayLock`). */
export function ofLeg({ unseenSince, seen, payment, chargebackKnown, chargebacksSeen, now }: Leg): Shown {
  const told = now.is === 'held' && now.reasons.includes('charged-back') ? now.chargebacks : undefined;
  const last = told ?? (chargebackKnown ? chargebacksSeen : undefined);
  return { unseenSince, ...(seen && { seen }), ...(last !== undefined && { chargebacks: { [payment]: last } }) };
}

/**
 * Not dated before what it shows, where clocks are as far apart as they may be: whoever reads them sees one after the other. A clock that was
 * further ahead than that is not followed, since all else that is due of the refund would be due by it.
 */
export const datedAfter = (newest: Instant, now: Instant, { skewMs }: Tempo): Instant =>
  later(now, earlier(newest, plus(now, skewMs)));

/** Of these, the newest by the clock of whoever counted it. */
export const newestOf = (all: readonly Unseen[]): Instant | undefined => {
  const [first, ...more] = all.flatMap(({ elsewhere, chargedBack }) => [elsewhere ?? [], chargedBack ?? []].flat());
  return first === undefined ? undefined : more.reduce(later, first);
};

export interface Look {
  readonly payment: PaymentId;
  /** Of its head, on which a right to send depends. */
  readonly version: number;
  /** Of its stream, as it was read after that. */
  readonly length: number;
  readonly unseen: Unseen;
}

/** The head first: what comes between it and the stream is looked at, and moves the head. A stream that has nothing new is not read. */
export async function lookAt(
  needs: ElsewhereNeeds,
  merchant: MerchantId,
  shown: Shown,
  of: { readonly payment: PaymentId; readonly version?: number },
): Promise<Look> {
  const { payment } = of;
  const version = of.version ?? (await getPayment(needs, merchant, payment))?.version ?? 0;
  const { seen, chargebacks } = shown;
  if (seen?.[payment] === version && (chargebacks?.[payment] ?? version) === version)
    return { payment, version, length: version, unseen: {} };
  const { entries } = await load<PaymentEvent>(needs, paymentStream(merchant, payment));
  return { payment, version, length: entries.length, unseen: unseenOn({ payment, entries }, shown) };
}

/** The payments of a refund and of its order, and the order by which they were all. */
export async function paymentsOf(
  needs: ElsewhereNeeds,
  merchant: MerchantId,
  refund: Refund,
): Promise<{ readonly payments: readonly PaymentId[]; readonly order?: KnownOrder }> {
  if (refund.is === 'none') return { payments: [] };
  const planned = refund.is === 'approved' ? refund.legs : refund.is === 'held' ? refund.plan : [];
  const order = await knownOrder(needs, merchant, await blindOrder(needs.blind, merchant, refund.order));
  return { payments: [...new Set([...planned.map(({ payment }) => payment), ...order.payments])], order };
}
