import { createHmac, timingSafeEqual } from 'node:crypto';

/** Standard Webhooks by hand: one secret, HMAC-SHA256 over id, time and body, five minutes of tolerance. */
export function isSigned(
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
  secret: string,
  now = Date.now(),
): boolean {
  const id = headers['webhook-id'] ?? '';
  const seconds = headers['webhook-timestamp'] ?? '';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const ours = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest();
  const signed = (headers['webhook-signature'] ?? '').split(' ').some((entry) => {
    const theirs = Buffer.from(entry.startsWith('v1,') ? entry.slice(3) : '', 'base64');
    return theirs.length === ours.length && timingSafeEqual(ours, theirs);
  });
  return signed && Math.abs(now / 1000 - Number(seconds)) <= 300;
}
