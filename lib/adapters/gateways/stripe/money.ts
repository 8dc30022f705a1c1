import { type Currency, exponentOf, largestMinor, parseCurrency } from '../../../domain/money.ts';

/**
 * Stripe counts some currencies differently from ISO 4217 (docs.stripe.com/currencies, "Zero-decimal currencies" and "Special
 * cases"). Money is ISO minor units everywhere else; here it becomes Stripe's integer and back, exactly or not at all (F38).
 */
const zeroDecimal = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** ISO has no decimals; Stripe counts hundredths, "for backward compatibility", which must be 00. */
const hundredthsOfWhole = new Set(['ISK', 'UGX']);
/** Thousandths whose last digit must be 0 in what we send. */
const threeDecimal = new Set('BHD JOD KWD OMR TND'.split(' '));

export type NotRepresentable = 'currency-not-supported' | 'amount-not-representable';

/** The integer that Stripe expects for a positive amount. */
export function toWire(amountMinor: bigint, currency: Currency): number | NotRepresentable {
  const decimals = wireDecimals(currency);
  if (decimals === undefined) return 'currency-not-supported';
  if (amountMinor <= 0n || amountMinor > largestMinor) return 'amount-not-representable';
  const wire = rescaled(amountMinor, exponentOf(currency), decimals);
  if (wire === undefined || wire > largestMinor || (decimals === 3 && wire % 10n !== 0n))
    return 'amount-not-representable';
  return Number(wire);
}

/** What Stripe wrote, in ISO minor units; undefined where it is no amount or not exact in them. Zero is an amount. */
export function fromWire(amount: unknown, code: unknown): { amountMinor: bigint; currency: Currency } | undefined {
  const currency = typeof code === 'string' ? parseCurrency(code) : undefined;
  const decimals = currency === undefined ? undefined : wireDecimals(currency);
  if (currency === undefined || decimals === undefined) return undefined;
  if (!Number.isSafeInteger(amount) || (amount as number) < 0 || Object.is(amount, -0)) return undefined;
  const amountMinor = rescaled(BigInt(amount as number), decimals, exponentOf(currency));
  return amountMinor === undefined || amountMinor > largestMinor ? undefined : { amountMinor, currency };
}

/** Undefined where Stripe's page does not list the currency's kind: guessing an exponent is guessing a factor of ten. */
function wireDecimals(currency: Currency): 0 | 2 | 3 | undefined {
  if (zeroDecimal.has(currency)) return 0;
  if (threeDecimal.has(currency)) return 3;
  return hundredthsOfWhole.has(currency) || exponentOf(currency) === 2 ? 2 : undefined;
}

function rescaled(amount: bigint, from: number, to: number): bigint | undefined {
  const [scaled, factor] = [amount * 10n ** BigInt(to), 10n ** BigInt(from)];
  return scaled % factor === 0n ? scaled / factor : undefined;
}
