import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsFault } from './kms-fault.ts';
import type { Key } from './kms-keys.ts';

/** A ciphertext: format (1 byte), key id (16), key version (2), IV (12), tag (16), body. All before the tag is authenticated. */
const format = 1;
const headerLength = 1 + 16 + 2 + 12;
const tagLength = 16;

/** The encryption context in one spelling: pairs in order of their names. */
export type Context = string;

export function seal(key: Key, plaintext: Uint8Array, context: Context): Buffer {
  const version = key.versions.length - 1;
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(format, 0);
  header.write(key.id.replaceAll('-', ''), 1, 'hex');
  header.writeUInt16BE(version, 17);
  randomBytes(12).copy(header, 19);
  const cipher = createCipheriv('aes-256-gcm', material(key, version), header.subarray(19));
  cipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, cipher.getAuthTag(), body]);
}

/** The id of the key that made `blob`. Throws InvalidCiphertextException for what no key here made. */
export function keyIdOf(blob: Buffer): string {
  if (blob.length < headerLength + tagLength || blob[0] !== format) throw invalid();
  return blob
    .subarray(1, 17)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Throws InvalidCiphertextException for another context, another key and any change. */
export function unseal(key: Key, blob: Buffer, context: Context): Buffer {
  const header = blob.subarray(0, headerLength);
  const version = header.readUInt16BE(17);
  if (version >= key.versions.length) throw invalid();
  const decipher = createDecipheriv('aes-256-gcm', material(key, version), header.subarray(19), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  decipher.setAuthTag(blob.subarray(headerLength, headerLength + tagLength));
  try {
    return Buffer.concat([decipher.update(blob.subarray(headerLength + tagLength)), decipher.final()]);
  } catch {
    throw invalid();
  }
}

const material = (key: Key, version: number): Buffer => Buffer.from(key.versions[version] ?? '', 'base64');

const invalid = () => new KmsFault('InvalidCiphertextException', 'this is no ciphertext of the key and context');
