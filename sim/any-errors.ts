import type { Instant } from '../lib/domain/time.ts';
import {
  type Ask,
  type Bank,
  type BankRefund,
  capturedOf,
  isOpen,
  isThere,
  stateAt,
  type Unasked,
} from './any-bank.ts';

/** What a gateway of any kind does against its own word, and what somebody else does with keys of ours. */
export interface Errors {
  /** A success becomes a failure; `silently` where it tells nobody. Answers whether there is one that `may`. */
  takeBack(may: (refund: Success) => boolean, luck: number, silently: boolean): boolean;
  /** It has a success no more. */
  lose(may: (refund: Success) => boolean, luck: number): boolean;
  /** The next request that it executes it executes twice. */
  twinNext(): void;
  /** The next request has its key used by somebody else, for something else. */
  borrowNext(how: Borrowing): void;
  /** What happened of all this, for whoever counts. */
  readonly happened: ReadonlySet<string>;
}

/** Before our own request comes, or so long after it; for another amount, or the same; on its payment, or another one. */
export interface Borrowing {
  readonly afterMs: number | undefined;
  readonly amountMinor: number | undefined;
  readonly payment: string | undefined;
}

export interface Success {
  readonly at: Instant;
  readonly ours: boolean;
}

/** What else is true at a gateway, that nobody reads in its refunds. */
export interface Truth {
  /** By the gateway's name of the payment. */
  readonly captured: ReadonlyMap<string, number>;
  readonly open: ReadonlySet<string>;
  /** Refunds under a key of ours that we did not ask for, by their ids. */
  readonly unasked: ReadonlyMap<string, Unasked>;
  /** Those that were taken back, and nobody was told. */
  readonly untold: ReadonlySet<string>;
}

export const truthAt = ({ payments, refunds }: Bank): Truth => ({
  untold: new Set(refunds.flatMap(({ id, untold }) => (untold ? [id] : []))),
  captured: new Map([...payments].map(([id, payment]) => [id, capturedOf(payment)])),
  open: new Set([...payments].flatMap(([id, payment]) => (isOpen(payment) ? [id] : []))),
  unasked: new Map(refunds.flatMap(({ id, unasked }) => (unasked === undefined ? [] : [[id, unasked] as const]))),
});

/** How the desk's errors reach what it does: it asks here before and after it executes. */
export interface ErrorDesk extends Errors {
  /** Somebody else's requests that come before this one. */
  before(asked: Ask): void;
  /** What it executed: whether it does so again. */
  isTwin(): boolean;
}

export function errorsAt(
  bank: Bank,
  act: {
    now(): Instant;
    after(ms: number, what: string, run: () => void): void;
    /** A request by somebody else is there. */
    strange(asked: Ask): void;
    told(refund: BankRefund | undefined): void;
  },
): ErrorDesk {
  let twins = 0;
  const borrowings: Borrowing[] = [];
  const happened = new Set<string>();
  const successes = (may: (refund: Success) => boolean) =>
    bank.refunds.filter((one) => {
      const last = stateAt(one);
      return isThere(one) && last?.state === 'succeeded' && may({ at: last.at, ours: one.key !== null });
    });
  const chosen = (may: (refund: Success) => boolean, luck: number) => {
    const all = successes(may);
    return all[Math.floor(luck * all.length)];
  };
  return {
    happened,
    takeBack(may, luck, silently) {
      const refund = chosen(may, luck);
      if (refund === undefined) return false;
      happened.add(silently ? 'taken back in silence' : 'taken back');
      bank.takeBack(refund, act.now());
      if (silently) refund.untold = true;
      act.told(silently ? undefined : refund);
      return true;
    },
    lose(may, luck) {
      const refund = chosen(may, luck);
      if (refund === undefined) return false;
      happened.add('lost');
      refund.goneAt = act.now();
      act.told(undefined);
      return true;
    },
    twinNext() {
      twins += 1;
    },
    isTwin() {
      if (twins === 0) return false;
      twins -= 1;
      happened.add('made twice');
      return true;
    },
    borrowNext(how) {
      borrowings.push(how);
    },
    before: borrowingAt(bank, borrowings, happened, act),
  };
}

type Act = Parameters<typeof errorsAt>[1];

/** Somebody else has the key of a request, and uses it before that comes or after it. */
function borrowingAt(bank: Bank, borrowings: Borrowing[], happened: Set<string>, act: Act): ErrorDesk['before'] {
  return (asked) => {
    if (asked.key === null || asked.unasked !== undefined) return;
    const how = borrowings.shift();
    if (how === undefined) return;
    const payment = how.payment ?? asked.payment;
    const unasked = payment === asked.payment ? 'here' : 'elsewhere';
    const strange: Ask = { ...asked, payment, amountMinor: how.amountMinor ?? asked.amountMinor, unasked };
    const use = (): void => {
      const before = bank.refunds.length;
      act.strange(strange);
      const made = bank.refunds.length > before ? 'paid' : 'nothing';
      happened.add(`key borrowed ${how.afterMs === undefined ? 'before' : 'after'}: ${made} ${unasked}`);
    };
    if (how.afterMs === undefined) use();
    else act.after(how.afterMs, `borrowed ${asked.key}`, use);
  };
}
