import { kmsOpener } from '../../lib/adapters/aws/opener.ts';
import { kmsSealer } from '../../lib/adapters/aws/sealer.ts';
import type { Env } from './env.ts';
import { keyOf } from './sealing.ts';

/** For those that store references as well as read them. */
export function vaultOf(env: Env) {
  const key = keyOf(env);
  return { ...kmsSealer(key), ...kmsOpener(key) };
}
