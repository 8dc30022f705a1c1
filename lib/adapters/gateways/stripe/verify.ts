import type { Secret } from '../../../app/ports/connections.ts';
import type { RawRequest, Verification } from '../../../app/ports/gateway.ts';
import { fromSeconds, type Instant } from '../../../domain/time.ts';
import { hmacSha256, sameDigest } from '../../kit/hmac.ts';

/** Stripe's own default. We hold it on both sides of the clock, which Stripe's library does not (F6, F7). */
export const toleranceSeconds = 300;

/**
 * `Stripe-Signature: t=…,v1=…[,v1=…]`: HMAC-SHA256 over `t.body` in lower-case hex, keyed with the secret's text as it is, its
 * `whsec_` included (docs.stripe.com/webhooks, "Verify manually"). While a secret is rolled there is one `v1` per secret.
 */
export function verify(raw: RawRequest, secrets: readonly Secret[], now: Instant): Verification {
  const header = raw.headers['stripe-signature'];
  if (header === undefined || header === '') return { verified: false, why: 'no-signature' };
  const signed = parseHeader(header);
  if (signed === undefined) return { verified: false, why: 'malformed' };
  const secretIndex = secrets.findIndex((secret) => {
    const text = secret.reveal();
    // An empty secret is a setting that is missing, and a signature that anybody can make.
    if (text === '') return false;
    const ours = hmacSha256(text, `${signed.time}.`, raw.body);
    return signed.digests.some((theirs) => sameDigest(ours, theirs));
  });
  if (secretIndex === -1) return { verified: false, why: 'mismatch' };
  const signedAt = fromSeconds(Number(signed.time));
  const age = (now - signedAt) / 1000;
  if (age > toleranceSeconds) return { verified: false, why: 'too-old', signedAt };
  if (age < -toleranceSeconds) return { verified: false, why: 'from-the-future', signedAt };
  return { verified: true, secretIndex, signedAt };
}

/** Stripe sends one pair per active secret, two at most; ten leave room, a thousand would be an attack on our time. */
const mostPairs = 10;

function parseHeader(header: string): { time: string; digests: Buffer[] } | undefined {
  const pairs = header.split(',', mostPairs + 1);
  if (pairs.length > mostPairs) return undefined;
  const times: string[] = [];
  // Stryker disable next-line ArrayDeclaration: a text that is no digest is the same as none
  const digests: Buffer[] = [];
  for (const pair of pairs) {
    const [scheme, value = ''] = pair.trim().split('=', 2);
    if (scheme === 't') times.push(value);
    // Other schemes are ignored: `v0` is for tests, a later one is not ours to judge.
    if (scheme === 'v1' && /^[0-9a-f]{64}$/.test(value)) digests.push(Buffer.from(value, 'hex'));
  }
  const [time] = times;
  // Two times are two stories: the library takes the last, we take neither.
  if (time === undefined || times.length > 1 || !/^\d{1,11}$/.test(time)) return undefined;
  return { time, digests };
}
