import { randomBytes } from 'node:crypto';
import {
  buildClient,
  CommitmentPolicy,
  NodeAlgorithmSuite,
  NodeDefaultCryptographicMaterialsManager,
  type NodeEncryptionMaterial,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { describe, expect, it } from 'vitest';
import { sealedMessage, sealingKey, suiteId } from './sealed-message.ts';

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
  const material = (encryptionContext: Record<string, string> = context) =>
    new NodeDefaultCryptographicMaterialsManager(keyring).getEncryptionMaterials({
      suite,
      encryptionContext,
      commitmentPolicy: policy,
    });
  const sealed = (used: NodeEncryptionMaterial, plaintext: Uint8Array) => sealedMessage(sealingKey(used), plaintext);

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

  it('leaves no data key behind in its material', async () => {
    const used = await material();
    sealingKey(used);
    expect(used.hasUnencryptedDataKey).toBe(false);
  });
});
