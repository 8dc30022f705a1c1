import type { Balance } from './balance.ts';
import type { ConnectionName, PaymentId } from './ids.ts';
import { type Currency, limitIn } from './money.ts';
import type { DenyReason, PlannedLeg, WaitReason } from './refund/event.ts';
import type { HoldReason } from './refund/hold-reason.ts';

/** What is known of one payment a return may be refunded on, in the order in which payments are used. */
export interface KnownPayment {
  readonly payment: PaymentId;
  readonly connection: ConnectionName;
  readonly currency: Currency;
  readonly balance: Balance;
  /**
   * Whether the payment is bound to this return's order, to none yet, or to another; `same-number` where it was found by the order's
   * reference, and that may be another shop's order.
   */
  readonly order: 'same' | 'none' | 'other' | 'same-number';
  /** Whether its gateway can express this amount in its currency exactly. */
  accepts(amountMinor: bigint): boolean;
}

/** Everything the decision is made from; its digest is stored with the decision (F56). */
export interface Inputs {
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** What the return's own history gave reason to doubt. */
  readonly concerns: readonly HoldReason[];
  /** Reasons that a person looked at and put aside. */
  readonly cleared: readonly HoldReason[];
  readonly payments: readonly KnownPayment[];
  /**
   * The return named its payments, and the journal knows all that became of them; undefined or true. Where they were found by its order,
   * another one may become known; where a refund on one is not finished, it may fail. What is not complete is not denied for want of money.
   */
  readonly complete?: boolean;
  /** Why a payment that was named is not among them; undefined where all are. */
  readonly missing?: WaitReason | undefined;
  /** Nobody waits longer than until now. */
  readonly waitedTooLong: boolean;
  readonly policy: Policy;
}

export interface Policy {
  readonly version: string;
  /** Up to this amount of any currency, in its major unit, no person is asked: `"500.00"`. */
  readonly approvalLimit: string;
}

export type Assessment =
  | { readonly is: 'waiting'; readonly reason: WaitReason }
  | { readonly is: 'held'; readonly reasons: readonly HoldReason[]; readonly legs: readonly PlannedLeg[] }
  | { readonly is: 'denied'; readonly reasons: readonly DenyReason[] }
  | { readonly is: 'approved'; readonly legs: readonly PlannedLeg[] };

/** Approved, held, denied or waiting, with reasons. A pure function of what is known. */
export function assess(given: Inputs): Assessment {
  const inputs = { ...given, payments: eachOnce(given.payments) };
  const { missing, concerns } = inputs;
  const worries = open(inputs, concerns);
  // What the return's own history gives reason to doubt is not forgotten while its payment is awaited.
  if (missing !== undefined && !inputs.waitedTooLong) {
    return worries.length > 0 ? { is: 'held', reasons: worries, legs: [] } : { is: 'waiting', reason: missing };
  }
  if (missing !== undefined || inputs.payments.length === 0) {
    // Found, and nothing to refund: that says it all.
    const why: HoldReason[] = concerns.includes('payment-voided') ? [] : ['payment-not-found'];
    return { is: 'held', reasons: open(inputs, [...why, ...concerns]), legs: [] };
  }
  const plan = allocateToPayments(inputs);
  const doubted = [...concerns, ...doubts(inputs, plan)];
  if (plan.short && inputs.complete !== false && comparable(doubted) && beyondCapture(inputs))
    return { is: 'denied', reasons: ['exceeds-capture'] };
  const reasons = open(inputs, doubted);
  // A plan in a hold is what a person's yes carries out at once: where something makes it impossible, there is none.
  const legs = reasons.some((reason) => stubborn.has(reason)) ? [] : plan.legs;
  return reasons.length > 0 || legs.length === 0 ? { is: 'held', reasons, legs } : { is: 'approved', legs };
}

/** Amounts of different currencies can't be compared, so nothing is denied by comparing them (F39); what the bank took back is for a person (F46). */
const comparable = (doubted: readonly HoldReason[]): boolean =>
  !doubted.includes('other-currency') && !doubted.includes('charged-back');

/** What makes a refund impossible can't be put aside. */
const stubborn: ReadonlySet<HoldReason> = new Set([
  'payment-not-found',
  'exceeds-available',
  'payment-disputed',
  'payment-voided',
  'other-currency',
  'not-expressible',
]);

/** Reasons that nobody put aside. */
const open = (inputs: Inputs, reasons: readonly HoldReason[]): HoldReason[] =>
  [...new Set(reasons)].filter((reason) => stubborn.has(reason) || !inputs.cleared.includes(reason));

/** A payment named twice, by two of its names, has its balance once. */
const eachOnce = (payments: readonly KnownPayment[]): readonly KnownPayment[] =>
  payments.filter((one, index) => payments.findIndex((other) => other.payment === one.payment) === index);

interface Plan {
  readonly legs: readonly PlannedLeg[];
  /** The payments together have not enough left. */
  readonly short: boolean;
}

/** From each payment in the listed order what it has left, until the amount is reached (F48). Never clamps: too little is `short`. */
function allocateToPayments({ amountMinor, payments }: Inputs): Plan {
  let rest = amountMinor;
  const legs: PlannedLeg[] = [];
  for (const { payment, connection, balance } of payments) {
    const part = rest < balance.availableMinor ? rest : balance.availableMinor;
    if (part <= 0n) continue;
    legs.push({ leg: legs.length + 1, payment, connection, amountMinor: part, rail: 'original' });
    rest -= part;
  }
  return { legs, short: rest > 0n };
}

/** More than was ever captured and is not finally gone: no release of another promise could make room (F41). */
function beyondCapture({ amountMinor, payments }: Inputs): boolean {
  const most = payments.reduce(
    (all, { balance }) => all + balance.capturedMinor - balance.chargedBackMinor - balance.refundedMinor,
    0n,
  );
  return amountMinor > most;
}

function doubts(inputs: Inputs, plan: Plan): HoldReason[] {
  const { payments } = inputs;
  const partOf = (payment: PaymentId) => plan.legs.find((leg) => leg.payment === payment)?.amountMinor;
  const reasons: HoldReason[] = [];
  if (payments.some((one) => one.currency !== inputs.currency)) reasons.push('other-currency');
  if (payments.some((one) => one.order === 'other')) reasons.push('other-order');
  if (payments.some((one) => one.order === 'same-number')) reasons.push('other-shop');
  if (payments.some((one) => one.balance.disputes > 0)) reasons.push('payment-disputed');
  // The customer may have this money already, through the bank: whoever says yes must know.
  if (payments.some((one) => one.balance.chargedBackMinor > 0n)) reasons.push('charged-back');
  if (payments.some((one) => one.balance.availableMinor < 0n)) reasons.push('payment-overdrawn');
  if (plan.short) reasons.push('exceeds-available');
  if (payments.some((one) => !one.accepts(partOf(one.payment) ?? 0n) && partOf(one.payment) !== undefined)) {
    reasons.push('not-expressible');
  }
  if (overLimit(inputs)) reasons.push('over-limit');
  return reasons;
}

function overLimit({ amountMinor, currency, policy }: Inputs): boolean {
  const limit = limitIn(currency, policy.approvalLimit);
  return limit === undefined || amountMinor > limit;
}
