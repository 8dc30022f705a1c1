import { describe, expect, it } from 'vitest';
import {
  parseConnection,
  parseCorrelation,
  parseMerchant,
  parsePaymentId,
  parseRefundId,
  paymentId,
  refundId,
} from './ids.ts';

describe('an id from outside', () => {
  it('is the id we made', () => {
    expect(parsePaymentId(paymentId('0123456789abcdef'))).toBe('pay_0123456789abcdef');
    expect(parseRefundId(refundId('0123456789abcdef'))).toBe('rf_0123456789abcdef');
  });

  it('of one kind is not taken for another', () => {
    expect(parseRefundId('pay_0123456789abcdef')).toBeUndefined();
    expect(parsePaymentId('rf_0123456789abcdef')).toBeUndefined();
  });

  it.each([
    '',
    'rf_',
    'rf_1234567',
    `rf_${'a'.repeat(65)}`,
    'rf_12345678#',
    'rf_1234 678',
    'rf_12345678\n',
    'RF_12345678',
    'rf_12345678/..',
  ])('is refused where it does not look like one: %j', (text) => expect(parseRefundId(text)).toBeUndefined());
});

describe('a name of a merchant or a connection', () => {
  it.each(['demo', 'a', '9', 'stripe-demo', 'a'.repeat(63)])('may be %s', (text) => {
    expect(parseMerchant(text)).toBe(text);
    expect(parseConnection(text)).toBe(text);
  });

  it.each(['', '-a', 'A', 'a_b', 'a#b', 'a%23b', 'a/b', 'a b', 'é', 'a\n', 'a'.repeat(64)])('may not be %j', (text) => {
    expect(parseMerchant(text)).toBeUndefined();
    expect(parseConnection(text)).toBeUndefined();
  });
});

describe('a correlation id', () => {
  it('is taken over from outside where it is short and plain', () => {
    expect(parseCorrelation('c_Ab-9=')).toBe('c_Ab-9=');
  });
  it.each(['', 'a'.repeat(65), 'a b', 'a\nb', '<script>'])('F142 is not taken over: %j', (text) =>
    expect(parseCorrelation(text)).toBeUndefined(),
  );
});
