import {
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
} from '@aws-crypto/caching-materials-manager-node';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { type AwsEsdkKMSInterface, KmsKeyringClass } from '@aws-crypto/kms-keyring';
import { CommitmentPolicy, KeyringNode, type NodeAlgorithmSuite } from '@aws-crypto/material-management-node';
import { DecryptCommand, type DecryptCommandInput, type DecryptCommandOutput } from '@aws-sdk/client-kms';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Opener } from '../../app/ports/vault.ts';
import { canonicalBase64, readSealedText } from '../kit/sealed-text.ts';
import { cacheBounds, cacheSize, context, fullArn, type KmsVaultNeeds } from './vault-key.ts';

const commitmentPolicy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
/** Any constant: each cache belongs to one opener. */
const partition = 'redress';

/** Decrypts what `kmsSealer` encrypted, with the library alone. Needs `kms:Decrypt` and nothing else. */
export function kmsOpener({ client, keyArn }: KmsVaultNeeds): Opener {
  const { decrypt } = buildDecrypt({ commitmentPolicy, maxEncryptedDataKeys: 1 });
  const cache = getLocalCryptographicMaterialsCache(cacheSize);
  return {
    async open(merchant, item, sealed) {
      const bytes = canonicalBase64(sealed);
      if (bytes === undefined) return 'foreign';
      const failures: unknown[] = [];
      // A keyring per call, since it buries what KMS answered in a text; the cache is what is shared.
      const backingMaterials = keyring(keyArn, (input) =>
        client.send(new DecryptCommand(input)).catch((error: unknown) => {
          failures.push(error);
          throw error;
        }),
      );
      const materials = new NodeCachingMaterialsManager({ backingMaterials, cache, partition, ...cacheBounds });
      try {
        const { plaintext, messageHeader } = await decrypt(materials, bytes);
        if (!sameContext(messageHeader.encryptionContext, context(merchant))) return 'foreign';
        return readSealedText(plaintext.toString('utf8'), item) ?? 'foreign';
      } catch (error) {
        const temporary = failures.find((failure) => !isFinal(failure));
        if (temporary !== undefined) throw new Unavailable('vault', temporary);
        // Whatever else fails, fails on the ciphertext: its shape, its suite, its key, its tag.
        if (error instanceof Error) return 'foreign';
        throw error;
      }
    },
  };
}

const notOurs = (): Promise<never> => Promise.reject(new Error('this role does not make this call'));

/** What `KmsKeyringClass` takes: a class that has both verbs, which it replaces. */
class Unkeyed extends KeyringNode {
  override _onEncrypt(): Promise<never> {
    return notOurs();
  }
  override _onDecrypt(): Promise<never> {
    return notOurs();
  }
}

/**
 * The library's KMS keyring on the one call we need. Its own class for Node, and its package of everything, would bring the client of
 * the whole key service, a key store in DynamoDB and the writing of messages into every bundle.
 */
class OurKeyring extends KmsKeyringClass<NodeAlgorithmSuite, AwsEsdkKMSInterface>(Unkeyed) {}

function keyring(keyArn: string, decrypt: (input: DecryptCommandInput) => Promise<DecryptCommandOutput>): OurKeyring {
  const calls = { generateDataKey: notOurs, encrypt: notOurs, decrypt } as AwsEsdkKMSInterface;
  return new OurKeyring({ generatorKeyId: fullArn(keyArn), clientProvider: () => calls });
}

const sameContext = (found: Readonly<Record<string, string>>, ours: Readonly<Record<string, string>>): boolean =>
  Object.keys(found).length === Object.keys(ours).length &&
  Object.entries(ours).every(([name, value]) => found[name] === value);

/** KMS's answers that will never change; a key that is disabled or about to be deleted can still be saved, so work waits (F122). */
const finalAnswers: ReadonlySet<string> = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'InvalidKeyUsageException',
  'NotFoundException',
]);

const isFinal = (failure: unknown): boolean => failure instanceof Error && finalAnswers.has(failure.name);
