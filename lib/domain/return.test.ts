import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from './notice.ts';
import { currency, seeded } from './refund/given.ts';
import { cancel } from './return.ts';
import {
  brief,
  claims,
  currencies,
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

describe('a claim', () => {
  it.each<[string, Snapshot[], (string | bigint | (string | bigint)[])[]]>([
    ['a first parcel', [snapshot([shirt])], [[2400n]]],
    ['a second parcel pays only its part', [snapshot([shirt]), snapshot([shirt, shoes])], [[2400n], [12000n]]],
    ['F5 a repetition is nothing new', [snapshot([shirt]), snapshot([shirt])], [[2400n], 'nothing-new']],
    [
      'F5 an older snapshot after a newer one pays nothing',
      [snapshot([shirt, shoes]), snapshot([shirt])],
      [[14400n], [0n, 'return-shrank']],
    ],
    [
      'lines in another order are nothing new',
      [snapshot([shirt, shoes]), snapshot([shoes, shirt])],
      [[14400n], 'nothing-new'],
    ],
    [
      'fewer of a line is held',
      [snapshot([shoes]), snapshot([line('shoes', 1, 5000n, 1000n)])],
      [[12000n], [0n, 'return-shrank']],
    ],
    [
      'another price is held',
      [snapshot([shirt]), snapshot([line('shirt', 1, 2500n, 400n)])],
      [[2400n], [500n, 'return-changed']],
    ],
    [
      'F37 the rounding of a line is no other price',
      [snapshot([line('a', 1, 3333n)]), snapshot([line('a', 2, 6667n)]), snapshot([line('a', 3, 10000n)])],
      [[3333n], [3334n], [3333n]],
    ],
    [
      'shipping comes back once',
      [
        snapshot([shirt], { shipping: { amountMinor: 500n, taxMinor: 100n } }),
        snapshot([shirt, shoes], { shipping: { amountMinor: 500n, taxMinor: 100n } }),
      ],
      [[3000n], [12000n]],
    ],
    [
      'shipping that shrinks is held',
      [snapshot([shirt], { shipping: { amountMinor: 500n, taxMinor: 0n } }), snapshot([shirt])],
      [[2900n], [0n, 'return-shrank']],
    ],
    ['a fee is taken off', [snapshot([shirt], fee(200n))], [[2200n]]],
    [
      'a fee that falls is held',
      [snapshot([shirt], fee(200n)), snapshot([shirt])],
      [[2200n], [200n, 'return-changed']],
    ],
    ['F55 a fee above the goods owes nothing', [snapshot([shirt], fee(5000n))], ['nothing-owed']],
    [
      'F55 what the floor gave is taken back by the next parcel',
      [snapshot([shirt], fee(5000n)), snapshot([shirt, shoes], fee(5000n))],
      ['nothing-owed', [9400n]],
    ],
    [
      'F55 a fee that rises above what was promised is held',
      [snapshot([shirt]), snapshot([shirt], fee(200n))],
      [[2400n], [0n, 'return-shrank']],
    ],
    ['nothing at all is nothing new', [snapshot([])], ['nothing-new']],
    [
      'another order is held',
      [snapshot([shirt]), snapshot([shirt, shoes], { order: '1002' })],
      [[2400n], [12000n, 'other-order']],
    ],
    [
      'F39 another currency is held',
      [snapshot([shirt]), snapshot([shirt, shoes], { currency: currency('USD') })],
      [[2400n], [14400n, 'other-currency']],
    ],
    [
      'F39 what was stated in another currency between counts for nothing, and a person looks while it is promised',
      [
        snapshot([shirt]),
        snapshot([shoes], { currency: currency('USD') }),
        snapshot([shirt, shoes]),
        snapshot([shirt, shoes, line('hat', 1, 100n)]),
      ],
      [[2400n], [12000n, 'other-currency'], [12000n, 'other-currency'], [100n, 'other-currency']],
    ],
    [
      'what one held swap did not pay is still owed when both are stated',
      [snapshot([shirt]), snapshot([line('hat', 1, 2400n)]), snapshot([shirt, line('hat', 1, 2400n)])],
      [[2400n], [0n, 'return-shrank'], [2400n]],
    ],
  ])('%s', (_, snapshots, expected) => expect(claims(snapshots).all.map(brief)).toEqual(expected));

  it('numbers the refunds of a return', () => {
    const { owed, head } = claims([snapshot([shirt]), snapshot([shirt]), snapshot([shirt, shoes])]);
    expect(owed.map((one) => one.number)).toEqual([1, 2]);
    expect(head?.count).toBe(2);
  });

  it('F53 of a cancelled return goes to a person', () => {
    const { head } = claims([snapshot([shirt])]);
    const cancelled = cancel(head, snapshot([shirt]));
    expect(claims([snapshot([shirt])], cancelled).all.map(brief)).toEqual(['nothing-new']);
    expect(claims([snapshot([shirt, shoes])], cancelled).all.map(brief)).toEqual([[12000n, 'return-cancelled']]);
    expect(claims([snapshot([shirt])], cancel(undefined, snapshot([shirt]))).all.map(brief)).toEqual([
      [2400n, 'return-cancelled'],
    ]);
  });
});

describe('any sequence of snapshots', () => {
  it('F37 gives quotes whose parts sum exactly to their amount, never below zero', () => {
    const exact = fc.property(fc.array(someSnapshot, { maxLength: 8 }), (snapshots) => {
      for (const { quote } of claims(snapshots).owed) {
        expect(partsOf(quote)).toBe(quote.amountMinor);
        expect(quote.amountMinor >= 0n).toBe(true);
      }
    });
    fc.assert(exact, { ...seeded, numRuns: 200 });
  });

  it('F5 F39 never promises more than the largest total any one of them stated in a currency, and no less either', () => {
    const repeated = fc
      .array(someSnapshot, { minLength: 1, maxLength: 4 })
      .chain((some) => fc.array(fc.constantFrom(...some), { minLength: 1, maxLength: 12 }));
    const bounded = fc.property(repeated, (snapshots) => {
      const { owed, head } = claims(snapshots);
      for (const code of currencies) {
        const promised = owed
          .filter((one) => one.currency === code)
          .reduce((all, one) => all + one.quote.amountMinor, 0n);
        const largest = largestIn(snapshots, code);
        expect(promised).toBe(largest === undefined ? 0n : stated(largest));
        expect(promisedIn(head, code)).toBe(promised);
      }
    });
    fc.assert(bounded, { ...seeded, numRuns: 300 });
  });

  it('F11 that only grows owes its last total in all, without a doubt, however often each is repeated', () => {
    const whole = fc.property(growing, fc.boolean(), (snapshots, twice) => {
      const { owed } = claims(twice ? snapshots.flatMap((one) => [one, one]) : snapshots);
      expect(owed.flatMap((one) => one.concerns)).toEqual([]);
      expect(owed.reduce((sum, one) => sum + one.quote.amountMinor, 0n)).toBe(stated(snapshots.at(-1)!));
    });
    fc.assert(whole, { ...seeded, numRuns: 200 });
  });

  it('F11 that grew, delivered in any order, promises its largest total and nothing twice', () => {
    const shuffled = growing.chain((some) =>
      fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 }).map((order) => ({ some, order })),
    );
    const once = fc.property(shuffled, ({ some, order }) => {
      const promised = claims(order).owed.reduce((sum, one) => sum + one.quote.amountMinor, 0n);
      expect(promised).toBe(stated(some.at(-1)!));
    });
    fc.assert(once, { ...seeded, numRuns: 300 });
  });
});
