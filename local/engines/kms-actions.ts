import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { type Context, keyIdOf, seal, unseal } from './kms-blob.ts';
import { KmsFault } from './kms-fault.ts';
import { arnOf, type Key, type KeySpec, type Keys, newMaterial } from './kms-keys.ts';

type Input = Readonly<Record<string, unknown>>;
type Action = (input: Input, keys: Keys) => Promise<object | undefined> | object | undefined;

/** Everything the endpoint can do, by AWS's names. `MessageType: DIGEST` is refused: Node's ECDSA hashes what it signs. */
export const actions: Readonly<Record<string, Action>> = {
  async CreateKey(input, keys) {
    const spec = input.KeySpec ?? 'SYMMETRIC_DEFAULT';
    if (!isSpec(spec)) throw new KmsFault('ValidationException', 'this key service does not make such keys');
    if ((input.KeyUsage ?? 'ENCRYPT_DECRYPT') !== usage[spec])
      throw new KmsFault('ValidationException', 'usage and spec differ');
    return { KeyMetadata: metadata(await keys.create(spec)) };
  },
  DescribeKey: (input, keys) => ({ KeyMetadata: metadata(keys.find(input.KeyId)) }),
  async EnableKey(input, keys) {
    await keys.change({ ...keys.find(input.KeyId), enabled: true });
    return undefined;
  },
  async DisableKey(input, keys) {
    await keys.change({ ...keys.find(input.KeyId), enabled: false });
    return undefined;
  },
  async RotateKeyOnDemand(input, keys) {
    const key = usable(keys.find(input.KeyId), 'SYMMETRIC_DEFAULT');
    await keys.change({ ...key, versions: [...key.versions, newMaterial(key.spec)] });
    return { KeyId: key.id };
  },

  Encrypt(input, keys) {
    const key = usable(keys.find(input.KeyId), 'SYMMETRIC_DEFAULT');
    const blob = seal(key, bytes(input, 'Plaintext', 4096), context(input));
    return { KeyId: arnOf(key), CiphertextBlob: text(blob), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },
  Decrypt(input, keys) {
    const blob = bytes(input, 'CiphertextBlob', 6144);
    const key = usable(keyOfBlob(blob, keys), 'SYMMETRIC_DEFAULT');
    if (input.KeyId !== undefined && keys.find(input.KeyId).id !== key.id) {
      throw new KmsFault('IncorrectKeyException', 'the ciphertext is of another key');
    }
    const plaintext = unseal(key, blob, context(input));
    return { KeyId: arnOf(key), Plaintext: text(plaintext), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },
  GenerateDataKey: (input, keys) => dataKey(input, keys),
  GenerateDataKeyWithoutPlaintext(input, keys) {
    const { Plaintext: _, ...rest } = dataKey(input, keys);
    return rest;
  },
  GenerateRandom: (input) => ({ Plaintext: text(randomBytes(count(input.NumberOfBytes))) }),

  GenerateMac(input, keys) {
    const key = usable(keys.find(input.KeyId), 'HMAC_256');
    return { KeyId: arnOf(key), Mac: text(mac(key, input)), MacAlgorithm: 'HMAC_SHA_256' };
  },
  VerifyMac(input, keys) {
    const key = usable(keys.find(input.KeyId), 'HMAC_256');
    const ours = mac(key, input);
    const theirs = bytes(input, 'Mac', 6144);
    const same = ours.length === theirs.length && timingSafeEqual(ours, theirs);
    if (!same) throw new KmsFault('KMSInvalidMacException', 'the MAC is not of this message and key');
    return { KeyId: arnOf(key), MacValid: true, MacAlgorithm: 'HMAC_SHA_256' };
  },

  Sign(input, keys) {
    const key = usable(keys.find(input.KeyId), 'ECC_NIST_P256');
    const signature = sign('sha256', message(input), privateKey(key));
    return { KeyId: arnOf(key), Signature: text(signature), SigningAlgorithm: 'ECDSA_SHA_256' };
  },
  Verify(input, keys) {
    const key = usable(keys.find(input.KeyId), 'ECC_NIST_P256');
    const valid = verify('sha256', message(input), createPublicKey(privateKey(key)), bytes(input, 'Signature', 6144));
    if (!valid) throw new KmsFault('KMSInvalidSignatureException', 'the signature is not of this message and key');
    return { KeyId: arnOf(key), SignatureValid: true, SigningAlgorithm: 'ECDSA_SHA_256' };
  },
  GetPublicKey(input, keys) {
    const key = usable(keys.find(input.KeyId), 'ECC_NIST_P256');
    const publicKey = createPublicKey(privateKey(key)).export({ type: 'spki', format: 'der' });
    return {
      KeyId: arnOf(key),
      PublicKey: text(publicKey),
      KeySpec: key.spec,
      KeyUsage: usage[key.spec],
      SigningAlgorithms: ['ECDSA_SHA_256'],
    };
  },
};

const usage: Readonly<Record<KeySpec, string>> = {
  SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT',
  HMAC_256: 'GENERATE_VERIFY_MAC',
  ECC_NIST_P256: 'SIGN_VERIFY',
};

const isSpec = (spec: unknown): spec is KeySpec => typeof spec === 'string' && Object.hasOwn(usage, spec);

function usable(key: Key, spec: KeySpec): Key {
  if (key.spec !== spec) throw new KmsFault('InvalidKeyUsageException', `the key is for ${usage[key.spec]}`);
  if (!key.enabled) throw new KmsFault('DisabledException', `${arnOf(key)} is disabled.`);
  return key;
}

const metadata = (key: Key) => ({
  AWSAccountId: '000000000000',
  KeyId: key.id,
  Arn: arnOf(key),
  CreationDate: key.createdAt,
  Enabled: key.enabled,
  KeyState: key.enabled ? 'Enabled' : 'Disabled',
  KeyUsage: usage[key.spec],
  KeySpec: key.spec,
  KeyManager: 'CUSTOMER',
  Origin: 'AWS_KMS',
  MultiRegion: false,
});

/** A blob of a key we do not have is no ciphertext to us. */
function keyOfBlob(blob: Buffer, keys: Keys): Key {
  const id = keyIdOf(blob);
  try {
    return keys.find(id);
  } catch {
    throw new KmsFault('InvalidCiphertextException', 'this is no ciphertext of a key here');
  }
}

function dataKey(input: Input, keys: Keys) {
  const key = usable(keys.find(input.KeyId), 'SYMMETRIC_DEFAULT');
  const lengths: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };
  const plaintext = randomBytes(lengths[String(input.KeySpec)] ?? count(input.NumberOfBytes));
  return { KeyId: arnOf(key), Plaintext: text(plaintext), CiphertextBlob: text(seal(key, plaintext, context(input))) };
}

function mac(key: Key, input: Input): Buffer {
  if (input.MacAlgorithm !== 'HMAC_SHA_256') throw new KmsFault('ValidationException', 'HMAC_SHA_256 is what there is');
  return createHmac('sha256', Buffer.from(key.versions[0], 'base64'))
    .update(bytes(input, 'Message', 4096))
    .digest();
}

function message(input: Input): Buffer {
  if (input.SigningAlgorithm !== 'ECDSA_SHA_256')
    throw new KmsFault('ValidationException', 'ECDSA_SHA_256 is what there is');
  if ((input.MessageType ?? 'RAW') !== 'RAW')
    throw new KmsFault('ValidationException', 'this key service signs RAW messages');
  return bytes(input, 'Message', 4096);
}

const privateKey = (key: Key): KeyObject =>
  createPrivateKey({ key: Buffer.from(key.versions[0], 'base64'), format: 'der', type: 'pkcs8' });

function bytes(input: Input, name: string, most: number): Buffer {
  const value = Buffer.from(String(input[name] ?? ''), 'base64');
  if (value.length < 1 || value.length > most)
    throw new KmsFault('ValidationException', `${name} has 1 to ${most} bytes`);
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1024) {
    throw new KmsFault('ValidationException', 'NumberOfBytes is 1 to 1024');
  }
  return value;
}

function context(input: Input): Context {
  const pairs = Object.entries((input.EncryptionContext ?? {}) as Record<string, unknown>);
  if (pairs.some(([, value]) => typeof value !== 'string'))
    throw new KmsFault('ValidationException', 'a context holds texts');
  return JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const text = (value: Uint8Array): string => Buffer.from(value).toString('base64');
