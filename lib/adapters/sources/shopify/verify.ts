import type { Secret } from '../../../app/ports/connections.ts';
import type { RawRequest, Verification } from '../../../app/ports/gateway.ts';
import { hmacSha256, sameDigest } from '../../kit/hmac.ts';

/**
 * Base64 of HMAC-SHA256 over the raw body, under the app's client secret
 * (https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook-to-ensure-its-coming-from-shopify).
 * There are two families of headers; the newer one comes first, as in Shopify's own library. No time is signed, so age can't be checked:
 * an old body is harmless because it is only a reason to ask. After a rotation Shopify signs with the old secret for up to an hour (F20).
 */
export function verify(raw: RawRequest, secrets: readonly Secret[]): Verification {
  const text = raw.headers['shopify-hmac-sha256'] ?? raw.headers['x-shopify-hmac-sha256'] ?? '';
  if (text === '') return { verified: false, why: 'no-signature' };
  const theirs = Buffer.from(text, 'base64');
  // Exactly the base64 of 32 bytes, written in the one way there is to write it.
  if (theirs.length !== 32 || theirs.toString('base64') !== text) return { verified: false, why: 'malformed' };
  const secretIndex = secrets.findIndex((secret) => {
    const key = secret.reveal();
    return key !== '' && sameDigest(hmacSha256(key, raw.body), theirs);
  });
  return secretIndex === -1 ? { verified: false, why: 'mismatch' } : { verified: true, secretIndex };
}
