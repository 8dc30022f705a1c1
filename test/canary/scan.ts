import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a canary was seen, and in which of its forms. */
export interface Sighting {
  readonly canary: string;
  readonly form: Form['name'];
  /** A file's path, or what the caller named the bytes. */
  readonly where: string;
  readonly offset: number;
}

interface Form {
  readonly name: 'plain' | 'base64' | 'base64url' | 'hex' | 'url' | 'json' | 'utf-16';
  readonly bytes: Buffer;
}

/**
 * Looks for texts that must not be there, in every form in which they travel: as they are, as base64 and base64url wherever in the
 * encoded bytes they begin, as hex, percent-encoded, as JSON escapes, and in two bytes a character. Encryption and hashing hide a text from
 * this, and nothing else may.
 */
export function sightings(canaries: readonly string[], where: string, content: Uint8Array | string): Sighting[] {
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return canaries.flatMap((canary) =>
    formsOf(canary).flatMap(({ name, bytes: form }) => {
      const offset = bytes.indexOf(form);
      return offset < 0 ? [] : [{ canary, form: name, where, offset }];
    }),
  );
}

/** The same in every file under a folder, whatever it holds. A file that is deleted while it is read holds nothing. */
export function sightingsIn(canaries: readonly string[], folder: string): Sighting[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => sightings(canaries, path, contentOf(path)));
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

const shortest = 12;

export function formsOf(canary: string): readonly Form[] {
  // Base64 loses up to three characters at either end; what is left must still be unmistakable.
  if (canary.length < shortest)
    throw new RangeError(`a canary of fewer than ${shortest} characters could turn up by chance`);
  const bytes = Buffer.from(canary);
  const hex = bytes.toString('hex');
  const form = (name: Form['name'], text: string): Form => ({ name, bytes: Buffer.from(text) });
  const escaped = canary.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [
    { name: 'plain', bytes },
    ...base64Of(bytes).map((text) => form('base64', text)),
    ...base64Of(bytes).map((text) => form('base64url', text.replaceAll('+', '-').replaceAll('/', '_'))),
    ...[hex, hex.toUpperCase()].map((digits) => form('hex', digits)),
    ...[hex, hex.toUpperCase()].map((digits) => form('url', digits.replace(/../g, '%$&'))),
    form('url', encodeURIComponent(canary)),
    form('json', escaped),
    { name: 'utf-16', bytes: Buffer.from(canary, 'utf16le') },
  ];
}

/** What base64 makes of the bytes at each of the three places where they can begin, without the characters that their neighbours share. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}
