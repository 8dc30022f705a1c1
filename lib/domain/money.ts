/**
 * Money: bigint minor units of one currency. Floats never touch it; text becomes money by exact decimal parsing or not at all.
 *
 * Exponents: ISO 4217 (https://www.iso.org/iso-4217-currency-codes.html). A gateway whose wire format counts differently
 * (Stripe and ISK, Adyen and CLP) converts in its own folder.
 */
declare const brand: unique symbol;

/** Three upper-case letters that ISO 4217 lists with an exponent. */
export type Currency = string & { readonly [brand]: 'currency' };

export interface Money {
  readonly amountMinor: bigint;
  readonly currency: Currency;
}

/** Larger than any refund and far below what DynamoDB's 38 digits, or a gateway's own limit, would cut. */
export const largestMinor = 10n ** 15n;

const zero = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const three = 'BHD IQD JOD KWD LYD OMR TND';
const four = 'CLF UYW';
/** In use in 2026; MGA and MRU are fifths in the shop and hundredths in ISO. */
const two =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK ' +
  'DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT ' +
  'LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN ' +
  'QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS ' +
  'VES WST XCD XCG YER ZAR ZMW ZWG';

const exponents: ReadonlyMap<string, number> = new Map(
  (
    [
      [zero, 0],
      [two, 2],
      [three, 3],
      [four, 4],
    ] as const
  ).flatMap(([codes, exponent]) => codes.split(' ').map((code) => [code, exponent] as const)),
);

/** Every currency we know, with its ISO 4217 exponent. */
export const currencies = (): readonly (readonly [Currency, number])[] => [...exponents] as [Currency, number][];

/** `text` as a currency, or undefined. Lower case is accepted (Stripe writes `eur`). */
export function parseCurrency(text: string): Currency | undefined {
  // Only ASCII: elsewhere other letters become these when they are made upper case (`uſd`).
  if (/[^A-Za-z]/.test(text)) return undefined;
  const code = text.toUpperCase();
  return exponents.has(code) ? (code as Currency) : undefined;
}

/** Decimal places of the currency's minor unit. */
export function exponentOf(currency: Currency): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined) throw new RangeError(`no exponent for ${currency}`);
  return exponent;
}

export const money = (amountMinor: bigint, currency: Currency): Money => ({ amountMinor, currency });

/** Digits, at most one point; no sign, exponent, space or grouping; at most 40 characters (F16, F19). */
const decimal = /^(?:0|[1-9]\d*)(?:\.(\d+))?$/;

export type Unreadable = 'not-a-decimal' | 'too-many-decimals' | 'too-large';

/**
 * `"12.30"` as 1230n minor units of EUR. Fewer decimals than the currency has are fine (`"12.3"`), more are refused even when
 * they are zeros in disguise of another currency's unit: `"12.300"` EUR is a sender that means something else.
 */
export function parseDecimal(text: string, currency: Currency): bigint | Unreadable {
  const match = text.length <= 40 ? decimal.exec(text) : null;
  if (match === null) return 'not-a-decimal';
  const exponent = exponentOf(currency);
  const fraction = match[1] ?? '';
  if (fraction.length > exponent) return 'too-many-decimals';
  const minor = BigInt(text.replace('.', '') + '0'.repeat(exponent - fraction.length));
  return minor > largestMinor ? 'too-large' : minor;
}

/**
 * A limit of any currency, given in its major unit: `"500.00"` is 50000n EUR and 500n JPY. Decimals that a currency has not are dropped.
 * Undefined for what is no amount.
 */
export function limitIn(currency: Currency, text: string): bigint | undefined {
  const exact = parseDecimal(text, currency);
  const limit = exact === 'too-many-decimals' ? parseDecimal(text.split('.')[0] ?? '', currency) : exact;
  return typeof limit === 'bigint' ? limit : undefined;
}

/** `1230n` EUR as `"12.30"`; the reverse of `parseDecimal`. */
export function printDecimal({ amountMinor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const sign = amountMinor < 0n ? '-' : '';
  const digits = amountMinor
    .toString()
    .replace('-', '')
    .padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** For people: `12.30 EUR`. */
export const print = (amount: Money): string => `${printDecimal(amount)} ${amount.currency}`;

/**
 * `total` split in the proportion of `weights`, by largest remainder: parts are never negative, differ from the exact share by
 * less than one minor unit, and sum to `total` exactly (F37). Ties go to the earlier part. All weights zero: the first gets all.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (total < 0n || weights.some((weight) => weight < 0n)) throw new RangeError('allocate takes no negative number');
  if (weights.length === 0) throw new RangeError('allocate needs at least one weight');
  const sum = weights.reduce((all, weight) => all + weight, 0n);
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? total : 0n));
  const parts = weights.map((weight) => (total * weight) / sum);
  const rest = Number(total - parts.reduce((all, part) => all + part, 0n));
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => Number(b.remainder - a.remainder));
  for (const { index } of byRemainder.slice(0, rest)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}
