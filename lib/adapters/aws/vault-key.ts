import type { KMSClient } from '@aws-sdk/client-kms';
import { minute } from '../../domain/time.ts';

export interface KmsVaultNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: KMSClient;
  /** The key's full ARN: ciphertexts name their key by it, so that an alias would never match. */
  readonly keyArn: string;
}

/** Bounds of one data key: what a stolen one opens, and how long a key that was disabled in KMS goes on working here. */
export const cacheBounds = { maxAge: 5 * minute, maxMessagesEncrypted: 1000, maxBytesEncrypted: 2 ** 20 };
/** Merchants, and data keys, that one instance remembers. */
export const cacheSize = 200;

/** What a ciphertext is bound to, and KMS's answer with it. */
export const context = (merchant: string): Record<string, string> => ({ merchant, purpose: 'payment-reference' });

/** Throws a RangeError for an alias: in the key's place it would make everything look as if it were another installation's. */
export function fullArn(keyArn: string): string {
  if (!/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/.test(keyArn))
    throw new RangeError('the vault needs the full ARN of its key');
  return keyArn;
}
