import { type IndexName, type IndexQuery, type Item, indexes } from '../../app/ports/table.ts';
import { type Position, readCursor, writeCursor } from '../kit/table-rules.ts';
import { compareText } from './conditions.ts';

/** One index of the state table: per partition the positions of its items, always in order, so that a page is a slice. */
export function memoryIndex(name: IndexName) {
  const { pk: partitionName, sk: sortName } = indexes[name];
  const partitions = new Map<string, Position[]>();

  const place = (pk: string, item: Item | undefined) => {
    const partition = item?.[partitionName];
    const sort = item?.[sortName];
    return typeof partition === 'string' && typeof sort === 'string'
      ? { partition, position: { sort, pk } }
      : undefined;
  };
  return {
    /** Follows an item from what it was to what it is. */
    move(pk: string, old: Item | undefined, item: Item): void {
      const from = place(pk, old);
      const to = place(pk, item);
      if (from?.partition === to?.partition && from?.position.sort === to?.position.sort) return;
      if (from !== undefined) {
        const positions = partitions.get(from.partition) ?? [];
        positions.splice(firstNotBefore(positions, from.position), 1);
        if (positions.length === 0) partitions.delete(from.partition);
      }
      if (to !== undefined) {
        const positions = partitions.get(to.partition) ?? [];
        positions.splice(firstNotBefore(positions, to.position), 0, to.position);
        partitions.set(to.partition, positions);
      }
    },

    /** The pks of one page, and the cursor where more follow. */
    page(query: IndexQuery): { readonly found: readonly string[]; readonly cursor?: string } {
      const positions = partitions.get(query.pk) ?? [];
      const { start, end } = bounds(positions, query);
      const count = Math.min(query.limit, end - start);
      const page =
        query.newestFirst === true
          ? positions.slice(end - count, end).reverse()
          : positions.slice(start, start + count);
      const found = page.map(({ pk }) => pk);
      const last = page.at(-1);
      return end - start > count && last !== undefined ? { found, cursor: writeCursor(last) } : { found };
    },
  };
}

/** The part that lies between `from` and `to` and beyond the cursor: from `start`, before `end`. */
function bounds(positions: readonly Position[], { from, to, cursor, newestFirst }: IndexQuery) {
  let start = from === undefined ? 0 : firstNotBefore(positions, { sort: from, pk: '' });
  let end = to === undefined ? positions.length : firstNotBefore(positions, { sort: to, pk: endOfPks });
  if (cursor !== undefined) {
    const at = readCursor(cursor);
    const here = firstNotBefore(positions, at);
    const there = positions[here];
    if (newestFirst === true) end = Math.min(end, here);
    else start = Math.max(start, there !== undefined && compare(there, at) === 0 ? here + 1 : here);
  }
  return { start, end: Math.max(start, end) };
}

/** Sorts after every pk there can be. */
const endOfPks = '\u{10ffff}';

function firstNotBefore(positions: readonly Position[], wanted: Position): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = positions[middle];
    if (here !== undefined && compare(here, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const compare = (a: Position, b: Position): number => compareText(a.sort, b.sort) || compareText(a.pk, b.pk);
