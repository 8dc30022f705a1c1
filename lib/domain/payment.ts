import type { Balance } from './balance.ts';
import type { PaymentId } from './ids.ts';
import type { RefundEvent } from './refund/event.ts';
import { type Leg, mayHaveMoved } from './refund/leg.ts';
import { atLeast, countedMinor, heldBackMinor } from './refund/money-back.ts';
import { evolve, legOf, type Refund } from './refund/state.ts';
import type { Instant } from './time.ts';

/** What one entry does to one payment; applied in the transaction that appends the entry. */
export interface Effect {
  readonly payment: PaymentId;
  /** Taken from `available` only if so much is there: our own promises. */
  readonly reserveMinor: bigint;
  /** Added to `available` whatever is there: facts, and amounts given back. */
  readonly moveMinor: bigint;
  readonly refundedMinor: bigint;
  readonly lock?: string;
  /** The place is taken on this entry of the payment or not at all: what came after it was not looked at. */
  readonly asOf?: number;
  /** A person let this leg go on although money of the payment was charged back. */
  readonly despiteChargeback?: true;
  readonly unlock?: string;
}

/** Who holds a payment's one place for requests. Names the leg, not the sending: resending keeps the place. */
export const holder = (refund: string, leg: number): string => `${refund}/${leg}`;

/** What an entry does to payments: one effect for each. `before` is the refund's state ahead of the first event. Pure. */
export function effectsOf(refundId: string, before: Refund, events: readonly RefundEvent[], at: Instant): Effect[] {
  let state = before;
  const effects: Effect[] = [];
  for (const event of events) {
    effects.push(...effectsOfOne(refundId, state, event));
    state = evolve(state, event, at);
  }
  return merge(effects);
}

function effectsOfOne(refundId: string, before: Refund, event: RefundEvent): Effect[] {
  switch (event.type) {
    case 'refund.approved':
      return event.legs.map((leg) => effect(leg.payment, { reserveMinor: leg.amountMinor }));
    case 'refund.cancelled':
      return before.is === 'approved'
        ? before.legs.map((leg) => effect(leg.payment, { moveMinor: leg.amountMinor }))
        : [];
    default:
      return 'leg' in event ? legEffect(refundId, legOf(before, event.leg), event) : [];
  }
}

function legEffect(refundId: string, leg: Leg, event: Extract<RefundEvent, { leg: number }>): Effect[] {
  const { payment, amountMinor } = leg;
  const place = holder(refundId, leg.leg);
  const unlock = holdsPlace(leg) ? { unlock: place } : {};
  switch (event.type) {
    case 'leg.sending':
      return [
        effect(payment, {
          lock: place,
          ...(event.asOf !== undefined && { asOf: event.asOf }),
          ...(leg.chargebackKnown && { despiteChargeback: true }),
        }),
      ];
    case 'leg.accepted': {
      const said = event.amountMinor ?? amountMinor;
      const refundedMinor = event.state === 'succeeded' ? said - countedMinor(leg) : 0n;
      return [effect(payment, { ...unlock, moveMinor: takenMinor(leg) - atLeast(leg, said), refundedMinor })];
    }
    case 'leg.deferred':
      return leg.doubtSince === undefined ? [effect(payment, unlock)] : [];
    case 'leg.renewed':
      return [effect(payment, unlock)];
    case 'leg.refused':
    case 'leg.failed':
      return [
        effect(payment, {
          ...unlock,
          moveMinor: takenMinor(leg),
          refundedMinor: -countedMinor(leg),
        }),
      ];
    case 'leg.surplus':
      return [effect(payment, { moveMinor: -event.amountMinor, refundedMinor: event.amountMinor })];
    case 'leg.surplus-failed':
      return [effect(payment, { moveMinor: event.amountMinor, refundedMinor: -event.amountMinor })];
    case 'leg.lost':
      return [effect(payment, { moveMinor: takenMinor(leg) - amountMinor, refundedMinor: -countedMinor(leg) })];
    case 'leg.released':
      return promised(leg) ? [] : [effect(payment, { reserveMinor: amountMinor })];
    case 'leg.closed':
      return [effect(payment, { ...unlock, moveMinor: promised(leg) && !mayHaveMoved(leg) ? amountMinor : 0n })];
    case 'leg.unknown':
    case 'leg.absent':
    case 'leg.noted':
    case 'leg.disputed':
    case 'leg.held':
    case 'leg.restated':
      return [];
  }
}

/** Whether the leg's amount is taken out of `available` now. */
export function promised(leg: Leg): boolean {
  const state = leg.now.is === 'held' ? leg.now.from : leg.now;
  switch (state.is) {
    case 'refused':
    case 'failed':
      return false;
    case 'closed':
      return state.inDoubt;
    default:
      return true;
  }
}

/** How much that is: as much as the gateway says has moved, where that is more (F78). */
export const takenMinor = (leg: Leg): bigint => (promised(leg) ? heldBackMinor(leg) : 0n);

/** Whether the leg holds its payment's one place: from the right to send until a known outcome, also while it is held without one. */
export function holdsPlace(leg: Leg): boolean {
  const state = leg.now.is === 'held' ? leg.now.from : leg.now;
  return state.is === 'sending' || (state.is === 'unknown' && state.lost !== true);
}

const effect = (payment: PaymentId, part: Partial<Omit<Effect, 'payment'>>): Effect => ({
  payment,
  reserveMinor: 0n,
  moveMinor: 0n,
  refundedMinor: 0n,
  ...part,
});

/** One per payment: a transaction names each item once. */
function merge(effects: readonly Effect[]): Effect[] {
  const byPayment = new Map<PaymentId, Effect>();
  for (const one of effects) {
    const known = byPayment.get(one.payment);
    byPayment.set(
      one.payment,
      known === undefined
        ? one
        : {
            ...known,
            ...one,
            reserveMinor: known.reserveMinor + one.reserveMinor,
            moveMinor: known.moveMinor + one.moveMinor,
            refundedMinor: known.refundedMinor + one.refundedMinor,
          },
    );
  }
  return [...byPayment.values()];
}

export type Blocked = 'exceeds-available' | 'in-flight' | 'disputed' | 'charged-back' | 'overdrawn';

/** The balance after `effect`, or what stands in the way. The store's conditions say the same in its own words. */
export function apply(balance: Balance, one: Effect): Balance | Blocked {
  if (one.reserveMinor > 0n && balance.availableMinor < one.reserveMinor) return 'exceeds-available';
  if (one.lock !== undefined) {
    if (balance.inFlight !== undefined && balance.inFlight !== one.lock) return 'in-flight';
    if (balance.disputes > 0) return 'disputed';
    if (balance.chargedBackMinor > 0n && one.despiteChargeback !== true) return 'charged-back';
    if (balance.availableMinor < 0n) return 'overdrawn';
  }
  const { inFlight, ...rest } = balance;
  const kept = one.lock ?? (inFlight === one.unlock ? undefined : inFlight);
  return {
    ...rest,
    availableMinor: balance.availableMinor - one.reserveMinor + one.moveMinor,
    refundedMinor: balance.refundedMinor + one.refundedMinor,
    ...(kept === undefined ? {} : { inFlight: kept }),
  };
}
