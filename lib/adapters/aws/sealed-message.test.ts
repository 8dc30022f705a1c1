import { type KeyObject, randomBytes } from 'node:crypto';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  NodeAlgorithmSuite,
  NodeDefaultCryptographicMaterialsManager,
  type NodeEncryptionMaterial,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { describe, expect, it } from 'vitest';
import { dataKeyLength, type FreshDataKey, sealedMessage, sealingKey, suiteId } from './sealed-message.ts';

/** The library reads what we write, and is the judge of it. */
describe('a message of the AWS Encryption SDK, written by us', () => {
  const policy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
  const { encrypt, decrypt } = buildClient(policy);
  const keyring = new RawAesKeyringNode({
    keyName: 'test',
    keyNamespace: 'test',
    unencryptedMasterKey: randomBytes(32),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const suite = new NodeAlgorithmSuite(suiteId);
  const context = { purpose: 'payment-reference', merchant: 'demo', über: 'ß' };
  const materials = new NodeDefaultCryptographicMaterialsManager(keyring);
  const material = async (encryptionContext: Record<string, string> = context) =>
    freshOf(await materials.getEncryptionMaterials({ suite, encryptionContext, commitmentPolicy: policy }));
  const sealed = (used: FreshDataKey, plaintext: Uint8Array) => sealedMessage(sealingKey(used), plaintext);

  it.each([0, 1, 200, 4095, 4096, 4097, 100_000])('is read by the library, with %d bytes in it', async (length) => {
    const plaintext = randomBytes(length);
    const read = await decrypt(keyring, sealed(await material(), plaintext));
    expect(read.plaintext.equals(plaintext)).toBe(true);
    expect({ ...read.messageHeader.encryptionContext }).toEqual(context);
  });

  it('has the header and the length of the library’s own', async () => {
    const plaintext = randomBytes(200);
    const ours = sealed(await material(), plaintext);
    const theirs = (await encrypt(keyring, plaintext, { suiteId, encryptionContext: context })).result;
    const header = async (message: Buffer) => {
      const { messageId: _, encryptedDataKeys: __, ...rest } = (await decrypt(keyring, message)).messageHeader;
      return { ...rest, suiteData: undefined };
    };
    expect(await header(ours)).toEqual(await header(theirs));
    expect(ours.byteLength).toBe(theirs.byteLength);
  });

  it('needs no context', async () => {
    const read = await decrypt(keyring, sealed(await material({}), Buffer.from('text')));
    expect(read.plaintext.toString()).toBe('text');
  });

  it('is another one each time, also under one data key', async () => {
    const key = sealingKey(await material());
    const messages: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const message = sealedMessage(key, Buffer.from('text'));
      expect((await decrypt(keyring, message)).plaintext.toString()).toBe('text');
      messages.push(message.toString('base64'));
    }
    expect(new Set(messages).size).toBe(20);
  });

  it('is refused by the library when any byte of it is changed', async () => {
    const message = sealed(await material(), Buffer.from('text'));
    for (let at = 0; at < message.length; at += 3) {
      const changed = Buffer.from(message);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      await expect(decrypt(keyring, changed), `byte ${at}`).rejects.toThrow();
    }
  });

  it('leaves no data key behind where it was', async () => {
    const used = await material();
    expect(used.dataKey.some((byte) => byte !== 0)).toBe(true);
    sealingKey(used);
    expect(used.dataKey.every((byte) => byte === 0)).toBe(true);
  });

  it.each([16, dataKeyLength - 1, dataKeyLength + 1])('is not written under a key of %d bytes', async (length) => {
    const used = await material();
    expect(() => sealingKey({ ...used, dataKey: randomBytes(length) })).toThrow(RangeError);
  });

  it('names the suite as the library does', () => {
    expect(suiteId).toBe(AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY);
    expect(dataKeyLength).toBe(suite.keyLengthBytes);
  });
});

/** What the library made, as ours takes it. */
function freshOf(material: NodeEncryptionMaterial): FreshDataKey {
  const held = material.getUnencryptedDataKey();
  return {
    dataKey: new Uint8Array(held instanceof Uint8Array ? held : (held as KeyObject).export()),
    encryptionContext: material.encryptionContext,
    encryptedDataKeys: material.encryptedDataKeys.map(({ providerId, providerInfo, rawInfo, encryptedDataKey }) => ({
      providerId,
      providerInfo: rawInfo ?? Buffer.from(providerInfo),
      encryptedDataKey,
    })),
  };
}
