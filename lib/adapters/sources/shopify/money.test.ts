import { describe, expect, it } from 'vitest';
import { parseCurrency } from '../../../domain/money.ts';
import { Inexact, isNegative, minorOf, moneyBag, sizeOf } from './money.ts';

const bag = (amount: string, currencyCode = 'EUR') => ({ presentmentMoney: { amount, currencyCode } });
const currency = (code: string) => parseCurrency(code)!;

describe('money as Shopify writes it', () => {
  it.each([
    ['20', 'EUR', 2000n],
    ['20.0', 'EUR', 2000n],
    ['20.00', 'EUR', 2000n],
    ['20.500', 'EUR', 2050n],
    ['10.010', 'EUR', 1001n],
    ['0.00', 'EUR', 0n],
    ['1000', 'JPY', 1000n],
    ['1000.00', 'JPY', 1000n],
    ['1.234', 'KWD', 1234n],
    ['-5.00', 'EUR', 500n],
  ] as const)('F38 %s %s is %i minor units', (amount, code, minor) => {
    expect(sizeOf(bag(amount, code), currency(code))).toBe(minor);
  });

  it.each([
    ['20.5', 'JPY', 'too-many-decimals'],
    ['20.001', 'EUR', 'too-many-decimals'],
    ['', 'EUR', 'not-a-decimal'],
    ['--5', 'EUR', 'not-a-decimal'],
    ['1-2', 'EUR', 'not-a-decimal'],
    ['1.2.0', 'EUR', 'not-a-decimal'],
    ['0.5.0.0', 'EUR', 'not-a-decimal'],
    ['5.', 'EUR', 'not-a-decimal'],
    ['.50', 'EUR', 'not-a-decimal'],
    ['1e3', 'EUR', 'not-a-decimal'],
    ['99999999999999999', 'EUR', 'too-large'],
  ] as const)('F19 %j %s is no amount: %s', (amount, code, why) => {
    expect(() => sizeOf(bag(amount, code), currency(code))).toThrow(new Inexact(why));
  });

  it('F39 is not taken in another currency', () => {
    expect(() => sizeOf(bag('20.00', 'USD'), currency('EUR'))).toThrow(new Inexact('another currency'));
    expect(() => sizeOf(bag('20.00', 'nothing'), currency('EUR'))).toThrow(new Inexact('another currency'));
  });

  it('is below zero only where it may be', () => {
    expect([isNegative(bag('-1.00')), isNegative(bag('1.00')), isNegative(bag('1-'))]).toEqual([true, false, false]);
    expect(minorOf(bag('1.00'), currency('EUR'))).toBe(100n);
    expect(minorOf(bag('-0.00'), currency('EUR'))).toBe(0n);
    expect(() => minorOf(bag('-0.01'), currency('EUR'))).toThrow(new Inexact('below zero'));
  });

  it.each([{}, { presentmentMoney: {} }, { presentmentMoney: { amount: 20, currencyCode: 'EUR' } }])(
    'has an amount in text, and a currency: not %j',
    (answer) => expect(moneyBag.safeParse(answer).success).toBe(false),
  );
});
