import type { Snapshot, SnapshotLine } from './notice.ts';
import type { HoldReason } from './refund/hold-reason.ts';
import type { StreamName } from './streams.ts';
import { type Instant, later } from './time.ts';

/**
 * How much of a return has been promised a refund. Notices are cumulative snapshots; a refund covers what a snapshot owes beyond
 * this head and is created in the transaction that raises it. So two events for one parcel can't pay twice, and a second parcel
 * of the same return is paid.
 */
export interface ReturnHead {
  readonly order: string;
  readonly currency: string;
  readonly lines: readonly SnapshotLine[];
  readonly shipping: Snapshot['shipping'];
  readonly fees: Snapshot['fees'];
  /** Sum of all refunds of this return, whatever became of them. */
  readonly promisedMinor: bigint;
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
  const before = head ?? fresh(snapshot);
  if (before.lastSnapshot === digest) return { is: 'nothing-new' };
  const concerns = [...concernsOf(before, snapshot), ...doubts];
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

/** The head after the shop stated the return at `at`, whatever came of that. */
export const said = (head: ReturnHead, at: Instant): ReturnHead => ({ ...head, saidAt: later(head.saidAt ?? at, at) });

/** The head after the shop cancelled the return: what is stated from now on goes to a person first. */
export const cancel = (head: ReturnHead | undefined, snapshot: Snapshot): ReturnHead => ({
  ...(head ?? fresh(snapshot)),
  cancelled: true,
});

/**
 * The head after some refunds of a cancelled return were cancelled unsent: what they promised is not promised any more, what was
 * paid stays, the numbering goes on. So the same state stated again is owed again, and goes to a person.
 */
export function withdraw(
  head: ReturnHead,
  refunds: readonly { readonly number: number; readonly quote: Quote }[],
): ReturnHead {
  const taken = refunds.filter(({ number }) => !head.withdrawn.includes(number));
  const quotes = taken.map(({ quote }) => quote);
  const less = (from: bigint, of: (quote: Quote) => bigint) => max0(quotes.reduce((rest, one) => rest - of(one), from));
  return {
    ...head,
    lines: head.lines.map((line) => withoutParts(line, quotes)).filter((line) => line.quantity > 0),
    shipping: {
      amountMinor: less(head.shipping.amountMinor, (quote) => max0(quote.shippingMinor)),
      taxMinor: less(head.shipping.taxMinor, (quote) => max0(quote.shippingTaxMinor)),
    },
    fees: upTo(
      head.fees,
      less(feesOf(head.fees), (quote) => max0(-quote.feesMinor)),
    ),
    promisedMinor: less(head.promisedMinor, (quote) => quote.amountMinor),
    lastSnapshot: '',
    withdrawn: [...head.withdrawn, ...taken.map(({ number }) => number)],
  };
}

/** A line less what these refunds raised it by. A part that shrank raised nothing, so there is nothing to take back. */
function withoutParts(line: SnapshotLine, quotes: readonly Quote[]): SnapshotLine {
  const raised = quotes.flatMap((quote) => quote.lines.filter((part) => part.id === line.id && part.quantity >= 0));
  return {
    id: line.id,
    quantity: raised.reduce((rest, part) => rest - part.quantity, line.quantity),
    priceMinor: raised.reduce((rest, part) => rest - part.priceMinor, line.priceMinor),
    taxMinor: raised.reduce((rest, part) => rest - part.taxMinor, line.taxMinor),
  };
}

/** The first of these fees, `totalMinor` in all: which kinds a refund bore is not known, and nothing depends on it. */
function upTo(fees: Snapshot['fees'], totalMinor: bigint): Snapshot['fees'] {
  let rest = totalMinor;
  return fees.flatMap((fee) => {
    const amountMinor = fee.amountMinor < rest ? fee.amountMinor : rest;
    rest -= amountMinor;
    return amountMinor === 0n ? [] : [{ ...fee, amountMinor }];
  });
}

const fresh = (snapshot: Snapshot): ReturnHead => ({
  order: snapshot.order,
  currency: snapshot.currency,
  lines: [],
  shipping: { amountMinor: 0n, taxMinor: 0n },
  fees: [],
  promisedMinor: 0n,
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

const feesOf = (fees: Snapshot['fees']) => fees.reduce((all, fee) => all + fee.amountMinor, 0n);
const lineOf = (lines: readonly SnapshotLine[], id: string) => lines.find((line) => line.id === id);

function concernsOf(before: ReturnHead, now: Snapshot): HoldReason[] {
  const concerns: HoldReason[] = [];
  if (before.cancelled) concerns.push('return-cancelled');
  if (before.order !== now.order) concerns.push('other-order');
  if (before.currency !== now.currency) concerns.push('other-currency');
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
const max0 = (amount: bigint) => larger(amount, 0n);
