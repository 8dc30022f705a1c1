import { KMSClient } from '@aws-sdk/client-kms';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { kmsOpener, kmsSealer } from '../../lib/adapters/aws/vault.ts';
import type { Vault } from '../../lib/app/ports/vault.ts';
import { type Env, required } from './env.ts';

const keyOf = (env: Env) => ({
  client: quiet(new KMSClient({ ...clientLimits() })),
  keyArn: required(env, ['REDRESS_KEY_ARN']).REDRESS_KEY_ARN,
});

/** For those that may encrypt and not decrypt. */
export const sealerOf = (env: Env) => kmsSealer(keyOf(env));

/** The same, where a vault is asked for and nothing is ever opened: their roles have no right to decrypt. */
export const sealingVault = (env: Env): Vault => ({
  ...sealerOf(env),
  open: () => Promise.reject(new Error('this function may not decrypt')),
});

/** For those that store references as well as read them. */
export function vaultOf(env: Env) {
  const key = keyOf(env);
  return { ...kmsSealer(key), ...kmsOpener(key) };
}
