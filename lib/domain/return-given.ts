/** Test only: snapshots of one return, the claims they lead to, and snapshots of every kind for the properties. */
import fc from 'fast-check';
import type { Snapshot, SnapshotLine } from './notice.ts';
import { currency, eur } from './refund/given.ts';
import { type Claim, claim, type Quote, type ReturnHead } from './return.ts';

export const line = (id: string, quantity: number, priceMinor: bigint, taxMinor = 0n): SnapshotLine => ({
  id,
  quantity,
  priceMinor,
  taxMinor,
});
export const snapshot = (lines: readonly SnapshotLine[], more: Partial<Snapshot> = {}): Snapshot => ({
  return: 'RMA-1',
  order: '1001',
  currency: eur,
  lines,
  shipping: { amountMinor: 0n, taxMinor: 0n },
  fees: [],
  ...more,
});
export const fee = (amountMinor: bigint) => ({ fees: [{ kind: 'restocking', amountMinor }] });
export const stated = (of: Snapshot): bigint => {
  const goods = of.lines.reduce((all, one) => all + one.priceMinor + one.taxMinor, 0n);
  const fees = of.fees.reduce((all, one) => all + one.amountMinor, 0n);
  const sum = goods + of.shipping.amountMinor + of.shipping.taxMinor - fees;
  return sum > 0n ? sum : 0n;
};
/** What the head says of one currency. */
export const promisedIn = (head: ReturnHead | undefined, code: string): bigint =>
  [...(head === undefined ? [] : [head]), ...(head?.apart ?? [])]
    .filter((one) => one.currency === code)
    .reduce((all, one) => all + one.promisedMinor, 0n);
/** The largest statement in one currency; undefined where there is none. */
export const largestIn = (snapshots: readonly Snapshot[], code: string): Snapshot | undefined =>
  snapshots
    .filter((one) => one.currency === code)
    .reduce<Snapshot | undefined>((a, b) => (a !== undefined && stated(a) >= stated(b) ? a : b), undefined);
export const currencies = ['EUR', 'USD'] as const;
export const digestOf = (of: Snapshot) =>
  JSON.stringify(of, (_, part) => (typeof part === 'bigint' ? `${part}` : part));

/** The claims of snapshots that arrive in this order, and the head after them. */
export const claims = (snapshots: readonly Snapshot[], head?: ReturnHead) => {
  const all: Claim[] = [];
  let now = head;
  for (const one of snapshots) {
    const next = claim(now, one, digestOf(one));
    all.push(next);
    if (next.is !== 'nothing-new') now = next.head;
  }
  const owed = all.filter((one) => one.is === 'owed').map((one) => ({ ...one, currency: one.head.currency }));
  return { all, head: now, owed };
};
export const brief = (one: Claim) => (one.is === 'owed' ? [one.quote.amountMinor, ...one.concerns] : one.is);
export const partsOf = (quote: Quote): bigint =>
  quote.lines.reduce((all, one) => all + one.priceMinor + one.taxMinor, 0n) +
  quote.shippingMinor +
  quote.shippingTaxMinor +
  quote.feesMinor +
  quote.residueMinor;

/** A shirt at 24.00 and two shoes at 120.00, tax included. */
export const [shirt, shoes] = [line('shirt', 1, 2000n, 400n), line('shoes', 2, 10000n, 2000n)];

const cents = fc.bigInt({ min: 0n, max: 10_000n });
const someLine = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  quantity: fc.nat({ max: 4 }),
  priceMinor: cents,
  taxMinor: cents,
});
export const someSnapshot = fc
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
export const growing = fc
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
