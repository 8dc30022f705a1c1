import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Vault } from '../../app/ports/vault.ts';
import type { MerchantId } from '../../domain/ids.ts';
import { canonicalBase64, readSealedText, sealedText } from '../kit/sealed-text.ts';

const ivLength = 12;
const tagLength = 16;

/**
 * The port `Vault` without a key service: real AES-256-GCM under one key made from `seed`, bound to merchant and purpose. The
 * IV counts, so that a run repeats itself byte by byte; two vaults of one seed would repeat IVs, hence for simulation and tests only.
 * `down` says whether the key service is out of reach.
 */
export function memoryVault(seed: string, down: () => boolean = () => false): Vault {
  // As a key object at once: Node makes one of bytes at every call.
  const key = createSecretKey(hash('sha256', seed, 'buffer'));
  let sealedSoFar = 0n;
  return {
    async seal(merchant, item, secrets) {
      if (down()) throw new Unavailable('vault');
      const iv = counterIv(++sealedSoFar);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength }).setAAD(context(merchant));
      const body = Buffer.concat([cipher.update(sealedText(item, secrets), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    async open(merchant, item, sealed) {
      if (down()) throw new Unavailable('vault');
      const bytes = canonicalBase64(sealed);
      const text = bytes && decrypted(key, merchant, bytes);
      return (text !== undefined && readSealedText(text, item)) || 'foreign';
    },
  };
}

function decrypted(key: KeyObject, merchant: MerchantId, bytes: Buffer): string | undefined {
  if (bytes.length < ivLength + tagLength) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
    .setAAD(context(merchant))
    .setAuthTag(bytes.subarray(ivLength, ivLength + tagLength));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8');
  } catch {
    // GCM's only failure here is that something was changed or belongs to another merchant.
    return undefined;
  }
}

const context = (merchant: MerchantId): Buffer =>
  Buffer.from(JSON.stringify({ merchant, purpose: 'payment-reference' }));

function counterIv(count: bigint): Buffer {
  const iv = Buffer.alloc(ivLength);
  iv.writeBigUInt64BE(count, ivLength - 8);
  return iv;
}
