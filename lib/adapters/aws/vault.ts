import {
  buildDecrypt,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  KmsKeyringNode,
  NodeAlgorithmSuite,
  NodeCachingMaterialsManager,
  NodeDefaultCryptographicMaterialsManager,
} from '@aws-crypto/client-node';
import {
  DecryptCommand,
  type DecryptCommandInput,
  type DecryptCommandOutput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  type GenerateDataKeyCommandOutput,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Opener, Sealer } from '../../app/ports/vault.ts';
import { minute } from '../../domain/time.ts';
import { canonicalBase64, readSealedText, sealedText } from '../kit/sealed-text.ts';
import { dataKeys } from './data-keys.ts';
import { sealedMessage, suiteId } from './sealed-message.ts';

export interface KmsVaultNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: KMSClient;
  /** The key's full ARN: ciphertexts name their key by it, so that an alias would never match. */
  readonly keyArn: string;
}

const suite = new NodeAlgorithmSuite(suiteId);
const commitmentPolicy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;

/** Bounds of one data key: what a stolen one opens, and how long a key that was disabled in KMS goes on working here. */
const cacheBounds = { maxAge: 5 * minute, maxMessagesEncrypted: 1000, maxBytesEncrypted: 2 ** 20 };
/** Merchants, and data keys, that one instance remembers. */
const cacheSize = 200;
/** Any constant: each cache belongs to one sealer or opener. */
const partition = 'redress';

/** Encrypts payment references as messages of the AWS Encryption SDK. Needs `kms:GenerateDataKey` and nothing else. */
export function kmsSealer({ client, keyArn }: KmsVaultNeeds): Sealer {
  const backingMaterials = keyring(keyArn, {
    generateDataKey: (input) => client.send(new GenerateDataKeyCommand(input)),
  });
  const materials = new NodeDefaultCryptographicMaterialsManager(backingMaterials);
  const withKey = dataKeys({
    fresh: (merchant) =>
      materials.getEncryptionMaterials({ suite, encryptionContext: context(merchant), commitmentPolicy }),
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

/** Decrypts them. Needs `kms:Decrypt` and nothing else. */
export function kmsOpener({ client, keyArn }: KmsVaultNeeds): Opener {
  const { decrypt } = buildDecrypt({ commitmentPolicy, maxEncryptedDataKeys: 1 });
  const cache = getLocalCryptographicMaterialsCache(cacheSize);
  return {
    async open(merchant, item, sealed) {
      const bytes = canonicalBase64(sealed);
      if (bytes === undefined) return 'foreign';
      const failures: unknown[] = [];
      // A keyring per call, since it buries what KMS answered in a text; the cache is what is shared.
      const backingMaterials = keyring(keyArn, {
        decrypt: (input) =>
          client.send(new DecryptCommand(input)).catch((error: unknown) => {
            failures.push(error);
            throw error;
          }),
      });
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

type KeyringInput = NonNullable<ConstructorParameters<typeof KmsKeyringNode>[0]>;
interface OurCalls {
  readonly generateDataKey?: (input: GenerateDataKeyCommandInput) => Promise<GenerateDataKeyCommandOutput>;
  readonly decrypt?: (input: DecryptCommandInput) => Promise<DecryptCommandOutput>;
}
type KmsCalls = Exclude<ReturnType<NonNullable<KeyringInput['clientProvider']>>, false>;

/** With an alias in its place, everything would look as if it were another installation's. */
const fullArn = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** A keyring on the two calls we need; a client of the whole service would put all of it into every bundle. */
function keyring(keyArn: string, calls: OurCalls): KmsKeyringNode {
  if (!fullArn.test(keyArn)) throw new RangeError('the vault needs the full ARN of its key');
  const notOurs = () => Promise.reject(new Error('this role does not make this call'));
  const all = { generateDataKey: notOurs, encrypt: notOurs, decrypt: notOurs, ...calls } as KmsCalls;
  return new KmsKeyringNode({ generatorKeyId: keyArn, clientProvider: () => all });
}

const context = (merchant: string): Record<string, string> => ({ merchant, purpose: 'payment-reference' });

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
