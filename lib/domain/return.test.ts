import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot, SnapshotLine } from './notice.ts';
import { currency, eur, seeded } from './refund/given.ts';
import { type Claim, cancel, claim, type Quote, type ReturnHead, withdraw } from './return.ts';

const line = (id: string, quantity: number, priceMinor: bigint, taxMinor = 0n): SnapshotLine => ({
  id,
  quantity,
  priceMinor,
  taxMinor,
});
const snapshot = (lines: readonly SnapshotLine[], more: Partial<Snapshot> = {}): Snapshot => ({
  return: 'RMA-1',
  order: '1001',
  currency: eur,
  lines,
  shipping: { amountMinor: 0n, taxMinor: 0n },
  fees: [],
  ...more,
});
const fee = (amountMinor: bigint) => ({ fees: [{ kind: 'restocking', amountMinor }] });
const stated = (of: Snapshot): bigint => {
  const goods = of.lines.reduce((all, one) => all + one.priceMinor + one.taxMinor, 0n);
  const fees = of.fees.reduce((all, one) => all + one.amountMinor, 0n);
  const sum = goods + of.shipping.amountMinor + of.shipping.taxMinor - fees;
  return sum > 0n ? sum : 0n;
};
const digestOf = (of: Snapshot) => JSON.stringify(of, (_, part) => (typeof part === 'bigint' ? `${part}` : part));

/** The claims of snapshots that arrive in this order, and the head after them. */
const claims = (snapshots: readonly Snapshot[], head?: ReturnHead) => {
  const all: Claim[] = [];
  let now = head;
  for (const one of snapshots) {
    const next = claim(now, one, digestOf(one));
    all.push(next);
    if (next.is !== 'nothing-new') now = next.head;
  }
  return { all, head: now, owed: all.filter((one) => one.is === 'owed') };
};
const brief = (one: Claim) => (one.is === 'owed' ? [one.quote.amountMinor, ...one.concerns] : one.is);
const partsOf = (quote: Quote): bigint =>
  quote.lines.reduce((all, one) => all + one.priceMinor + one.taxMinor, 0n) +
  quote.shippingMinor +
  quote.shippingTaxMinor +
  quote.feesMinor +
  quote.residueMinor;

const [shirt, shoes] = [line('shirt', 1, 2000n, 400n), line('shoes', 2, 10000n, 2000n)];

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
      [[2400n], [12000n, 'other-currency']],
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

  it('F53 of a withdrawn return starts again at nothing, held, with the next number', () => {
    const { head } = claims([snapshot([shirt])]);
    if (head === undefined) throw new Error('no head');
    const again = claims([snapshot([shirt])], withdraw(cancel(head, snapshot([shirt]))));
    expect(again.all.map(brief)).toEqual([[2400n, 'return-cancelled']]);
    expect(again.owed[0]?.number).toBe(2);
  });
});

const cents = fc.bigInt({ min: 0n, max: 10_000n });
const someLine = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  quantity: fc.nat({ max: 4 }),
  priceMinor: cents,
  taxMinor: cents,
});
const someSnapshot = fc
  .record({
    lines: fc.uniqueArray(someLine, { selector: (one) => one.id, maxLength: 3 }),
    shipping: fc.record({ amountMinor: cents, taxMinor: cents }),
    fee: cents,
    code: fc.constantFrom('EUR', 'EUR', 'USD'),
  })
  .map(({ lines, shipping, fee: amountMinor, code }) =>
    snapshot(lines, { shipping, ...fee(amountMinor), currency: currency(code) }),
  );

/** Parcels at fixed unit prices, each adding to what came before. */
const growing = fc
  .array(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      more: fc.nat({ max: 3 }),
      fee: fc.bigInt({ min: 0n, max: 900n }),
      shipping: fc.bigInt({ min: 0n, max: 50n }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((parcels) => {
    const price: Record<string, bigint> = { a: 333n, b: 1999n, c: 1n };
    const counts = new Map<string, number>();
    let [fees, shipping] = [0n, 0n];
    return parcels.map((parcel) => {
      counts.set(parcel.id, (counts.get(parcel.id) ?? 0) + parcel.more);
      const goods = BigInt(parcel.more) * (price[parcel.id] ?? 0n);
      shipping += parcel.shipping;
      // A fee that eats more than its parcel adds would lower the total, which is held.
      fees += parcel.fee < goods + parcel.shipping ? parcel.fee : goods + parcel.shipping;
      const lines = [...counts]
        .filter(([, n]) => n > 0)
        .map(([id, n]) => line(id, n, BigInt(n) * (price[id] ?? 0n), BigInt(n)));
      return snapshot(lines, { shipping: { amountMinor: shipping, taxMinor: 0n }, ...fee(fees) });
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

  it('F5 never promises more than the largest total any one of them stated, and no less either', () => {
    const repeated = fc
      .array(someSnapshot, { minLength: 1, maxLength: 4 })
      .chain((some) => fc.array(fc.constantFrom(...some), { minLength: 1, maxLength: 12 }));
    const bounded = fc.property(repeated, (snapshots) => {
      const { owed, head } = claims(snapshots);
      const promised = owed.reduce((all, one) => all + one.quote.amountMinor, 0n);
      const most = snapshots.map(stated).reduce((a, b) => (a > b ? a : b));
      expect(promised).toBe(most);
      expect(head?.promisedMinor ?? 0n).toBe(promised);
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
