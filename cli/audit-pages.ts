import type { EntriesPage } from '../lib/app/audit-pages.ts';
import type { Books } from '../lib/app/ports/books.ts';
import type { Attribute, Item } from '../lib/app/ports/table.ts';
import type { Sealed } from '../lib/domain/chain.ts';
import { call, type Reached } from './stack.ts';

interface HeadsView {
  readonly heads: readonly { readonly stream: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly cursor: string | null;
}

/**
 * A merchant's books, page by page through the operator API: the exact texts, whose digests are worked out here. The heads come first, so
 * that none is newer than the entries read after it.
 */
export async function booksOver(stack: Reached): Promise<Books> {
  const state = new Map<string, Item>();
  for await (const { heads } of pages<HeadsView>(stack, 'heads'))
    for (const { stream, fields } of heads) state.set(stream, itemOf(fields));
  const streams = new Map<string, Sealed[]>();
  for await (const { entries } of pages<EntriesPage>(stack, 'entries')) {
    for (const { stream, number, body, digest } of entries) {
      const known = streams.get(stream) ?? [];
      known.push({ number, body, digest });
      streams.set(stream, known);
    }
  }
  for (const stream of streams.values()) stream.sort((a, b) => a.number - b.number);
  return { streams, state };
}

async function* pages<T extends { readonly cursor: string | null }>(stack: Reached, part: string): AsyncGenerator<T> {
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?${new URLSearchParams({ cursor })}`;
    const page: T = await call<T>(stack, 'auditor', { path: `/v1/audit/${part}${query}` });
    yield page;
    cursor = page.cursor;
  } while (cursor !== null);
}

/** Numbers of a head are whole, and bigint in the books. */
const itemOf = (fields: Readonly<Record<string, unknown>>): Item =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' ? BigInt(value) : (value as Attribute),
    ]),
  );
