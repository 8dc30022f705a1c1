import type { Secret } from '../../../app/ports/connections.ts';
import type { RawRequest, Verification } from '../../../app/ports/gateway.ts';
import { fromSeconds, type Instant } from '../../../domain/time.ts';
import { hmacSha256, sameDigest } from '../../kit/hmac.ts';
import { keyOf, signedPrefix } from './secret.ts';

/** As in the reference library, on both sides of the clock (F6, F7). */
export const toleranceSeconds = 300;

/** A sender that rotates sends two signatures; ten leave room, a thousand would be an attack on our time. */
const mostSignatures = 10;

/**
 * Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over `id.timestamp.body`, base64, in a list divided by spaces whose
 * other versions are ignored (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function verify(raw: RawRequest, secrets: readonly Secret[], now: Instant): Verification {
  const id = messageId(raw);
  const { 'webhook-timestamp': seconds = '', 'webhook-signature': list = '' } = raw.headers;
  if (list === '') return { verified: false, why: 'no-signature' };
  if (id === undefined || !/^\d{1,11}$/.test(seconds)) return { verified: false, why: 'malformed' };
  const entries = list.split(' ', mostSignatures + 1);
  if (entries.length > mostSignatures) return { verified: false, why: 'malformed' };
  const digests = entries.flatMap(digestOf);
  const secretIndex = secrets.findIndex((secret) => {
    const key = keyOf(secret);
    if (key === undefined) return false;
    const ours = hmacSha256(key, signedPrefix(id, seconds), raw.body);
    return digests.some((theirs) => sameDigest(ours, theirs));
  });
  if (secretIndex === -1) return { verified: false, why: 'mismatch' };
  const signedAt = fromSeconds(Number(seconds));
  const age = (now - signedAt) / 1000;
  if (age > toleranceSeconds) return { verified: false, why: 'too-old', signedAt };
  if (age < -toleranceSeconds) return { verified: false, why: 'from-the-future', signedAt };
  return { verified: true, secretIndex, signedAt };
}

/** The signed id. A point in it would let two different messages have one signed text. */
export function messageId(raw: RawRequest): string | undefined {
  const id = raw.headers['webhook-id'] ?? '';
  return /^[\x21-\x2d\x2f-\x7e]{1,200}$/.test(id) ? id : undefined;
}

/** Base64, written in the one way there is to write it. `sameDigest` takes none that is not of 32 bytes. */
function digestOf(entry: string): Buffer[] {
  const text = entry.startsWith('v1,') ? entry.slice(3) : '';
  const digest = Buffer.from(text, 'base64');
  return digest.toString('base64') === text ? [digest] : [];
}
