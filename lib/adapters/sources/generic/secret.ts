import type { KeyObject } from 'node:crypto';
import type { Secret } from '../../../app/ports/connections.ts';
import { macKey } from '../../kit/hmac.ts';

/**
 * The key behind `whsec_` and base64: 24 to 64 bytes (Standard Webhooks 1.0.0, "Signature scheme"). Undefined for anything else:
 * what is no key, an empty one above all, must not verify.
 */
export function keyOf(secret: Secret): KeyObject | undefined {
  const known = keys.get(secret);
  // Stryker disable next-line ConditionalExpression: it only saves time
  if (known !== undefined) return known;
  const key = readKey(secret);
  // Stryker disable next-line ConditionalExpression,EqualityOperator,CallExpression: it only saves time
  if (key !== undefined) keys.set(secret, key);
  return key;
}

/** Read once for each secret, not for each webhook. */
const keys = new WeakMap<Secret, KeyObject>();

function readKey(secret: Secret): KeyObject | undefined {
  const text = secret.reveal().replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length >= 24 && key.length <= 64 ? macKey(key) : undefined;
}

/** The signed text without its body: what follows the second point is the body as it came. */
export const signedPrefix = (id: string, seconds: string): string => `${id}.${seconds}.`;
