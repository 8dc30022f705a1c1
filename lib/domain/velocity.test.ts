import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Currency, currencies, limitIn } from './money.ts';
import { hour, instant, plus } from './time.ts';
import { type HourlyLimit, hourOf, isOf, lend, type Spent } from './velocity.ts';

const [eur, jpy] = ['EUR', 'JPY'] as Currency[] as [Currency, Currency];
const now = instant(Date.UTC(2026, 10, 27, 12, 30));
const limit: HourlyLimit = { refunds: 3, amount: '100.00' };
const of = (amountMinor: bigint, currency = eur) => ({ currency, amountMinor });

describe('F50 how much the machine may approve within an hour', () => {
  it('lends to the last refund and the last cent of the limit, and no further', () => {
    const first = lend(undefined, limit, of(6000n), now);
    expect(first?.lent).toEqual({ hour: hourOf(now), refunds: 1, amountMinor: 6000n });
    expect(lend(first?.spent, limit, of(4001n), now)).toBeUndefined();
    const second = lend(first?.spent, limit, of(4000n), now);
    expect(second?.spent).toEqual({
      hour: hourOf(now),
      refunds: 2,
      amounts: [{ currency: eur, spentMinor: 10_000n }],
    });
    expect(lend(second?.spent, limit, of(1n), now)).toBeUndefined();
  });

  it('counts refunds of all currencies together, and the amount of each for itself', () => {
    let spent: Spent | undefined;
    for (const wanted of [of(10_000n), of(100n, jpy), of(0n, jpy)]) {
      const found = lend(spent, limit, wanted, now);
      expect(found).toBeDefined();
      spent = found?.spent;
    }
    expect(spent?.refunds).toBe(3);
    expect(lend(spent, { ...limit, refunds: 4 }, of(1n, jpy), now)).toBeUndefined();
    expect(lend(spent, limit, of(0n), now)).toBeUndefined();
  });

  it('lends a two-hundredth of a large limit at once, and exactly what is asked where that is more', () => {
    const large: HourlyLimit = { refunds: 1000, amount: '4000.00' };
    expect(lend(undefined, large, of(1n), now)?.lent).toMatchObject({ refunds: 5, amountMinor: 2000n });
    expect(lend(undefined, large, of(2001n), now)?.lent).toMatchObject({ refunds: 5, amountMinor: 2001n });
    const rest: Spent = { hour: hourOf(now), refunds: 998, amounts: [{ currency: eur, spentMinor: 399_500n }] };
    expect(lend(rest, large, of(1n), now)?.lent).toMatchObject({ refunds: 2, amountMinor: 500n });
  });

  it('begins with nothing in the next hour, and not anew for a clock that is a little behind or far ahead', () => {
    const spent = lend(undefined, limit, of(10_000n), now)?.spent;
    expect(lend(spent, limit, of(10_000n), plus(now, hour))?.spent.hour).toBe(hourOf(now) + 1);
    expect(lend(spent, limit, of(1n), plus(now, -hour))).toBeUndefined();
    expect(lend(spent, limit, of(1n), plus(now, -9 * hour))).toBeUndefined();
    expect(lend(spent, { ...limit, amount: '100.01' }, of(1n), plus(now, -9 * hour))?.spent.hour).toBe(hourOf(now) - 9);
    expect([-1, 0, 1, 2].map((by) => isOf(hourOf(now) + by, hourOf(now)))).toEqual([false, true, true, false]);
  });

  it('follows a limit that is changed within the hour', () => {
    const spent = lend(undefined, limit, of(10_000n), now)?.spent;
    expect(lend(spent, { ...limit, amount: '150.00' }, of(5000n), now)).toBeDefined();
    expect(lend(spent, { refunds: 1, amount: '150.00' }, of(1n), now)).toBeUndefined();
  });

  it('never lends more than the limit, whoever asks for what', () => {
    const wanted = fc.record({
      currency: fc.constantFrom(...currencies().map(([code]) => code)),
      amountMinor: fc.bigInt(0n, 30_000n),
    });
    const limits = fc.record({
      refunds: fc.integer({ min: 0, max: 4000 }),
      amount: fc.constantFrom('0', '9.99', '250'),
    });
    fc.assert(
      fc.property(limits, fc.array(wanted, { maxLength: 40 }), (any, all) => {
        let spent: Spent | undefined;
        let lentRefunds = 0;
        const lentMinor = new Map<Currency, bigint>();
        for (const one of all) {
          const found = lend(spent, any, one, now);
          if (found === undefined) continue;
          spent = found.spent;
          expect(found.lent.refunds).toBeGreaterThan(0);
          expect(found.lent.amountMinor).toBeGreaterThanOrEqual(one.amountMinor);
          lentRefunds += found.lent.refunds;
          lentMinor.set(one.currency, (lentMinor.get(one.currency) ?? 0n) + found.lent.amountMinor);
        }
        expect(lentRefunds).toBeLessThanOrEqual(any.refunds);
        for (const [currency, sum] of lentMinor) expect(sum).toBeLessThanOrEqual(limitIn(currency, any.amount) ?? 0n);
      }),
      { numRuns: 300, seed: 50 },
    );
  });
});
