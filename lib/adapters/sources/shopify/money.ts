import * as z from 'zod/mini';
import { type Currency, parseCurrency, parseDecimal } from '../../../domain/money.ts';

/** What the customer paid in: refunds go back in that currency (https://shopify.dev/docs/api/admin-graphql/latest/objects/MoneyBag). */
export const moneyBag = z.object({
  presentmentMoney: z.object({ amount: z.string(), currencyCode: z.string() }),
});
export type MoneyBag = z.infer<typeof moneyBag>;

/** An answer that can't be taken for money exactly. Thrown and caught within this folder. */
export class Inexact extends Error {}

/**
 * Minor units, exactly: `"20"`, `"20.0"` and `"20.00"` are the same of a currency that has those decimals, and `"20.0"` is 20 of one that
 * has none; `"20.5"` of such a currency is not an amount. Without sign: what Shopify writes as negative is asked for by its size.
 */
export function sizeOf(bag: MoneyBag, currency: Currency): bigint {
  const { amount, currencyCode } = bag.presentmentMoney;
  if (parseCurrency(currencyCode) !== currency) throw new Inexact('another currency');
  const digits = amount.replace(/^-/, '');
  const minor = parseDecimal(/^\d+\.\d+$/.test(digits) ? digits.replace(/\.?0+$/, '') : digits, currency);
  if (typeof minor === 'string') throw new Inexact(minor);
  return minor;
}

export const isNegative = (bag: MoneyBag): boolean => bag.presentmentMoney.amount.startsWith('-');

/** An amount that Shopify itself must not have below zero. */
export function minorOf(bag: MoneyBag, currency: Currency): bigint {
  const size = sizeOf(bag, currency);
  if (isNegative(bag) && size !== 0n) throw new Inexact('below zero');
  return size;
}
