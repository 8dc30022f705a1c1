import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from './notice.ts';
import { seeded } from './refund/given.ts';
import { cancel, claim, type InCurrency, type Quote, type ReturnHead } from './return.ts';
import {
  brief,
  claims,
  currencies,
  digestOf,
  fee,
  growing,
  largestIn,
  line,
  partsOf,
  promisedIn,
  shirt,
  shoes,
  snapshot,
  someSnapshot,
  stated,
} from './return-given.ts';
import { withdraw } from './return-withdraw.ts';

interface Claimed {
  readonly number: number;
  readonly currency: string;
  readonly quote: Quote;
}

/** The refunds these snapshots led to, and the head after the return was cancelled and `gone` of them were withdrawn. */
const cancelled = (snapshots: readonly Snapshot[], gone: (one: Claimed) => boolean) => {
  const { head, owed } = claims(snapshots);
  const marked = cancel(head, snapshots[0] ?? snapshot([]));
  return { owed, marked, head: withdraw(marked, owed.filter(gone)) };
};
const all = () => true;
const none = () => false;
const number =
  (...numbers: number[]) =>
  (one: Claimed) =>
    numbers.includes(one.number);
const sumOf = (refunds: readonly Claimed[]) => refunds.reduce((sum, { quote }) => sum + quote.amountMinor, 0n);
const totals = ({ lines, shipping, fees, promisedMinor }: InCurrency) => ({
  lines: [...lines].sort((a, b) => a.id.localeCompare(b.id)),
  shipping,
  fees: fees.reduce((sum, one) => sum + one.amountMinor, 0n),
  promisedMinor,
});
const posted = { shipping: { amountMinor: 500n, taxMinor: 100n } };

describe('a cancelled return', () => {
  it('F53 owes again, to a person, under the next number, what was withdrawn', () => {
    const { head } = cancelled([snapshot([shirt])], all);
    const again = claims([snapshot([shirt])], head);
    expect(again.all.map(brief)).toEqual([[2400n, 'return-cancelled']]);
    expect(again.owed[0]?.number).toBe(2);
    expect(head).toMatchObject({ lines: [], promisedMinor: 0n, count: 1, withdrawn: [1], lastSnapshot: '' });
  });

  it.each<[string, Snapshot[], (one: Claimed) => boolean, Snapshot, ReturnType<typeof brief>]>([
    ['nothing of what was paid', [snapshot([shirt])], none, snapshot([shirt]), 'nothing-new'],
    [
      'only the parcel that was not paid',
      [snapshot([shirt]), snapshot([shirt, shoes])],
      number(2),
      snapshot([shirt, shoes]),
      [12000n, 'return-cancelled'],
    ],
    [
      'the first parcel where the second was paid',
      [snapshot([shirt], fee(200n)), snapshot([shirt, shoes], fee(200n))],
      number(1),
      snapshot([shirt, shoes], fee(200n)),
      [2200n, 'return-cancelled'],
    ],
    [
      'nothing where the paid part alone is stated again',
      [snapshot([shirt]), snapshot([shirt, shoes], { ...posted, ...fee(300n) })],
      number(2),
      snapshot([shirt]),
      'nothing-new',
    ],
    [
      'nothing where fees eat what is stated anew',
      [snapshot([shirt])],
      none,
      snapshot([shirt, line('hat', 1, 100n)], fee(100n)),
      'nothing-owed',
    ],
    [
      'nothing where what was withdrawn had nothing to pay: fewer goods, no shipping',
      [snapshot([shoes], posted), snapshot([line('shoes', 1, 5000n, 1000n)])],
      number(2),
      snapshot([shoes], posted),
      'nothing-new',
    ],
    [
      'what an earlier price promised',
      [snapshot([shirt]), snapshot([line('shirt', 1, 2500n, 400n)])],
      number(2),
      snapshot([line('shirt', 1, 2500n, 400n)]),
      [500n, 'return-cancelled', 'return-changed'],
    ],
    [
      'what a fee above the goods gave, taken back once',
      [snapshot([shirt], fee(5000n)), snapshot([shirt, shoes], fee(5000n))],
      all,
      snapshot([shirt, shoes], fee(5000n)),
      [9400n, 'return-cancelled'],
    ],
  ])('F53 owes again %s', (_, snapshots, gone, again, expected) => {
    const { head } = cancelled(snapshots, gone);
    expect(brief(claim(head, again, digestOf(again)))).toEqual(expected);
  });

  it('F53 takes the same promise back once, also in a later cancellation', () => {
    const { head, owed } = cancelled([snapshot([shirt])], all);
    const again = claims([snapshot([shirt])], head);
    const both = withdraw(again.head!, [...owed, ...again.owed]);
    expect(both).toMatchObject({ lines: [], promisedMinor: 0n, count: 2, withdrawn: [1, 2] });
  });
});

describe('a return that was stated in two currencies', () => {
  const dollars = snapshot([shoes], { currency: 'USD' as Snapshot['currency'] });
  const { owed, head } = claims([snapshot([shirt]), dollars]);

  it('F39 F53 takes back in each what was promised in it', () => {
    const only = (gone: (one: Claimed) => boolean) => {
      const rest = withdraw(head!, owed.filter(gone));
      return currencies.map((code) => promisedIn(rest, code));
    };
    expect([none, number(1), number(2), all].map(only)).toEqual([
      [2400n, 12000n],
      [0n, 12000n],
      [2400n, 0n],
      [0n, 0n],
    ]);
  });

  it('F39 is no doubt any more once nothing is promised in the other one', () => {
    const back = claims([snapshot([shirt, shoes])], withdraw(head!, owed.filter(number(2))));
    expect(back.all.map(brief)).toEqual([[12000n, 'other-currency']]);
    expect(claims([snapshot([shirt, shoes, line('hat', 1, 100n)])], back.head).all.map(brief)).toEqual([[100n]]);
  });

  it('F39 is read as an older version wrote it, with one promised amount for both', () => {
    const { apart: _, ...now } = head!;
    const old = { ...now, currency: 'EUR', lines: [shirt, shoes], promisedMinor: 14400n };
    const second = { ...owed[1]!, quote: { ...owed[1]!.quote, amountMinor: 12000n } };
    expect(withdraw(old, [second])).toMatchObject({ lines: [shirt], promisedMinor: 2400n });
    expect(claims([snapshot([shirt, shoes])], old).all.map(brief)).toEqual(['nothing-new']);
    // Nothing says how much of it were dollars: who states them anew is shown to a person.
    expect(claims([{ ...dollars, lines: [shirt] }], old).all.map(brief)).toEqual([[2400n, 'other-currency']]);
  });
});

/** A choice among the refunds of a return: bit n of it is refund n + 1. */
const chosen = fc.nat({ max: 0xffff });
const has =
  (bits: number) =>
  ({ number }: Claimed): boolean =>
    ((bits >> (number - 1)) & 1) === 1;
const anyOrder = growing.chain((some) => fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 }));

describe('withdrawing any refunds of a cancelled return', () => {
  it('F53 twice is the same as once', () => {
    const same = fc.property(fc.array(someSnapshot, { minLength: 1, maxLength: 8 }), chosen, (snapshots, bits) => {
      const { head, owed } = cancelled(snapshots, has(bits));
      expect(withdraw(head, owed.filter(has(bits)))).toEqual(head);
    });
    fc.assert(same, { ...seeded, numRuns: 200 });
  });

  it('F53 in two goes is the same as in one', () => {
    const same = fc.property(growing, chosen, chosen, (snapshots, first, bits) => {
      const { marked, head, owed } = cancelled(snapshots, has(bits));
      const half = withdraw(marked, owed.filter(has(bits & first)));
      expect(totals(withdraw(half, owed.filter(has(bits))))).toEqual(totals(head));
    });
    fc.assert(same, { ...seeded, numRuns: 200 });
  });

  it('F53 makes the largest statement owe exactly what they promised, held', () => {
    const orders = fc.oneof(growing, anyOrder, fc.array(someSnapshot, { minLength: 1, maxLength: 8 }));
    const exact = fc.property(orders, chosen, (snapshots, bits) => {
      const { head, owed } = cancelled(snapshots, has(bits));
      for (const code of currencies) {
        const largest = largestIn(snapshots, code);
        if (largest === undefined) continue;
        const gone = sumOf(owed.filter((one) => one.currency === code).filter(has(bits)));
        const again = claim(head, largest, digestOf(largest));
        expect(again.is === 'owed' ? again.quote.amountMinor : 0n).toBe(gone);
        if (again.is !== 'owed') continue;
        expect(again.concerns).toContain('return-cancelled');
        expect(partsOf(again.quote)).toBe(gone);
      }
    });
    fc.assert(exact, { ...seeded, numRuns: 500 });
  });

  it('F37 attributes what is owed again part by part as it was promised, with no rest, where the return only grew', () => {
    const parts = fc.property(growing, chosen, (snapshots, bits) => {
      const { head, owed } = cancelled(snapshots, has(bits));
      const gone = owed.filter(has(bits)).map(({ quote }) => quote);
      const last = snapshots.at(-1)!;
      const again = claim(head, last, digestOf(last));
      expect(again.is).toBe(gone.length > 0 ? 'owed' : 'nothing-new');
      if (again.is !== 'owed') return;
      const total = (of: (quote: Quote) => bigint) => gone.reduce((sum, quote) => sum + of(quote), 0n);
      expect(again.quote.residueMinor).toBe(0n);
      expect(again.quote.shippingMinor).toBe(total((quote) => quote.shippingMinor));
      expect(again.quote.feesMinor).toBe(total((quote) => quote.feesMinor));
      for (const { id, priceMinor } of last.lines) {
        const of = (quote: Quote) => quote.lines.find((one) => one.id === id)?.priceMinor ?? 0n;
        expect([id, priceMinor, of(again.quote)]).toEqual([id, priceMinor, total(of)]);
      }
    });
    fc.assert(parts, { ...seeded, numRuns: 300 });
  });

  it('F53 undoes the last of them: what was stated before is nothing new', () => {
    const paying = growing.map((some) => {
      const { all: said } = claims(some);
      return some.filter((_, index) => said[index]?.is === 'owed');
    });
    const undone = fc.property(paying, fc.nat({ max: 8 }), (snapshots, kept) => {
      const { head } = cancelled(snapshots, (one) => one.number > kept);
      const before = claims(snapshots.slice(0, kept));
      expect(totals(head)).toEqual(totals(cancel(before.head, snapshot([]))));
      const stated = snapshots[Math.min(kept, snapshots.length) - 1];
      if (stated !== undefined) expect(claim(head, stated, digestOf(stated)).is).toBe('nothing-new');
    });
    fc.assert(undone, { ...seeded, numRuns: 300 });
  });

  it('F5 F53 again and again, between any statements, never promises more than the largest of them', () => {
    const step = fc.record({ some: someSnapshot, bits: chosen, withdraws: fc.boolean() });
    const bounded = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let head: ReturnHead | undefined;
      let refunds: Claimed[] = [];
      const statements: Snapshot[] = [];
      for (const { some, bits, withdraws } of steps) {
        statements.push(some);
        const said = claim(head, some, digestOf(some));
        if (said.is === 'owed') {
          if (head?.cancelled) expect(said.concerns).toContain('return-cancelled');
          refunds.push({ ...said, currency: said.head.currency });
        }
        if (said.is !== 'nothing-new') head = said.head;
        if (withdraws) {
          head = withdraw(cancel(head, some), refunds.filter(has(bits)));
          refunds = refunds.filter((one) => !has(bits)(one));
        }
        for (const code of currencies) {
          const largest = largestIn(statements, code);
          const sum = sumOf(refunds.filter((one) => one.currency === code));
          expect(promisedIn(head, code)).toBe(sum);
          expect(sum <= (largest === undefined ? 0n : stated(largest))).toBe(true);
        }
      }
    });
    fc.assert(bounded, { ...seeded, numRuns: 300 });
  });
});
