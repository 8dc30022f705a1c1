import { type Currency, limitIn } from './money.ts';
import { hour, type Instant } from './time.ts';

/**
 * How much the machine may approve within an hour of the clock, whatever the policy says: a policy that approves what it should not, or
 * a shop's secret in the wrong hands, costs no more than this until a person looks (F50). People's approvals are not counted.
 */
export interface HourlyLimit {
  readonly refunds: number;
  /** Of any currency, in its major unit, such as `"20000.00"`: each currency is counted for itself. */
  readonly amount: string;
}

/** What was approved, or lent to a process to approve, in one hour. */
export interface Spent {
  /** Hours since the epoch. */
  readonly hour: number;
  readonly refunds: number;
  readonly amounts: readonly { readonly currency: Currency; readonly spentMinor: bigint }[];
}

export interface Wanted {
  readonly currency: Currency;
  readonly amountMinor: bigint;
}

/** Some of the hour's allowance: of how many of any currency, and of how much of one. */
export interface Lent {
  readonly hour: number;
  readonly refunds: number;
  readonly amountMinor: bigint;
}

/** What of a refund whoever asks has in hand already. Nothing is lent beside it, or it would be lost to others with the hour. */
export interface InHand {
  readonly refund: boolean;
  readonly amount: boolean;
}

export const hourOf = (at: Instant): number => Math.floor(at / hour);

/**
 * So much of the allowance is lent at once, where it is more than is asked for: a merchant with many refunds has a write for a few of
 * them. What a process does not use is lost with the hour, which is why it is little.
 */
const lentAtOnce = 200;

/**
 * What is spent after some was lent, and that; undefined where too little is left. An hour other than the one that was counted begins with
 * nothing spent; the one before may still be counted on by a clock that is behind, and is not begun anew by it. Pure.
 */
export function lend(
  known: Spent | undefined,
  limit: HourlyLimit,
  { currency, amountMinor }: Wanted,
  now: Instant,
  has: InHand = { refund: false, amount: false },
): { readonly spent: Spent; readonly lent: Lent } | undefined {
  const spent = current(known, hourOf(now));
  const before = spent.amounts.find((one) => one.currency === currency)?.spentMinor ?? 0n;
  const most = limitIn(currency, limit.amount) ?? 0n;
  const left = { refunds: limit.refunds - spent.refunds, amountMinor: most - before };
  if ((!has.refund && left.refunds < 1) || (!has.amount && left.amountMinor < amountMinor)) return undefined;
  const refunds = has.refund ? 0 : Math.min(left.refunds, Math.max(1, Math.floor(limit.refunds / lentAtOnce)));
  const several = most / BigInt(lentAtOnce);
  const some = several > amountMinor ? (several < left.amountMinor ? several : left.amountMinor) : amountMinor;
  const lentMinor = has.amount ? 0n : some;
  const others = spent.amounts.filter((one) => one.currency !== currency);
  return {
    spent: {
      hour: spent.hour,
      refunds: spent.refunds + refunds,
      amounts: [...others, { currency, spentMinor: before + lentMinor }],
    },
    lent: { hour: spent.hour, refunds, amountMinor: lentMinor },
  };
}

/** One hour ahead is a clock that is a little ahead at the end of an hour; what one that is far ahead counted goes on in this hour (F26). */
function current(known: Spent | undefined, now: number): Spent {
  if (known === undefined || known.hour < now) return { hour: now, refunds: 0, amounts: [] };
  return isOf(known.hour, now) ? known : { ...known, hour: now };
}

/** Whether what was counted, or lent, for an hour holds now. */
export const isOf = (counted: number, now: number): boolean => counted === now || counted === now + 1;
