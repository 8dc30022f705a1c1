import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Balance, empty } from './balance.ts';
import { encode } from './json.ts';
import { type Assessment, assess, type Inputs, type KnownPayment } from './policy.ts';
import { connection, currency, eur, planned, seeded } from './refund/given.ts';
import type { HoldReason } from './refund/hold-reason.ts';

const balance = (availableMinor: bigint, more: Partial<Balance> = {}): Balance => ({
  ...empty,
  capturedMinor: availableMinor,
  availableMinor,
  ...more,
});
const payment = (number: number, of: Balance, more: Partial<KnownPayment> = {}): KnownPayment => ({
  payment: planned(number).payment,
  connection: connection('stripe-demo'),
  currency: eur,
  balance: of,
  order: 'same',
  accepts: () => true,
  ...more,
});
const inputs = (amountMinor: bigint, more: Partial<Inputs> = {}): Inputs => ({
  amountMinor,
  currency: eur,
  concerns: [],
  cleared: [],
  payments: [payment(1, balance(100_000n))],
  waitedTooLong: false,
  policy: { version: 'p1', approvalLimit: '500.00' },
  ...more,
});
const one = (of: Balance, more: Partial<KnownPayment> = {}) => ({ payments: [payment(1, of, more)] });
const brief = (of: Assessment) => {
  const legs = 'legs' in of ? of.legs.map((leg) => leg.amountMinor) : [];
  return [of.is, 'reasons' in of ? of.reasons : 'reason' in of ? [of.reason] : [], legs];
};
const jpy = { currency: currency('JPY'), payments: [payment(1, balance(100_000n), { currency: currency('JPY') })] };

describe('an assessment', () => {
  it.each<[string, Inputs, [string, readonly string[], readonly bigint[]]]>([
    ['approves what is small and there', inputs(4200n), ['approved', [], [4200n]]],
    ['approves exactly the limit', inputs(50_000n), ['approved', [], [50_000n]]],
    ['holds one cent more', inputs(50_001n), ['held', ['over-limit'], [50_001n]]],
    ['F38 approves 500 yen', inputs(500n, jpy), ['approved', [], [500n]]],
    ['F38 holds 501 yen', inputs(501n, jpy), ['held', ['over-limit'], [501n]]],
    [
      'holds everything where the limit is unreadable',
      inputs(1n, { policy: { version: 'p', approvalLimit: '500,00' } }),
      ['held', ['over-limit'], [1n]],
    ],
    ['approves all that is left', inputs(4200n, one(balance(4200n))), ['approved', [], [4200n]]],
    [
      'F48 uses payments in the listed order',
      inputs(4200n, { payments: [payment(2, balance(1000n)), payment(1, balance(9000n))] }),
      ['approved', [], [1000n, 3200n]],
    ],
    [
      'F48 skips a payment that has nothing left',
      inputs(4200n, { payments: [payment(1, balance(0n)), payment(2, balance(9000n))] }),
      ['approved', [], [4200n]],
    ],
    [
      'F48 uses no more payments than it needs',
      inputs(500n, { payments: [payment(1, balance(500n)), payment(2, balance(500n))] }),
      ['approved', [], [500n]],
    ],
    [
      'F35 counts a payment once, by whichever names it is listed',
      inputs(1500n, { payments: [payment(1, balance(1000n)), payment(1, balance(1000n))] }),
      ['denied', ['exceeds-capture'], []],
    ],
    ['F41 denies more than was captured', inputs(4201n, one(balance(4200n))), ['denied', ['exceeds-capture'], []]],
    [
      'F41 denies more than is not refunded yet',
      inputs(1000n, one(balance(500n, { capturedMinor: 4200n, refundedMinor: 3700n }))),
      ['denied', ['exceeds-capture'], []],
    ],
    [
      'F41 holds, and never clamps, what other promises leave no room for',
      inputs(1000n, one(balance(500n, { capturedMinor: 4200n }))),
      ['held', ['exceeds-available'], []],
    ],
    [
      "F39 holds another currency than the payment's, without a plan",
      inputs(4200n, one(balance(9000n), { currency: currency('USD') })),
      ['held', ['other-currency'], []],
    ],
    [
      'F39 never denies by comparing two currencies',
      inputs(4200n, { ...one(balance(100n), { currency: currency('KWD') }) }),
      ['held', ['other-currency', 'exceeds-available'], []],
    ],
    [
      'holds a payment of another order',
      inputs(4200n, one(balance(9000n), { order: 'other' })),
      ['held', ['other-order'], [4200n]],
    ],
    [
      'holds a payment that may be of another shop’s order of that number',
      inputs(4200n, one(balance(9000n), { order: 'same-number' })),
      ['held', ['other-shop'], [4200n]],
    ],
    [
      'approves a payment that no order named yet',
      inputs(4200n, one(balance(9000n), { order: 'none' })),
      ['approved', [], [4200n]],
    ],
    [
      'F46 holds a disputed payment, without a plan',
      inputs(4200n, one(balance(9000n, { disputes: 1 }))),
      ['held', ['payment-disputed'], []],
    ],
    [
      'F45 holds an overdrawn payment beside one that has enough',
      inputs(4200n, { payments: [payment(1, balance(-1n)), payment(2, balance(9000n))] }),
      ['held', ['payment-overdrawn'], [4200n]],
    ],
    [
      'F38 holds what the gateway can not express',
      inputs(4200n, one(balance(9000n), { accepts: () => false })),
      ['held', ['not-expressible'], []],
    ],
    [
      'F38 asks only the gateways that pay',
      inputs(500n, { payments: [payment(1, balance(500n)), payment(2, balance(9n), { accepts: () => false })] }),
      ['approved', [], [500n]],
    ],
    [
      "holds the return's own doubts",
      inputs(4200n, { concerns: ['return-shrank', 'return-changed'] }),
      ['held', ['return-shrank', 'return-changed'], [4200n]],
    ],
    [
      'says each reason once',
      inputs(4200n, { concerns: ['other-order'], ...one(balance(9000n), { order: 'other' }) }),
      ['held', ['other-order'], [4200n]],
    ],
    [
      'F54 waits for a payment that is not known yet',
      inputs(4200n, { missing: 'payment-unknown' }),
      ['waiting', ['payment-unknown'], []],
    ],
    [
      'F42 waits for a capture',
      inputs(4200n, { missing: 'capture-pending', payments: [] }),
      ['waiting', ['capture-pending'], []],
    ],
    [
      'F42 holds when that takes too long',
      inputs(4200n, { missing: 'capture-pending', waitedTooLong: true }),
      ['held', ['payment-not-found'], []],
    ],
    ['holds when nobody named a payment', inputs(4200n, { payments: [] }), ['held', ['payment-not-found'], []]],
    ['F40 holds nothing to pay', inputs(0n, { concerns: ['return-shrank'] }), ['held', ['return-shrank'], []]],
  ])('%s', (_, given, expected) => expect(brief(assess(given))).toEqual(expected));

  it('goes on where a person put the reasons aside', () => {
    const doubtful = inputs(60_000n, { concerns: ['return-changed'], ...one(balance(90_000n), { order: 'other' }) });
    expect(brief(assess({ ...doubtful, cleared: ['return-changed', 'other-order'] }))).toEqual([
      'held',
      ['over-limit'],
      [60_000n],
    ]);
    expect(assess({ ...doubtful, cleared: ['return-changed', 'other-order', 'over-limit'] }).is).toBe('approved');
  });

  it.each<[HoldReason, Partial<Inputs>]>([
    ['payment-not-found', { payments: [] }],
    ['exceeds-available', one(balance(1n, { capturedMinor: 9000n }))],
    ['payment-disputed', one(balance(9000n, { disputes: 1 }))],
    ['other-currency', one(balance(9000n), { currency: currency('USD') })],
    ['not-expressible', one(balance(9000n), { accepts: () => false })],
  ])('never goes on with %s, and gives a person no plan to say yes to', (reason, more) => {
    const assessed = assess(inputs(4200n, { ...more, cleared: [reason] }));
    expect(brief(assessed)).toEqual(['held', [reason], []]);
  });

  const amounts = fc.bigInt({ min: 0n, max: 1000n });
  const someInputs = fc
    .record({
      wanted: fc.bigInt({ min: 1n, max: 3000n }),
      available: fc.array(amounts, { minLength: 1, maxLength: 4 }),
      promised: amounts,
    })
    .map(({ wanted, available, promised }) =>
      inputs(wanted, {
        payments: available.map((left, index) => payment(index + 1, balance(left, { capturedMinor: left + promised }))),
      }),
    );

  it('F41 F48 plans exactly the amount, from no payment more than it has left', () => {
    const exact = fc.property(someInputs, (given) => {
      const assessed = assess(given);
      const legs = 'legs' in assessed ? assessed.legs : [];
      const left = given.payments.reduce((all, { balance: of }) => all + of.availableMinor, 0n);
      expect(assessed.is === 'approved').toBe(left >= given.amountMinor);
      if (assessed.is !== 'approved') return;
      expect(legs.reduce((all, leg) => all + leg.amountMinor, 0n)).toBe(given.amountMinor);
      expect(legs.map((leg) => leg.leg)).toEqual(legs.map((_, index) => index + 1));
      for (const leg of legs) {
        const known = given.payments.find((of) => of.payment === leg.payment);
        expect(leg.amountMinor > 0n && leg.amountMinor <= (known?.balance.availableMinor ?? 0n)).toBe(true);
      }
    });
    fc.assert(exact, { ...seeded, numRuns: 200 });
  });

  it('F56 is the same, byte by byte, for the same inputs, and changes none of them', () => {
    const same = fc.property(someInputs, (given) => {
      const before = encode(given);
      expect(encode(assess(given))).toBe(encode(assess(given)));
      expect(encode(given)).toBe(before);
    });
    fc.assert(same, { ...seeded, numRuns: 100 });
  });
});
