import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from './notice.ts';
import { seeded } from './refund/given.ts';
import { cancel, claim, type Quote, type ReturnHead, withdraw } from './return.ts';
import {
  brief,
  claims,
  digestOf,
  fee,
  growing,
  line,
  partsOf,
  shirt,
  shoes,
  snapshot,
  someSnapshot,
  stated,
} from './return-given.ts';

interface Claimed {
  readonly number: number;
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
const totals = ({ lines, shipping, fees, promisedMinor }: ReturnHead) => ({
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
      const largest = snapshots.reduce((a, b) => (stated(a) >= stated(b) ? a : b));
      const gone = sumOf(owed.filter(has(bits)));
      const again = claim(head, largest, digestOf(largest));
      expect(again.is === 'owed' ? again.quote.amountMinor : 0n).toBe(gone);
      if (again.is !== 'owed') return;
      expect(again.concerns).toContain('return-cancelled');
      expect(partsOf(again.quote)).toBe(gone);
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
      let most = 0n;
      for (const { some, bits, withdraws } of steps) {
        most = stated(some) > most ? stated(some) : most;
        const said = claim(head, some, digestOf(some));
        if (said.is === 'owed') {
          if (head?.cancelled) expect(said.concerns).toContain('return-cancelled');
          refunds.push(said);
        }
        if (said.is !== 'nothing-new') head = said.head;
        if (withdraws) {
          head = withdraw(cancel(head, some), refunds.filter(has(bits)));
          refunds = refunds.filter((one) => !has(bits)(one));
        }
        expect(head?.promisedMinor ?? 0n).toBe(sumOf(refunds));
        expect(sumOf(refunds) <= most).toBe(true);
      }
    });
    fc.assert(bounded, { ...seeded, numRuns: 300 });
  });
});
