import type { Secret } from '../../../app/ports/connections.ts';
import type { Instant } from '../../../domain/time.ts';
import { hmacSha256 } from '../../kit/hmac.ts';
import { keyOf, signedPrefix } from './secret.ts';

/** What a sender does: the headers for one attempt to deliver `body`. A repeated attempt keeps its id and signs its own time. */
export function sign(
  body: string | Uint8Array,
  message: { readonly secret: Secret; readonly id: string; readonly at: Instant },
): Readonly<Record<string, string>> {
  const key = keyOf(message.secret);
  if (key === undefined) throw new RangeError('the secret is not whsec_ and the base64 of 24 to 64 bytes');
  const seconds = String(Math.floor(message.at / 1000));
  const digest = hmacSha256(key, signedPrefix(message.id, seconds), body).toString('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${digest}`,
  };
}
