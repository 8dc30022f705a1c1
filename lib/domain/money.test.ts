import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allocate,
  currencies,
  exponentOf,
  largestMinor,
  limitIn,
  money,
  parseCurrency,
  parseDecimal,
  print,
  printDecimal,
} from './money.ts';
import { currency, seeded } from './refund/given.ts';

const anyCurrency = fc.constantFrom(...currencies().map(([code]) => code));
const anyMinor = fc.bigInt({ min: 0n, max: largestMinor });

describe('a currency', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['VND', 0],
    ['UGX', 0],
    ['ISK', 0],
    ['EUR', 2],
    ['HUF', 2],
    ['TWD', 2],
    ['AUD', 2],
    ['DKK', 2],
    ['PLN', 2],
    ['USD', 2],
    ['ZAR', 2],
    ['BHD', 3],
    ['KWD', 3],
    ['JOD', 3],
    ['OMR', 3],
    ['TND', 3],
    ['CLF', 4],
  ])('F38 %s has %i decimals, as ISO 4217 says', (code, exponent) => {
    expect(exponentOf(currency(code))).toBe(exponent);
  });

  it('F38 is listed once', () => {
    const codes = currencies().map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(['', 'XXX', 'EU', 'EURO', 'E R', ' EUR', 'EUR ', 'uſd', 'ıls', '978', 'constructor'])(
    'F38 is refused where it is unknown: %j',
    (text) => expect(parseCurrency(text)).toBeUndefined(),
  );

  it('is read in lower case too', () => expect(parseCurrency('eur')).toBe('EUR'));

  it('has no exponent made up for it', () =>
    expect(() => exponentOf('XXX' as ReturnType<typeof currency>)).toThrow(new RangeError('no exponent for XXX')));
});

describe('an amount in text', () => {
  it.each([
    ['0', 'EUR', 0n],
    ['0.00', 'EUR', 0n],
    ['12', 'EUR', 1200n],
    ['12.3', 'EUR', 1230n],
    ['12.30', 'EUR', 1230n],
    ['0.01', 'EUR', 1n],
    ['500', 'JPY', 500n],
    ['1.234', 'KWD', 1234n],
    ['1.2345', 'CLF', 12345n],
    ['10000000000000.00', 'EUR', largestMinor],
  ] as const)('%s %s is %i minor units', (text, code, minor) => {
    expect(parseDecimal(text, currency(code))).toBe(minor);
  });

  const odd = [
    '',
    ' ',
    '10,00',
    '1,000.00',
    '1 000',
    '1e3',
    '1E3',
    '-0',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1\n',
    '1.',
    '.5',
    '.',
    '01',
    '00',
    '٣',
    '１',
    '0x10',
    '1_000',
    '1.2.3',
    'NaN',
    'Infinity',
    '10n',
    '1\u0000',
  ];
  it.each(odd)('F19 %j is not a decimal', (text) => {
    expect(parseDecimal(text, currency('EUR'))).toBe('not-a-decimal');
  });

  it('F16 longer than forty characters is not read', () => {
    expect(parseDecimal(`1.${'0'.repeat(38)}`, currency('EUR'))).toBe('too-many-decimals');
    expect(parseDecimal(`1.${'0'.repeat(39)}`, currency('EUR'))).toBe('not-a-decimal');
    expect(parseDecimal('9'.repeat(41), currency('EUR'))).toBe('not-a-decimal');
  });

  it.each([
    ['12.300', 'EUR'],
    ['1.0', 'JPY'],
    ['1.2340', 'KWD'],
  ] as const)('F38 %s %s has too many decimals, zeros too', (text, code) => {
    expect(parseDecimal(text, currency(code))).toBe('too-many-decimals');
  });

  it.each(['10000000000000.01', '9'.repeat(40)])('F40 %s is too large', (text) => {
    expect(parseDecimal(text, currency('EUR'))).toBe('too-large');
  });

  it('F38 is printed and read back exactly, in every currency', () => {
    const same = fc.property(anyCurrency, anyMinor, (code, minor) => {
      expect(parseDecimal(printDecimal(money(minor, code)), code)).toBe(minor);
    });
    fc.assert(same, { ...seeded, numRuns: 300 });
    for (const [code] of currencies()) expect(parseDecimal(printDecimal(money(1n, code)), code)).toBe(1n);
  });

  it('F19 is read exactly or not at all: whatever is accepted prints as the same number', () => {
    const piece = fc.constantFrom('0', '1', '9', '.', ',', '-', '+', 'e', ' ', '00', '٣');
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const exact = fc.property(text, anyCurrency, (given, code) => {
      const minor = parseDecimal(given, code);
      if (typeof minor !== 'bigint') return;
      const [whole, fraction = ''] = given.split('.');
      const padded = fraction.padEnd(exponentOf(code), '0');
      expect(printDecimal(money(minor, code))).toBe(padded === '' ? whole : `${whole}.${padded}`);
    });
    fc.assert(exact, { ...seeded, numRuns: 300 });
  });

  it('shows what is below zero with its sign', () => {
    expect(printDecimal(money(-5n, currency('EUR')))).toBe('-0.05');
    expect(printDecimal(money(-5n, currency('JPY')))).toBe('-5');
  });

  it('names its currency where a person reads it', () => {
    expect(print(money(1230n, currency('EUR')))).toBe('12.30 EUR');
  });
});

describe('an allocation', () => {
  const total = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { minLength: 1, maxLength: 12 });

  it('F37 has parts that sum to the whole, are never negative and lie within one unit of the exact share', () => {
    const fair = fc.property(total, weights, (whole, shares) => {
      const parts = allocate(whole, shares);
      const sum = shares.reduce((all, share) => all + share, 0n);
      expect(parts).toHaveLength(shares.length);
      expect(parts.reduce((all, part) => all + part, 0n)).toBe(whole);
      parts.forEach((part, index) => {
        expect(part >= 0n).toBe(true);
        if (sum === 0n) return;
        const error = part * sum - whole * (shares[index] ?? 0n);
        expect(error < sum && -error < sum).toBe(true);
        if (shares[index] === 0n) expect(part).toBe(0n);
      });
    });
    fc.assert(fair, { ...seeded, numRuns: 300 });
  });

  it('F37 gives the units that are left to the largest remainders, and of equal ones to the earlier', () => {
    const fair = fc.property(total, weights, (whole, shares) => {
      const sum = shares.reduce((all, share) => all + share, 0n);
      if (sum === 0n) return;
      const parts = allocate(whole, shares).map((part, index) => {
        const exact = whole * (shares[index] ?? 0n);
        return { index, raised: part > exact / sum, remainder: exact % sum };
      });
      const kept = parts.filter(({ raised }) => !raised);
      for (const one of parts.filter(({ raised }) => raised)) {
        for (const other of kept) {
          expect(one.remainder >= other.remainder).toBe(true);
          if (one.remainder === other.remainder) expect(one.index).toBeLessThan(other.index);
        }
      }
    });
    fc.assert(fair, { ...seeded, numRuns: 100 });
  });

  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [10, [1, 2, 3], [2, 3, 5]],
    [7, [3, 1, 3], [3, 1, 3]],
    [5, [1, 4, 2], [1, 3, 1]],
    [1, [1, 1], [1, 0]],
    [2, [1, 1, 1], [1, 1, 0]],
    [10, [0, 0], [10, 0]],
    [0, [5, 7], [0, 0]],
    [5, [0, 3], [0, 5]],
  ])('F37 of %i by %j is %j: ties go to the earlier part', (whole, shares, parts) => {
    expect(allocate(BigInt(whole), shares.map(BigInt))).toEqual(parts.map(BigInt));
  });

  it.each([
    [-1, [1], 'no negative number'],
    [1, [-1], 'no negative number'],
    [1, [2, -1], 'no negative number'],
    [1, [], 'at least one weight'],
  ])('F40 of %i by %j is a bug', (whole, shares, why) => {
    expect(() => allocate(BigInt(whole), shares.map(BigInt))).toThrow(why);
  });

  it.each([
    ['EUR', '500.00', 50_000n],
    ['EUR', '500.009', 50_000n],
    ['JPY', '500.99', 500n],
    ['KWD', '500.00', 500_000n],
    ['EUR', '5e2', undefined],
    ['EUR', '', undefined],
  ])('F19 a limit in %s of %j is %s minor units', (code, text, minor) => {
    expect(limitIn(currency(code), text)).toBe(minor);
  });
});
