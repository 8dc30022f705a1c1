import { GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Sealer } from '../../app/ports/vault.ts';
import { sealedText } from '../kit/sealed-text.ts';
import { dataKeys } from './data-keys.ts';
import { dataKeyLength, type FreshDataKey, sealedMessage } from './sealed-message.ts';
import { cacheBounds, cacheSize, context, fullArn, type KmsVaultNeeds } from './vault-key.ts';

/**
 * Encrypts payment references as messages of the AWS Encryption SDK. Needs `kms:GenerateDataKey` and nothing else, and none of the
 * library: a function that only seals starts without it.
 */
export function kmsSealer(needs: KmsVaultNeeds): Sealer {
  fullArn(needs.keyArn);
  const withKey = dataKeys({
    fresh: (merchant) => freshDataKey(needs, context(merchant)),
    now: Date.now,
    maxAgeMs: cacheBounds.maxAge,
    maxMessages: cacheBounds.maxMessagesEncrypted,
    maxBytes: cacheBounds.maxBytesEncrypted,
    mostKeys: cacheSize,
  });
  return {
    async seal(merchant, item, secrets) {
      const plaintext = Buffer.from(sealedText(item, secrets));
      try {
        return await withKey(merchant, plaintext.byteLength, (key) => sealedMessage(key, plaintext).toString('base64'));
      } catch (error) {
        throw new Unavailable('vault', error);
      }
    },
  };
}

/**
 * As the library's keyring asks KMS for one and writes down what it answered
 * (https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html). Throws for an answer under another key: nobody could
 * open what is sealed with it.
 */
async function freshDataKey(
  { client, keyArn }: KmsVaultNeeds,
  encryptionContext: Readonly<Record<string, string>>,
): Promise<FreshDataKey> {
  const { KeyId, Plaintext, CiphertextBlob } = await client.send(
    new GenerateDataKeyCommand({ KeyId: keyArn, NumberOfBytes: dataKeyLength, EncryptionContext: encryptionContext }),
  );
  if (KeyId !== keyArn || Plaintext === undefined || CiphertextBlob === undefined || CiphertextBlob.byteLength === 0)
    throw new Error('the key service answered without a data key under our key');
  const encrypted = {
    providerId: 'aws-kms',
    providerInfo: Buffer.from(keyArn),
    encryptedDataKey: CiphertextBlob,
  };
  return { dataKey: Plaintext, encryptedDataKeys: [encrypted], encryptionContext };
}
