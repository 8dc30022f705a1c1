import { KMSClient } from '@aws-sdk/client-kms';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { kmsSealer } from '../../lib/adapters/aws/sealer.ts';
import { type Env, required } from './env.ts';

/** The key, for either half of the vault. */
export const keyOf = (env: Env) => ({
  client: quiet(new KMSClient({ ...clientLimits() })),
  keyArn: required(env, ['REDRESS_KEY_ARN']).REDRESS_KEY_ARN,
});

/** For those that may encrypt and not decrypt: what decrypts is not in their bundles. */
export const sealerOf = (env: Env) => kmsSealer(keyOf(env));
