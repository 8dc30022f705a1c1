import type { ConnectionName } from './ids.ts';
import type { Currency } from './money.ts';
import type { Instant } from './time.ts';

/** What happened to a payment, on the gateway's word. */
export type PaymentEvent =
  | {
      readonly type: 'payment.learned';
      readonly v: 1;
      readonly connection: ConnectionName;
      readonly currency: Currency;
      /** Its names at the gateway and its order, encrypted. */
      readonly sealed: string;
    }
  /** `theirs` is the blind index of their capture id; the amount is what this capture adds. */
  | {
      readonly type: 'payment.captured';
      readonly v: 1;
      readonly theirs: string;
      readonly amountMinor: bigint;
      readonly at: Instant;
    }
  /** A refund that is not ours: made in the dashboard or by another system. */
  | { readonly type: 'payment.refund-adopted'; readonly v: 1; readonly theirs: string; readonly amountMinor: bigint }
  /** An adopted refund failed, or turned out to be ours. */
  | {
      readonly type: 'payment.adoption-reversed';
      readonly v: 1;
      readonly theirs: string;
      readonly amountMinor: bigint;
    }
  /** The customer's bank disputes it: nothing is sent until the dispute ends. One that we hear of when it is over is opened and closed at once. */
  | {
      readonly type: 'payment.dispute-opened';
      readonly v: 1;
      readonly theirs: string;
      readonly kind: 'inquiry' | 'formal';
      /** The gateway's short code. */
      readonly reason?: string;
    }
  /** The money stays with the merchant. */
  | { readonly type: 'payment.dispute-won'; readonly v: 1; readonly theirs: string }
  /** The money went back through the bank: so much of the payment is gone, whatever is left. */
  | { readonly type: 'payment.dispute-lost'; readonly v: 1; readonly theirs: string; readonly amountMinor: bigint }
  /** The card network suspects fraud; nothing is disputed yet. Changes no balance. */
  | {
      readonly type: 'payment.fraud-warned';
      readonly v: 1;
      readonly theirs: string;
      readonly actionable: boolean;
      readonly reason?: string;
    };

/** A payment's balance, in minor units of its one currency. */
export interface Balance {
  readonly capturedMinor: bigint;
  /** captured − charged back − everything promised or refunded. Below zero only by what the gateway reports. */
  readonly availableMinor: bigint;
  /** Refunds that the gateway calls succeeded, ours and adopted ones. */
  readonly refundedMinor: bigint;
  readonly chargedBackMinor: bigint;
  /** Disputes that are open now. */
  readonly disputes: number;
  /** The leg that has a request under way or unanswered. */
  readonly inFlight?: string;
}

export const empty: Balance = {
  capturedMinor: 0n,
  availableMinor: 0n,
  refundedMinor: 0n,
  chargedBackMinor: 0n,
  disputes: 0,
};

/** The balance after a fact from the gateway. Guarded by the fact's own id, never by the balance: reality may drive it below zero. */
export function learn(balance: Balance, event: PaymentEvent): Balance {
  switch (event.type) {
    case 'payment.learned':
    case 'payment.fraud-warned':
      return balance;
    case 'payment.captured':
      return {
        ...balance,
        capturedMinor: balance.capturedMinor + event.amountMinor,
        availableMinor: balance.availableMinor + event.amountMinor,
      };
    case 'payment.refund-adopted':
      return {
        ...balance,
        availableMinor: balance.availableMinor - event.amountMinor,
        refundedMinor: balance.refundedMinor + event.amountMinor,
      };
    case 'payment.adoption-reversed':
      return {
        ...balance,
        availableMinor: balance.availableMinor + event.amountMinor,
        refundedMinor: balance.refundedMinor - event.amountMinor,
      };
    case 'payment.dispute-opened':
      return { ...balance, disputes: balance.disputes + 1 };
    case 'payment.dispute-won':
      return { ...balance, disputes: balance.disputes - 1 };
    case 'payment.dispute-lost':
      return {
        ...balance,
        disputes: balance.disputes - 1,
        chargedBackMinor: balance.chargedBackMinor + event.amountMinor,
        availableMinor: balance.availableMinor - event.amountMinor,
      };
  }
}
