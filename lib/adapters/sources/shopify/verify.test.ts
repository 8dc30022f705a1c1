import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../app/ports/connections.ts';
import { verify } from './verify.ts';

const secret = new Secret('test_secret_key');
const body = new TextEncoder().encode('{"foo": "bar"}');
/** From the tests of Shopify's own library (Shopify/shopify-app-js, webhooks/__tests__/validate.test.ts). */
const known = 'B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=';
const hex = Buffer.from(known, 'base64').toString('hex');

const whyOf = (headers: Record<string, string>, by = [secret]) => {
  const verification = verify({ body, headers }, by);
  return verification.verified ? 'verified' : verification.why;
};

describe('a Shopify signature', () => {
  it.each([
    ['in the older header', { 'x-shopify-hmac-sha256': known }, 'verified'],
    ['in the newer header', { 'shopify-hmac-sha256': known }, 'verified'],
    [
      'F1 in both, where the newer one is wrong',
      { 'shopify-hmac-sha256': 'fake', 'x-shopify-hmac-sha256': known },
      'malformed',
    ],
    ['F1 that is a word', { 'x-shopify-hmac-sha256': 'fake' }, 'malformed'],
    ['F1 in hexadecimal', { 'x-shopify-hmac-sha256': hex }, 'malformed'],
    ['F1 without padding', { 'x-shopify-hmac-sha256': known.replace('=', '') }, 'malformed'],
    ['F1 of another body', { 'x-shopify-hmac-sha256': Buffer.alloc(32, 1).toString('base64') }, 'mismatch'],
    ['F1 that is not there', {}, 'no-signature'],
  ])('%s', (_name, headers, expected) => {
    expect(whyOf(headers)).toBe(expected);
  });

  it('F20 holds under the old secret for as long as both are kept, and says which', () => {
    const newer = new Secret('the_new_client_secret');
    const headers = { 'x-shopify-hmac-sha256': known };
    expect(verify({ body, headers }, [newer, secret])).toEqual({ verified: true, secretIndex: 1 });
    expect(whyOf(headers, [newer])).toBe('mismatch');
  });

  it('F1 is not taken where it is made with nothing, while a secret is empty', () => {
    const forged = { 'x-shopify-hmac-sha256': createHmac('sha256', '').update(body).digest('base64') };
    expect(whyOf(forged, [new Secret('')])).toBe('mismatch');
    expect(whyOf(forged, [new Secret(''), secret])).toBe('mismatch');
    expect(whyOf({ 'x-shopify-hmac-sha256': known }, [new Secret(''), secret])).toBe('verified');
  });

  const file = `${process.env.REDRESS_SPECS ?? '../shared'}/vectors/signatures.json`;
  it.skipIf(!existsSync(file))('agrees with the collected vectors', () => {
    const all = JSON.parse(readFileSync(file, 'utf8'));
    const vectors: Vector[] = (Array.isArray(all) ? all : all.vectors).filter(
      (one: Vector) => one.scheme === 'shopify-hmac-sha256',
    );
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) {
      const headers = Object.fromEntries(
        Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const raw = { body: new TextEncoder().encode(vector.body), headers };
      expect(verify(raw, [new Secret(vector.secret)]).verified).toBe(vector.expect === 'valid');
    }
  });
});

interface Vector {
  readonly scheme: string;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expect: string;
}
