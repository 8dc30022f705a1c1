import type { Secret } from '../../../app/ports/connections.ts';

/**
 * The key behind `whsec_` and base64: 24 to 64 bytes (Standard Webhooks 1.0.0, "Signature scheme"). Undefined for anything else:
 * what is no key, an empty one above all, must not verify.
 */
export function keyOf(secret: Secret): Buffer | undefined {
  const text = secret.reveal().replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** The signed text without its body: what follows the second point is the body as it came. */
export const signedPrefix = (id: string, seconds: string): string => `${id}.${seconds}.`;
