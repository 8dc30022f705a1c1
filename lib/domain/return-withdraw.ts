import type { Snapshot, SnapshotLine } from './notice.ts';
import { feesOf, type InCurrency, max0, type Quote, type ReturnHead } from './return.ts';

/**
 * The head after some refunds of a cancelled return were cancelled unsent: what they promised is not promised any more, what was
 * paid stays, the numbering goes on. So the same state stated again is owed again, and goes to a person.
 */
export function withdraw(head: ReturnHead, refunds: readonly Withdrawn[]): ReturnHead {
  const taken = refunds.filter(({ number }) => !head.withdrawn.includes(number));
  const { apart } = head;
  // Where nothing stands apart there was one currency, or an older version that counted every one into it.
  const own = apart === undefined ? taken : taken.filter(({ currency }) => currency === head.currency);
  return {
    ...head,
    ...without(head, own),
    ...(apart && {
      apart: apart.map((one) => ({
        ...one,
        ...without(
          one,
          taken.filter(({ currency }) => currency === one.currency),
        ),
      })),
    }),
    lastSnapshot: '',
    withdrawn: [...head.withdrawn, ...taken.map(({ number }) => number)],
  };
}

interface Withdrawn {
  readonly number: number;
  readonly currency: string;
  readonly quote: Quote;
}

function without(from: InCurrency, refunds: readonly Withdrawn[]): Omit<InCurrency, 'currency'> {
  const quotes = refunds.map(({ quote }) => quote);
  const less = (all: bigint, of: (quote: Quote) => bigint) => max0(quotes.reduce((rest, one) => rest - of(one), all));
  return {
    lines: from.lines.map((line) => withoutParts(line, quotes)).filter((line) => line.quantity > 0),
    shipping: {
      amountMinor: less(from.shipping.amountMinor, (quote) => max0(quote.shippingMinor)),
      taxMinor: less(from.shipping.taxMinor, (quote) => max0(quote.shippingTaxMinor)),
    },
    fees: upTo(
      from.fees,
      less(feesOf(from.fees), (quote) => max0(-quote.feesMinor)),
    ),
    promisedMinor: less(from.promisedMinor, (quote) => quote.amountMinor),
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
