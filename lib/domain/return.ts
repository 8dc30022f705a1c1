import type { Snapshot, SnapshotLine } from './notice.ts';
import type { HoldReason } from './refund/hold-reason.ts';
import type { StreamName } from './streams.ts';
import { type Instant, later } from './time.ts';

/**
 * How much of a return has been promised a refund. Notices are cumulative snapshots; a refund covers what a snapshot owes beyond
 * this head and is created in the transaction that raises it. So two events for one parcel can't pay twice, and a second parcel
 * of the same return is paid.
 */
export interface ReturnHead extends InCurrency {
  readonly order: string;
  /**
   * The same in currencies that it was stated in before, and is not now (F39). Absent where there was one only; and where an older version
   * wrote it, which counted every currency into that of the first statement.
   */
  readonly apart?: readonly InCurrency[];
  /** How many refunds there are. */
  readonly count: number;
  readonly cancelled: boolean;
  /** Numbers of the refunds whose promise was taken back. */
  readonly withdrawn: readonly number[];
  /** Digest of the snapshot looked at last: its repetition is nothing new, even where it changed no number. */
  readonly lastSnapshot: string;
  /** When the shop last stated it, as it was recorded here. */
  readonly saidAt?: Instant;
  /** The notice that takes it back just now, and how many refunds there were when it began. */
  readonly cancelling?: { readonly by: StreamName; readonly count: number };
}

/** How much of a return was promised in one currency. Amounts of different currencies have nothing to do with each other. */
export interface InCurrency {
  readonly currency: string;
  readonly lines: readonly SnapshotLine[];
  readonly shipping: Snapshot['shipping'];
  readonly fees: Snapshot['fees'];
  /** Sum of all refunds of this return in this currency, whatever became of them. */
  readonly promisedMinor: bigint;
}

/** How the amount came about: every cent attributed (F37). The parts sum to `amountMinor` exactly. */
export interface Quote {
  readonly lines: readonly {
    readonly id: string;
    readonly quantity: number;
    readonly priceMinor: bigint;
    readonly taxMinor: bigint;
  }[];
  readonly shippingMinor: bigint;
  readonly shippingTaxMinor: bigint;
  /** Negative or zero. */
  readonly feesMinor: bigint;
  /** What keeps the sum from falling below zero, or takes back what an earlier floor gave (F55). */
  readonly residueMinor: bigint;
  readonly amountMinor: bigint;
}

export type Claim =
  | { readonly is: 'nothing-new' }
  /** The head rises, but nothing is to be paid: fees ate it (F55). */
  | { readonly is: 'nothing-owed'; readonly head: ReturnHead }
  | {
      readonly is: 'owed';
      readonly head: ReturnHead;
      readonly number: number;
      readonly quote: Quote;
      readonly concerns: readonly HoldReason[];
    };

/**
 * What `snapshot` owes beyond `head`. `digest` names the snapshot; `doubts` is what its source gave reason for. Pure; the caller writes
 * head and refund in one transaction.
 */
export function claim(
  head: ReturnHead | undefined,
  snapshot: Snapshot,
  digest: string,
  doubts: readonly HoldReason[] = [],
): Claim {
  if (head?.lastSnapshot === digest) return { is: 'nothing-new' };
  const before = head === undefined ? fresh(snapshot) : statedIn(head, snapshot.currency);
  const changed: HoldReason[] = isElsewhere(head, before) ? ['other-currency'] : [];
  const concerns = [...concernsOf(before, snapshot), ...changed, ...doubts];
  // What was cancelled and is stated again with nothing left to pay is no business of anybody.
  const serious = concerns.filter((concern) => concern !== 'return-cancelled');
  if (serious.length === 0 && sameTotals(before, snapshot)) return { is: 'nothing-new' };
  const quote = quoteOf(before, snapshot);
  const raised = raise(before, snapshot, digest);
  if (serious.length === 0 && quote.amountMinor === 0n) return { is: 'nothing-owed', head: raised };
  const number = before.count + 1;
  const head_ = { ...raised, promisedMinor: before.promisedMinor + quote.amountMinor, count: number };
  return { is: 'owed', head: head_, number, quote, concerns };
}

/** Whether anything was ever stated of it, or taken back: of one that was only asked about nothing was. */
export const isStated = ({ lastSnapshot, cancelled }: ReturnHead): boolean => lastSnapshot !== '' || cancelled;

/** The head after the shop stated the return at `at`, whatever came of that. */
export const said = (head: ReturnHead, at: Instant): ReturnHead => ({ ...head, saidAt: later(head.saidAt ?? at, at) });

/** The head after the shop cancelled the return: what is stated from now on goes to a person first. */
export const cancel = (head: ReturnHead | undefined, snapshot: Snapshot): ReturnHead => ({
  ...(head ?? fresh(snapshot)),
  cancelled: true,
});

/** The head with what was promised in this currency in front. What was promised in others is not forgotten, and counts for nothing in it. */
function statedIn(head: ReturnHead, currency: string): ReturnHead {
  if (head.currency === currency) return head;
  const { lines, shipping, fees, promisedMinor } = head;
  const all = [...(head.apart ?? []), { currency: head.currency, lines, shipping, fees, promisedMinor }];
  const mine = all.find((one) => one.currency === currency) ?? nothingIn(currency);
  return { ...head, ...mine, apart: all.filter((one) => one !== mine) };
}

/** It was stated in another currency last, or is promised a refund in another one: that may be for the same goods. */
const isElsewhere = (head: ReturnHead | undefined, now: ReturnHead): boolean =>
  head !== undefined &&
  (head.currency !== now.currency || (now.apart ?? []).some(({ promisedMinor }) => promisedMinor > 0n));

const nothingIn = (currency: string): InCurrency => ({
  currency,
  lines: [],
  shipping: { amountMinor: 0n, taxMinor: 0n },
  fees: [],
  promisedMinor: 0n,
});

/** The head of a return of which nothing was stated yet. */
export const fresh = ({ order, currency }: Pick<Snapshot, 'order' | 'currency'>): ReturnHead => ({
  ...nothingIn(currency),
  order,
  count: 0,
  cancelled: false,
  withdrawn: [],
  lastSnapshot: '',
});

/** Σ(price + tax), in minor units. */
export const goodsMinor = (lines: readonly Pick<SnapshotLine, 'priceMinor' | 'taxMinor'>[]): bigint =>
  lines.reduce((all, line) => all + line.priceMinor + line.taxMinor, 0n);

/** Goods + shipping + its tax − fees, in minor units; below zero where fees are more. */
export const owedMinor = ({ lines, shipping, fees }: Pick<Snapshot, 'lines' | 'shipping' | 'fees'>): bigint =>
  goodsMinor(lines) + shipping.amountMinor + shipping.taxMinor - feesOf(fees);

export const feesOf = (fees: Snapshot['fees']) => fees.reduce((all, fee) => all + fee.amountMinor, 0n);
const lineOf = (lines: readonly SnapshotLine[], id: string) => lines.find((line) => line.id === id);

function concernsOf(before: ReturnHead, now: Snapshot): HoldReason[] {
  const concerns: HoldReason[] = [];
  if (before.cancelled) concerns.push('return-cancelled');
  if (before.order !== now.order) concerns.push('other-order');
  if (shrank(before, now)) concerns.push('return-shrank');
  if (repriced(before, now)) concerns.push('return-changed');
  return concerns;
}

function shrank(before: ReturnHead, now: Snapshot): boolean {
  const lines = before.lines.some((line) => (lineOf(now.lines, line.id)?.quantity ?? 0) < line.quantity);
  const shipping =
    now.shipping.amountMinor < before.shipping.amountMinor || now.shipping.taxMinor < before.shipping.taxMinor;
  return lines || shipping || max0(owedMinor(now)) < before.promisedMinor;
}

/** The same goods at another price, or fees that fell: somebody changed their mind, a person looks. */
function repriced(before: ReturnHead, now: Snapshot): boolean {
  const lines = before.lines.some((line) => {
    const next = lineOf(now.lines, line.id);
    return next !== undefined && !(samePrice(line, next, 'priceMinor') && samePrice(line, next, 'taxMinor'));
  });
  return lines || feesOf(now.fees) < feesOf(before.fees);
}

/** Per unit, to within the rounding of a line: 33.33 for one and 66.67 for two is the same price. */
function samePrice(a: SnapshotLine, b: SnapshotLine, field: 'priceMinor' | 'taxMinor'): boolean {
  const difference = a[field] * BigInt(b.quantity) - b[field] * BigInt(a.quantity);
  const slack = a.quantity === b.quantity ? 0n : BigInt(Math.max(a.quantity, b.quantity));
  return difference <= slack && difference >= -slack;
}

function sameTotals(before: ReturnHead, now: Snapshot): boolean {
  return (
    now.lines.every((line) => {
      const known = lineOf(before.lines, line.id);
      return known !== undefined && known.quantity === line.quantity;
    }) &&
    owedMinor(before) === owedMinor(now) &&
    // After a held shrink the head states more than was promised: then the same totals are still owed.
    max0(owedMinor(now)) <= before.promisedMinor &&
    feesOf(before.fees) === feesOf(now.fees)
  );
}

function quoteOf(before: ReturnHead, now: Snapshot): Quote {
  const lines = now.lines
    .map((line) => {
      const known = lineOf(before.lines, line.id);
      return {
        id: line.id,
        quantity: line.quantity - (known?.quantity ?? 0),
        priceMinor: line.priceMinor - (known?.priceMinor ?? 0n),
        taxMinor: line.taxMinor - (known?.taxMinor ?? 0n),
      };
    })
    .filter((line) => line.quantity !== 0 || line.priceMinor !== 0n || line.taxMinor !== 0n);
  const shippingMinor = now.shipping.amountMinor - before.shipping.amountMinor;
  const shippingTaxMinor = now.shipping.taxMinor - before.shipping.taxMinor;
  const feesMinor = feesOf(before.fees) - feesOf(now.fees);
  const amountMinor = max0(max0(owedMinor(now)) - before.promisedMinor);
  const parts = goodsMinor(lines) + shippingMinor + shippingTaxMinor + feesMinor;
  return { lines, shippingMinor, shippingTaxMinor, feesMinor, residueMinor: amountMinor - parts, amountMinor };
}

/** Part by part the larger of what was promised and what is stated now: a smaller statement never makes room for paying again. */
function raise(before: ReturnHead, now: Snapshot, digest: string): ReturnHead {
  const gone = before.lines.filter((line) => lineOf(now.lines, line.id) === undefined);
  const kept = now.lines.map((line) => {
    const known = lineOf(before.lines, line.id);
    return known === undefined || known.quantity <= line.quantity ? line : known;
  });
  return {
    ...before,
    lines: [...kept, ...gone],
    shipping: {
      amountMinor: larger(before.shipping.amountMinor, now.shipping.amountMinor),
      taxMinor: larger(before.shipping.taxMinor, now.shipping.taxMinor),
    },
    fees: feesOf(now.fees) >= feesOf(before.fees) ? now.fees : before.fees,
    lastSnapshot: digest,
  };
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b);
export const max0 = (amount: bigint) => larger(amount, 0n);
