/** What JSON text can say. Objects have no prototype. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export type ReadJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/** Twice the depth of any webhook we know, and far from the stack's end. */
const deepest = 32;
/** A token is a value or a key. */
const mostTokens = 50_000;
/** Beyond it a number is an attack or a mistake: 2^64 has 20 digits. */
const longestNumber = 40;

/** They mean something to JavaScript, nothing to a shop (F18). */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads the bytes of a webhook or of a gateway's answer. What it accepts, it reads as JSON.parse does; it refuses what two readers
 * could read differently or what is there to hurt one: bytes that are no UTF-8, a byte order mark, NUL, lone surrogates (F15),
 * great depth and great numbers of tokens (F16), repeated keys (F17), keys of the prototype (F18), numbers beyond a double (F19).
 * Never throws. A problem names a place, never content.
 */
export function readJson(bytes: Uint8Array): ReadJson {
  try {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
      throw new Problem('starts with a byte order mark', 0);
    const cursor: Cursor = { text: decodeUtf8(bytes), at: 0, tokens: 0 };
    const value = readValue(cursor, 1);
    skipSpace(cursor);
    if (cursor.at < cursor.text.length) throw new Problem('something follows the value', cursor.at);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.message };
    throw error;
  }
}

/** The same text for the same content: keys in order, no space. For digests; amounts must have been made equal before. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const object = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const part = object[key];
    if (part === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(part)}`;
  }
  return `{${text}}`;
}

/** `value` as an object, or undefined. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

interface Cursor {
  readonly text: string;
  at: number;
  tokens: number;
}

/** Thrown and caught in this file only. */
class Problem extends Error {
  constructor(what: string, at: number) {
    super(`${what} (character ${at})`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem('is not UTF-8', 0);
  }
}

function readValue(cursor: Cursor, depth: number): Json {
  skipSpace(cursor);
  countToken(cursor);
  switch (cursor.text[cursor.at]) {
    case '{':
      return readObject(cursor, depth);
    case '[':
      return readArray(cursor, depth);
    case '"':
      return readString(cursor);
    case 't':
      return readWord(cursor, 'true', true);
    case 'f':
      return readWord(cursor, 'false', false);
    case 'n':
      return readWord(cursor, 'null', null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  if (depth > deepest) throw new Problem('is nested too deeply', cursor.at);
  const object: Record<string, Json> = Object.create(null);
  cursor.at++;
  if (took(cursor, '}')) return object;
  do {
    skipSpace(cursor);
    const at = cursor.at;
    countToken(cursor);
    const key = readString(cursor);
    if (forbidden.has(key)) throw new Problem('has a key that is not allowed', at);
    if (key in object) throw new Problem('has the same key twice', at);
    if (!took(cursor, ':')) throw new Problem('misses a colon', cursor.at);
    object[key] = readValue(cursor, depth + 1);
  } while (took(cursor, ','));
  if (!took(cursor, '}')) throw new Problem('has an object without its end', cursor.at);
  return object;
}

function readArray(cursor: Cursor, depth: number): Json[] {
  if (depth > deepest) throw new Problem('is nested too deeply', cursor.at);
  const items: Json[] = [];
  cursor.at++;
  if (took(cursor, ']')) return items;
  do items.push(readValue(cursor, depth + 1));
  while (took(cursor, ','));
  if (!took(cursor, ']')) throw new Problem('has an array without its end', cursor.at);
  return items;
}

function readString(cursor: Cursor): string {
  const { text, at } = cursor;
  if (text[at] !== '"') throw new Problem('misses a string', at);
  let end = at + 1;
  let escapes = false;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x22) break;
    if (code < 0x20) throw new Problem('has a control character in a string', end);
    if (code === 0x5c) {
      escapes = true;
      end++;
    }
  }
  if (end >= text.length) throw new Problem('has a string without its end', at);
  cursor.at = end + 1;
  if (!escapes) return text.slice(at + 1, end);
  const value = unescaped(text.slice(at, end + 1), at);
  if (value.includes('\u0000') || !value.isWellFormed()) throw new Problem('has NUL or half a character', at);
  return value;
}

function unescaped(literal: string, at: number): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new Problem('has an escape that means nothing', at);
  }
}

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(cursor: Cursor): number {
  numberForm.lastIndex = cursor.at;
  const literal = numberForm.exec(cursor.text)?.[0];
  if (literal === undefined) throw new Problem('misses a value', cursor.at);
  if (literal.length > longestNumber) throw new Problem('has a number that is too long', cursor.at);
  const value = Number(literal);
  if (!Number.isFinite(value)) throw new Problem('has a number that is too large', cursor.at);
  cursor.at += literal.length;
  return value;
}

function readWord<Value extends boolean | null>(cursor: Cursor, word: string, value: Value): Value {
  if (!cursor.text.startsWith(word, cursor.at)) throw new Problem('misses a value', cursor.at);
  cursor.at += word.length;
  return value;
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
  }
}

function took(cursor: Cursor, sign: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== sign) return false;
  cursor.at++;
  return true;
}

function countToken(cursor: Cursor): void {
  cursor.tokens++;
  if (cursor.tokens > mostTokens) throw new Problem('has too many parts', cursor.at);
}
