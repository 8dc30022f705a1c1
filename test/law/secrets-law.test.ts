import { describe, expect, it } from 'vitest';
import { expectOnly, found, plant } from './planted.ts';
import { isCardNumber, secretsLaw } from './secrets-law.ts';

const fixture = 'lib/adapters/gateways/stripe/fixtures/a.json';
/** With its check digit, which is the last. */
const card = (digits: string) => [...'0123456789'].map((last) => digits + last).find(isCardNumber) ?? '';
const grouped = (digits: string, by: string) => digits.replace(/(.{4})(?=.)/g, `$1${by}`);

describe('the law of secrets refuses', () => {
  it.each([
    ['secret', `sk_${'live'}_${'a1B2'.repeat(6)}`],
    ['secret', `rk_${'live'}_${'a1B2'.repeat(6)}`],
    ['secret', `AKIA${'A1B2'.repeat(4)}`],
    ['secret', `-----BEGIN EC ${'PRIVATE'} KEY-----`],
    ['secret', `shpat_${'0123456789abcdef'.repeat(2)}`],
    ['secret', `ghp_${'a1B2c3'.repeat(6)}`],
    ['secret', `eyJ${'a'.repeat(12)}.eyJ${'b'.repeat(12)}.${'c'.repeat(12)}`],
    ['card-number', card('411111111111111')],
    ['card-number', grouped(card('555555555555444'), ' ')],
    ['card-number', grouped(card('601111111111111'), '-')],
    ['card-number', card('37828224631000')],
  ])('%s: %s', (rule, text) => {
    for (const path of [fixture, 'README.md', 'lib/app/a.test.ts'])
      expectOnly(secretsLaw, rule, plant(path, `\n"${text}" // here`));
  });

  it.each([fixture, 'docs/example.json'])('an e-mail address in %s', (path) => {
    expectOnly(secretsLaw, 'e-mail', plant(path, `\n{"email": "jenny@gmail.com"} // here`));
  });
});

describe('the law of secrets allows', () => {
  it.each([
    'sk_test_spine',
    `sk_${'live'}_1`,
    '1795262000000',
    '4242424242424241',
    '4242 4242 4242 4242',
    'pi_3N4111111111111111',
    '"jenny@example.com"',
    '"a@shop.invalid"',
  ])('%s', (text) => expect(found(secretsLaw, plant(fixture, text))).toEqual([]));

  it.each([
    ['4242424242424242', true],
    ['4242424242424241', false],
    ['1795262000000', false],
    ['6011111111111118', false],
  ])('%s is a card number: %s', (digits, is) => expect(isCardNumber(digits)).toBe(is));
});
