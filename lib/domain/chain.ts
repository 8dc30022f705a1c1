import type { CorrelationId, WriterToken } from './ids.ts';
import { decode, encode } from './json.ts';
import type { StreamName } from './streams.ts';
import type { Instant } from './time.ts';

/**
 * The hash chain of one stream. An entry's digest covers its text, which names its stream, its number and the digest before it:
 * a changed byte, a missing, moved or reordered entry breaks the chain at that place.
 */

/** Hex SHA-256 of UTF-8 text; an argument, so that the domain imports nothing. */
export type Hash = (text: string) => string;

export interface Entry<E> {
  readonly v: 1;
  readonly stream: StreamName;
  /** From 1, without gaps. */
  readonly number: number;
  readonly at: Instant;
  /** `assess`, `execute`, … or `person:dev-approver`. */
  readonly actor: string;
  /** What this follows from: a stream and entry number, or an outside id. */
  readonly cause: string;
  readonly correlation: CorrelationId;
  readonly writer: WriterToken;
  /** Digest of entry number − 1; empty for the first. */
  readonly previous: string;
  readonly events: readonly E[];
}

/** An entry as it is stored: the exact text that was hashed, and its digest. */
export interface Sealed {
  readonly number: number;
  readonly body: string;
  readonly digest: string;
}

export const sealEntry = <E>(entry: Entry<E>, hash: Hash): Sealed => {
  const body = encode(entry);
  return { number: entry.number, body, digest: hash(body) };
};

export const readEntry = <E>(stored: Sealed): Entry<E> => decode<Entry<E>>(stored.body);

export type Broken =
  | 'changed' // the text is not the one its digest was made from
  | 'missing' // a number is absent
  | 'reordered' // an entry stands where another belongs
  | 'unlinked' // it does not name the digest before it
  | 'foreign' // it belongs to another stream
  | 'unreadable' // no entry, or with events that this code does not know
  | 'impossible' // its events can't follow from those before them
  | 'shortened' // the head knows more entries than there are
  | 'head-differs'; // the head follows from another last entry

export interface Break {
  readonly stream: string;
  readonly number: number;
  readonly why: Broken;
}

/** What the head of a stream says about its end. */
export interface HeadClaim {
  readonly version: number;
  readonly digest: string;
}

/**
 * The first break of a stream's chain, or undefined where it holds. `stored` in the order of its numbers. Shares nothing with
 * the code that appends but the format.
 */
export function verify(
  stream: string,
  stored: readonly Sealed[],
  head: HeadClaim | undefined,
  hash: Hash,
): Break | undefined {
  let previous = '';
  let expected = 1;
  for (const one of stored) {
    const why = breakOf(stream, one, { previous, expected }, hash);
    if (why !== undefined) return { stream, number: one.number, why };
    previous = one.digest;
    expected += 1;
  }
  if (head === undefined)
    return stored.length === 0 ? undefined : { stream, number: expected - 1, why: 'head-differs' };
  // A head is written with the first entry; one without any is made up, or its stream is gone.
  if (head.version > stored.length || stored.length === 0) return { stream, number: expected, why: 'shortened' };
  // Not smaller or larger but another: what is no number is neither.
  if (head.version !== stored.length || head.digest !== previous)
    return { stream, number: expected - 1, why: 'head-differs' };
  return undefined;
}

function breakOf(
  stream: string,
  one: Sealed,
  at: { previous: string; expected: number },
  hash: Hash,
): Broken | undefined {
  if (one.number !== at.expected) return 'missing';
  if (hash(one.body) !== one.digest) return 'changed';
  const entry = readable(one);
  if (entry === undefined) return 'unreadable';
  if (entry.stream !== stream) return 'foreign';
  if (entry.number !== one.number) return 'reordered';
  if (entry.previous !== at.previous) return 'unlinked';
  return Array.isArray(entry.events) ? undefined : 'unreadable';
}

function readable(one: Sealed): Entry<unknown> | undefined {
  try {
    const entry: unknown = readEntry(one);
    return typeof entry === 'object' && entry !== null ? (entry as Entry<unknown>) : undefined;
  } catch {
    return undefined;
  }
}
