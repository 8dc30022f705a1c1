import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { randomBytes } from '../kit/random.ts';

/**
 * `ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY`: committing to the key, and without a signature, since who may decrypt may also
 * encrypt here, and ECDSA would double the cost.
 */
export const suiteId = 0x0478;
/** Bytes of the suite's data key. */
export const dataKeyLength = 32;

/** The library's own length of a frame; what is longer says so, and is one frame all the same. */
const usualFrame = 4096;

/** A data key, and what the header of each message under it says about it. */
export interface SealingKey {
  readonly dataKey: Buffer;
  /** Encryption context, encrypted data keys, and that the message is framed. */
  readonly about: Buffer;
}

/** A data key in clear, once as each key service gave it back encrypted, and what it was bound to there. */
export interface FreshDataKey {
  readonly dataKey: Uint8Array;
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
  readonly encryptionContext: Readonly<Record<string, string>>;
}

/** `providerInfo` says which key of the provider opens it: of KMS, the key's ARN. */
export interface EncryptedDataKey {
  readonly providerId: string;
  readonly providerInfo: Uint8Array;
  readonly encryptedDataKey: Uint8Array;
}

/** Takes the data key over: where it stood there are zeroes afterwards. Throws a RangeError for a key of another length than the suite's. */
export function sealingKey({ dataKey: given, encryptedDataKeys, encryptionContext }: FreshDataKey): SealingKey {
  if (given.byteLength !== dataKeyLength) throw new RangeError('the data key is not one of this suite');
  const dataKey = Buffer.from(given);
  given.fill(0);
  const about = [contextBytes(encryptionContext), dataKeyBytes(encryptedDataKeys), Buffer.from([2])];
  return { dataKey, about: Buffer.concat(about) };
}

/** Leaves nothing of a data key behind; no message can be sealed under it afterwards. */
export const forget = ({ dataKey }: SealingKey): void => void dataKey.fill(0);

/**
 * One message of the AWS Encryption SDK, format 2.0, of one frame, as the library's `encrypt` writes it
 * (https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html). The library's
 * `decrypt` is what reads this. Only the writing is ours: the library does it through four streams and a turn of the event loop,
 * which took a third of the CPU of accepting a webhook.
 */
export function sealedMessage(sealing: SealingKey, plaintext: Uint8Array): Buffer {
  // A key of its own for each message: the id is the salt, so that the nonces below are never used twice under one key.
  const id = randomBytes(32);
  const { key, commitment } = derived(sealing.dataKey, id);
  const length = plaintext.byteLength;
  const header = Buffer.concat([versionAndSuite, id, sealing.about, uint32(Math.max(usualFrame, length)), commitment]);
  const auth = encrypted(key, nonces.header, header, new Uint8Array());
  const body = Buffer.concat([id, finalFrameName, uint32(sequence), uint32(0), uint32(length)]);
  const frame = encrypted(key, nonces.frame, body, plaintext);
  return Buffer.concat([header, auth, frameStart, uint32(length), frame]);
}

const sequence = 1;
const versionAndSuite = Buffer.concat([Buffer.from([2]), uint16(suiteId)]);
const finalFrameName = Buffer.from('AWSKMSEncryptionClient Final Frame');
const commitLabel = Buffer.from('COMMITKEY');
/** The frame's number in the last four of twelve bytes; the header counts as frame 0. */
const nonces = { header: nonce(0), frame: nonce(sequence) };
const frameStart = Buffer.concat([Buffer.from('ffffffff', 'hex'), uint32(sequence), nonces.frame]);
const keyLabel = Buffer.concat([uint16(suiteId), Buffer.from('DERIVEKEY')]);

/**
 * HKDF-SHA512 (RFC 5869) over the data key (…/developer-guide/algorithms-reference.html): both keys come from one extraction, and
 * each is no longer than a digest, which is one expansion. `hkdfSync` extracts again for each and costs twice as much.
 */
function derived(dataKey: Uint8Array, salt: Uint8Array): { key: KeyObject; commitment: Buffer } {
  const extracted = createSecretKey(hmac(createSecretKey(salt), dataKey));
  const expand = (label: Uint8Array) => hmac(extracted, label, firstBlock).subarray(0, 32);
  return { key: createSecretKey(expand(keyLabel)), commitment: expand(commitLabel) };
}

const firstBlock = Buffer.from([1]);

/** Keys as key objects: whatever is none costs Node six times as much to take for a key. */
function hmac(key: KeyObject, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha512', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Ciphertext and tag. */
function encrypted(key: KeyObject, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function contextBytes(context: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(context).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  if (pairs.length === 0) return uint16(0);
  const fields = pairs.flatMap(([name, value]) => [counted(name), counted(value)]);
  return counted(Buffer.concat([uint16(pairs.length), ...fields]));
}

function dataKeyBytes(keys: readonly EncryptedDataKey[]): Buffer {
  const fields = keys.flatMap(({ providerId, providerInfo, encryptedDataKey }) => [
    counted(Buffer.from(providerId)),
    counted(providerInfo),
    counted(encryptedDataKey),
  ]);
  return Buffer.concat([uint16(keys.length), ...fields]);
}

const counted = (bytes: Uint8Array): Buffer => Buffer.concat([uint16(bytes.byteLength), bytes]);

function nonce(frame: number): Buffer {
  return Buffer.concat([Buffer.alloc(8), uint32(frame)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
