import type { Books } from '../../app/ports/books.ts';
import type { Item } from '../../app/ports/table.ts';
import type { Sealed } from '../../domain/chain.ts';

/** The books of a store whose items are all at hand, in any order. */
export function booksOf({
  journal,
  state,
}: {
  readonly journal: readonly Item[];
  readonly state: readonly Item[];
}): Books {
  const streams = new Map<string, Sealed[]>();
  for (const item of journal) {
    const name = String(item.pk);
    const stream = streams.get(name) ?? [];
    stream.push({ number: Number(item.sk), body: String(item.body ?? ''), digest: String(item.digest ?? '') });
    streams.set(name, stream);
  }
  for (const stream of streams.values()) stream.sort((a, b) => a.number - b.number);
  return { streams, state: new Map(state.map((item) => [String(item.pk), item])) };
}
