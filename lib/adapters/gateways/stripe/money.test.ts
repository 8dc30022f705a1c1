import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Currency, currencies, parseCurrency } from '../../../domain/money.ts';
import { capabilities } from './manifest.ts';
import { fromWire, toWire } from './money.ts';

// The same run every time.
fc.configureGlobal({ seed: 20261121 });

const of = (code: string) => parseCurrency(code) as Currency;

describe("Stripe's integers", () => {
  it.each([
    ['EUR', 1230n, 1230],
    ['JPY', 500n, 500],
    ['ISK', 5n, 500],
    ['UGX', 5n, 500],
    ['HUF', 12300n, 12300],
    ['TWD', 12300n, 12300],
    ['MGA', 1200n, 12],
    ['KWD', 1230n, 1230],
    ['CLP', 700n, 700],
    ['EUR', 1n, 1],
    ['EUR', 10n ** 15n, 10 ** 15],
    ['KWD', 10n ** 15n, 10 ** 15],
    ['ISK', 10n ** 13n, 10 ** 15],
  ])('F38 %s %s is %s on the wire, and back', (code, amountMinor, wire) => {
    expect(toWire(amountMinor, of(code))).toBe(wire);
    expect(fromWire(wire, code.toLowerCase())).toEqual({ amountMinor, currency: code });
  });

  it.each([
    ['MGA', 1234n, 'amount-not-representable'],
    ['KWD', 1234n, 'amount-not-representable'],
    ['LYD', 1230n, 'currency-not-supported'],
    ['CLF', 1230n, 'currency-not-supported'],
    ['UYI', 1230n, 'currency-not-supported'],
    ['EUR', 0n, 'amount-not-representable'],
    ['EUR', -1n, 'amount-not-representable'],
    ['EUR', 10n ** 15n + 1n, 'amount-not-representable'],
    ['MGA', 10n ** 15n + 100n, 'amount-not-representable'],
    ['ISK', 10n ** 13n + 1n, 'amount-not-representable'],
  ])('F38 F40 %s %s is refused', (code, amountMinor, why) => {
    expect(toWire(amountMinor, of(code))).toBe(why);
    expect(capabilities.accepts(amountMinor, of(code))).toBe(false);
  });

  it.each([
    [550, 'isk'],
    [12.5, 'eur'],
    [-1, 'eur'],
    [-0, 'eur'],
    ['1230', 'eur'],
    [2 ** 53, 'eur'],
    [10 ** 15 + 1, 'eur'],
    [10 ** 13 + 1, 'mga'],
    [100, 'xau'],
    [100, null],
    [100, 'lyd'],
  ])('F19 %s %s is not read as money', (amount, code) => {
    expect(fromWire(amount, code)).toBeUndefined();
  });

  it('F40 nothing is an amount where Stripe has an object that moved none', () => {
    expect(fromWire(0, 'eur')).toEqual({ amountMinor: 0n, currency: 'EUR' });
  });

  it('F38 what can be sent comes back as the same money, in every currency', () => {
    const known = currencies().map(([code]) => code);
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.bigInt(1n, 10n ** 15n), (currency, amountMinor) => {
        const wire = toWire(amountMinor, currency);
        if (typeof wire !== 'number') return true;
        const back = fromWire(wire, currency.toLowerCase());
        return back?.amountMinor === amountMinor && back.currency === currency;
      }),
    );
  });
});
