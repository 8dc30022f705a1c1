import { checkQuery } from '../lib/adapters/kit/table-rules.ts';
import type { MemoryTable } from '../lib/adapters/memory/table.ts';
import { memoryIndex } from '../lib/adapters/memory/table-index.ts';
import {
  type IndexName,
  type IndexQuery,
  type Item,
  indexes,
  type Key,
  type Table,
  type Write,
  type Written,
} from '../lib/app/ports/table.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { Process } from './process.ts';

/** Does something more than ten minutes from now: for so long DynamoDB knows a transaction's token. */
export type Later = (run: () => unknown) => void;

/** What may go wrong at a write besides the end of the process: as DynamoDB and its SDK can. */
export const writeFaults = ['busy', 'lost-request', 'lost-reply', 'sdk-retry', 'late-again'] as const;
export const readFaults = ['lost-request'] as const;

/** Where indexes are read: a copy that follows later. `quick`: a look that finds nothing is no event. */
export interface Looks extends Pick<Table, 'index'> {
  readonly quick: boolean;
}

/**
 * The store as one process sees it. `sdk-retry`: the write succeeded,
 * its answer was lost, and the SDK under us tried again on its own, so that our success looks like a rival's.
 * `late-again`: the same transaction arrives once more when the store has forgotten the token that it came with the first time.
 */
export function faultyTable(table: MemoryTable, lagging: Looks, process: Process, later: Later): Table {
  const read = <T>(site: string, run: () => Promise<T>) =>
    process.call(site, readFaults, (fault) => {
      if (fault !== undefined) throw new Unavailable('table');
      return run();
    });
  return {
    get: (key) => read(`get ${kindOf(key.pk)}`, () => table.get(key)),
    entries: (pk, after) => read(`entries ${kindOf(pk)}`, () => table.entries(pk, after)),
    async index(name, query: IndexQuery) {
      const found = lagging.quick ? await lagging.index(name, query) : undefined;
      return found?.items.length === 0 ? found : read(`index ${name}`, () => lagging.index(name, query));
    },
    write: (writes) =>
      process.call<Written, (typeof writeFaults)[number]>(siteOf(writes), writeFaults, async (fault) => {
        if (fault === 'busy') return { is: 'busy' };
        if (fault === 'lost-request') throw new Unavailable('table');
        const first = await table.write(writes);
        if (fault === 'late-again') later(() => table.write(writes));
        if (fault === 'lost-reply') throw new Unavailable('table');
        return fault === 'sdk-retry' ? table.write(writes) : first;
      }),
  };
}

/** The kind of stream, and the stream itself where it is a refund: what one refund meets is not moved by what another one does. */
const kindOf = (pk: string): string => {
  const [, kind = 'other', name = ''] = pk.split('#');
  return kind === 'refund' ? `refund ${name.slice(0, 10)}` : kind;
};

const siteOf = (writes: readonly Write[]): string => {
  const [first] = writes;
  if (first === undefined) return 'write nothing';
  const key = keyOf(first);
  const word = 'put' in first ? /"type":"([a-z.-]+)"/.exec(String(first.put.body))?.[1] : undefined;
  return `write ${kindOf(key.pk)} ${word ?? key.table}`;
};

const keyOf = (write: Write): Key => ('put' in write ? write.key : 'update' in write ? write.update : write.check);

/** Follows the state table at a distance: what indexes answer from. */
export interface Lag {
  readonly index: Table['index'];
  /** Takes over what these items are by now: an index may be late, and never goes back. */
  follow(keys: readonly string[]): Promise<void>;
  /** Of another table from now on, which holds these. */
  rebuilt(items: readonly Item[]): void;
}

export function laggingIndexes(table: MemoryTable): Lag {
  const copy = new Map<string, Item>();
  const byName = new Map((Object.keys(indexes) as IndexName[]).map((name) => [name, memoryIndex(name)]));
  return {
    async index(name, query) {
      checkQuery(query);
      const page = byName.get(name)?.page(query);
      const items = (page?.found ?? []).map((pk) => copy.get(pk)).filter((item) => item !== undefined);
      return page?.cursor === undefined ? { items } : { items, cursor: page.cursor };
    },
    async follow(keys) {
      for (const pk of keys) {
        const item = await table.get({ table: 'state', pk });
        const before = copy.get(pk);
        if (item === undefined || item === before) continue;
        copy.set(pk, item);
        for (const index of byName.values()) index.move(pk, before, item);
      }
    },
    rebuilt(items) {
      for (const [pk, item] of copy) for (const index of byName.values()) index.move(pk, item, {});
      copy.clear();
      for (const item of items) {
        copy.set(String(item.pk), item);
        for (const index of byName.values()) index.move(String(item.pk), undefined, item);
      }
    },
  };
}

/** The store with a hook: `changed` hears of every state item after it was written, in the turn in which that happened. */
export function observed(table: MemoryTable, changed: (items: readonly Item[]) => void): MemoryTable {
  return {
    ...table,
    async write(writes) {
      const written = await table.write(writes);
      if (written.is === 'written') {
        const items: Item[] = [];
        for (const write of writes) {
          const key = keyOf(write);
          const item = key.table === 'state' && !('check' in write) ? await table.get(key) : undefined;
          if (item !== undefined) items.push(item);
        }
        if (items.length > 0) changed(items);
      }
      return written;
    },
  };
}
