import type { Faults, SimCall, SimResponse } from '../../kit/simulator.ts';
import { noFaults } from '../../kit/simulator.ts';
import type { Bucket } from './simulator-limits.ts';

/** Everything the simulated account knows: plain JSON. Amounts are Stripe's integers, times are seconds unless named `…Ms`. */
export interface StripeState {
  /** Numbers the requests, objects and events, so that every id and every label of chance is new. */
  counter: number;
  readonly payments: SimulatedPayment[];
  readonly refunds: SimulatedRefund[];
  /** By `key:` and the idempotency key, which may be any text. */
  readonly keys: Record<string, StoredKey>;
  readonly running: Record<string, Running>;
  readonly later: Later[];
  readonly disputes: SimulatedDispute[];
  readonly calls: SimCall[];
  /** Where limits are on: what is left of each endpoint and of the account. */
  readonly buckets: Record<string, Bucket>;
  faults: Faults;
}

export interface SimulatedPayment {
  /** Null for a charge that was made without a PaymentIntent. */
  readonly intent: string | null;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly order: string | null;
  /** Of `amount`, which was authorised; 0 for an authorisation only. */
  captured: number;
  /** The authorisation was given up: nothing more is captured. */
  voided: boolean;
  /** Its refunds wait for the customer, as with vouchers: they start as `requires_action`. */
  readonly refundsNeedAction: boolean;
  /** Its refunds start as `pending` for this reason, and stay so until somebody moves them. */
  readonly refundsPending: string | null;
}

export interface SimulatedDispute {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly reason: string;
  status: string;
}

export interface SimulatedRefund {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly reason: string | null;
  readonly key: string | null;
  status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';
  /** While it is pending. */
  pendingReason: string | null;
  failureReason: string | null;
}

/** Without a reply it is in use: the first request with it is being executed. */
export interface StoredKey {
  readonly fingerprint: string;
  readonly atMs: number;
  reply?: SimResponse;
}

/** A refund request between `begin` and `complete`. */
export interface Running {
  readonly params: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly spoiled: boolean;
}

/** A refund's status will change by itself. */
export interface Later {
  readonly atMs: number;
  readonly refund: string;
  readonly to: 'succeeded' | 'failed';
}

export const emptyState = (): StripeState => ({
  counter: 0,
  payments: [],
  refunds: [],
  keys: {},
  running: {},
  later: [],
  disputes: [],
  calls: [],
  buckets: {},
  faults: noFaults,
});

/** The next id with a prefix. Real ones are random; these tell their order, which helps whoever reads a failure. */
export function nextId(state: StripeState, prefix: string): string {
  state.counter++;
  return `${prefix}_sim${String(state.counter).padStart(8, '0')}`;
}

export const paymentOf = (state: StripeState, name: string | undefined): SimulatedPayment | undefined =>
  state.payments.find(({ intent, charge }) => name !== undefined && (intent === name || charge === name));

/** Money that did not reach the customer counts no more. */
export const refundedOf = (state: StripeState, payment: SimulatedPayment): number =>
  state.refunds
    .filter(({ charge, status }) => charge === payment.charge && status !== 'failed' && status !== 'canceled')
    .reduce((sum, { amount }) => sum + amount, 0);

/** Whose account it is, as it says itself. */
export const simulatedAccountId = 'acct_sim';
