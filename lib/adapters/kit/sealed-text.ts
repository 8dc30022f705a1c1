import type { Secrets } from '../../app/ports/vault.ts';

/** What is encrypted: the secrets, and the id of the item they belong to, which is checked after decryption (F123). */
export const sealedText = (item: string, secrets: Secrets): string => JSON.stringify({ v: 1, item, secrets });

/** The secrets in a decrypted text; undefined where it was made for another item or is not ours at all. */
export function readSealedText(text: string, item: string): Secrets | undefined {
  const content = parsed(text);
  if (!isRecord(content) || content.v !== 1 || content.item !== item) return undefined;
  const secrets = content.secrets;
  return isRecord(secrets) && Object.values(secrets).every((secret) => typeof secret === 'string')
    ? (secrets as Secrets)
    : undefined;
}

/** Base64 as bytes; undefined for text that is not the one way to write them, so that a ciphertext has one spelling. */
export function canonicalBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
