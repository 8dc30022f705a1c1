import type { HoldReason } from './hold-reason.ts';
import type { Leg } from './leg.ts';
import { gaveAllBack, gaveBack } from './money-back.ts';
import { backMinor, type Refund } from './state.ts';

/** The word people and lists see. One refund has one; its legs may stand elsewhere. */
export type Status =
  | 'waiting'
  | 'held'
  | 'denied'
  | 'approved'
  | 'sending'
  | 'unknown'
  | 'pending'
  | 'refunded'
  | 'partly-refunded'
  | 'failed'
  | 'cancelled';

export const statuses: readonly Status[] = [
  'waiting',
  'held',
  'denied',
  'approved',
  'sending',
  'unknown',
  'pending',
  'refunded',
  'partly-refunded',
  'failed',
  'cancelled',
];

/** States that need nothing more from us, unless the gateway changes its mind. */
export const final: ReadonlySet<Status> = new Set(['denied', 'refunded', 'partly-refunded', 'failed', 'cancelled']);

/** The status of a refund: of several legs, the one that most needs attention speaks. */
export function statusOf(refund: Refund): Status {
  switch (refund.is) {
    case 'none':
    case 'requested':
      return 'waiting';
    case 'approved':
      return ofLegs(refund.legs);
    default:
      return refund.is;
  }
}

function ofLegs(legs: readonly Leg[]): Status {
  const some = (...states: Leg['now']['is'][]) => legs.some((leg) => states.includes(leg.now.is));
  if (some('held')) return 'held';
  if (some('unknown')) return 'unknown';
  if (some('sending')) return 'sending';
  if (some('ready')) return 'approved';
  if (some('pending')) return 'pending';
  if (!legs.some(gaveBack)) return 'failed';
  return legs.every(gaveAllBack) ? 'refunded' : 'partly-refunded';
}

/** Why it stands where it stands, as short codes. */
export function reasonsOf(refund: Refund): readonly string[] {
  switch (refund.is) {
    case 'waiting':
      return [refund.reason];
    case 'held':
    case 'denied':
      return refund.reasons;
    case 'approved':
      return [
        ...new Set([
          ...refund.legs.flatMap((leg) => [...ofLeg(leg), ...ofDispute(leg)]),
          ...(refund.telling?.is === 'given-up' ? ['shop-not-told'] : []),
          ...(toldOtherwise(refund) ? ['shop-record-differs'] : []),
        ]),
      ];
    default:
      return [];
  }
}

/**
 * The shop's one record may say another amount than the customer has back: a person corrects it, since a second record would be for the
 * same money. Not while a part is under way or held: that is seen as such.
 */
export function toldOtherwise(refund: Refund): boolean {
  if (refund.is !== 'approved' || refund.telling?.is !== 'told') return false;
  if (!['refunded', 'partly-refunded', 'failed'].includes(statusOf(refund))) return false;
  const back = backMinor(refund);
  return refund.telling.amountsMinor.some((amountMinor) => amountMinor !== back);
}

/** Of what was refunded and is disputed: the customer may be paid twice, and somebody should tell the bank. */
export function ofDispute({ disputed }: Leg): readonly string[] {
  if (disputed === 'open') return ['disputed'];
  return disputed === 'lost' ? ['charged-back' satisfies HoldReason] : [];
}

/** Why a leg stands where it stands. */
export function ofLeg(leg: Leg): readonly string[] {
  switch (leg.now.is) {
    case 'held':
      return leg.now.reasons satisfies readonly HoldReason[];
    case 'unknown':
      return [leg.now.why];
    case 'pending':
    case 'failed':
      return leg.now.reason === undefined ? [] : [leg.now.reason];
    case 'refused':
      return [leg.now.code];
    case 'closed':
      return ['closed-by-person'];
    default:
      return [];
  }
}
