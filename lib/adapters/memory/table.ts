import {
  type IndexName,
  type IndexQuery,
  type Item,
  indexes,
  type Key,
  type Page,
  type Table,
  type Write,
  type Written,
} from '../../app/ports/table.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { checkKey, checkQuery, checkWrites, keyOf } from '../kit/table-rules.ts';
import { holds } from './conditions.ts';
import { memoryIndex } from './table-index.ts';

/** What may go wrong with one call, as a store can: throttled, no answer and nothing done, or done and the answer lost. */
export type TableFault = 'busy' | 'lost-request' | 'lost-reply';

export type TableCall =
  | { readonly call: 'get' | 'entries' | 'index'; readonly pk: string }
  | { readonly call: 'write'; readonly writes: readonly Write[] };

export interface MemoryTable extends Table {
  /** Everything stored, in the order of first writing. */
  dump(): { readonly journal: readonly Item[]; readonly state: readonly Item[] };
  /** Puts everything back to what `dump` gave at an earlier instant, as a restored table is: its stream tells nothing of it. */
  restore(to: ReturnType<MemoryTable['dump']>): void;
  /** Calls `listener` with each journal item, in order, within the write that inserted it: the journal's stream. Returns how to end it. */
  onInsert(listener: (item: Item) => void): () => void;
}

/**
 * The port `Table` in memory, with the semantics of the AWS adapter and the same contract suite. A write happens within one
 * turn, so it is atomic. `fault` is asked before each call and may name what goes wrong with it; a read is never `busy`.
 */
export function memoryTable(fault: (call: TableCall) => TableFault | undefined = () => undefined): MemoryTable {
  const store = createStore();
  const listeners = new Set<(item: Item) => void>();

  const unlessLost = (call: TableCall) => {
    if (fault(call) !== undefined) throw new Unavailable('table');
  };
  return {
    async get(key) {
      checkKey(key);
      unlessLost({ call: 'get', pk: key.pk });
      return store.find(key);
    },
    async entries(pk, after = 0) {
      unlessLost({ call: 'entries', pk });
      return store.entries(pk, after);
    },
    async index(name, query) {
      checkQuery(query);
      unlessLost({ call: 'index', pk: query.pk });
      return store.query(name, query);
    },
    async write(writes) {
      checkWrites(writes);
      const wrong = fault({ call: 'write', writes });
      if (wrong === 'busy') return { is: 'busy' };
      if (wrong === 'lost-request') throw new Unavailable('table');
      const written = writeAll(store, writes, listeners);
      if (wrong === 'lost-reply') throw new Unavailable('table');
      return written;
    },
    dump: () => store.dump(),
    restore: (to) => store.restore(to),
    onInsert(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function writeAll(store: Store, writes: readonly Write[], listeners: Iterable<(item: Item) => void>): Written {
  const found = writes.map((write) => store.find(keyOf(write)));
  const failed = writes.flatMap((write, index) => {
    const old = found[index];
    if (write.only.every((condition) => holds(condition, old))) return [];
    return [old === undefined ? { index } : { index, old }];
  });
  if (failed.length > 0) return { is: 'refused', failed };
  // All items are made before the first is saved: a write that throws has changed nothing.
  const changes = writes.map((write, index) => ({
    key: keyOf(write),
    old: found[index],
    item: written(write, found[index]),
  }));
  const inserted: Item[] = [];
  for (const { key, old, item } of changes) {
    if (item === undefined) continue;
    store.save(key, old, item);
    if (key.table === 'journal') inserted.push(item);
  }
  for (const item of inserted) for (const listener of listeners) listener(item);
  return { is: 'written' };
}

/** The item a write leaves behind; undefined where it only looks. */
function written(write: Write, old: Item | undefined): Item | undefined {
  if ('check' in write) return undefined;
  if ('put' in write) return { ...write.put, ...keyAttributes(write.key) };
  const item: Record<string, Item[string]> = { ...(old ?? keyAttributes(write.update)), ...write.set };
  for (const [name, more] of Object.entries(write.add ?? {})) {
    const before = item[name] ?? 0n;
    if (typeof before !== 'bigint') throw new RangeError(`${name} is not a number`);
    item[name] = before + more;
  }
  for (const name of write.remove ?? []) delete item[name];
  return item;
}

const keyAttributes = ({ pk, sk }: Key): Item => (sk === undefined ? { pk } : { pk, sk: BigInt(sk) });

type Store = ReturnType<typeof createStore>;

function createStore() {
  const journal = new Map<string, Map<number, Item>>();
  const state = new Map<string, Item>();
  const byName = new Map((Object.keys(indexes) as IndexName[]).map((name) => [name, memoryIndex(name)]));
  return {
    find: ({ table, pk, sk }: Key): Item | undefined =>
      table === 'state' ? state.get(pk) : journal.get(pk)?.get(sk ?? 0),

    entries: (pk: string, after: number): Item[] =>
      [...(journal.get(pk) ?? [])]
        .filter(([number]) => number > after)
        .sort(([a], [b]) => a - b)
        .map(([, item]) => item),

    query(name: IndexName, query: IndexQuery): Page {
      const page = byName.get(name)?.page(query);
      const items = (page?.found ?? []).map((pk) => state.get(pk)).filter((item) => item !== undefined);
      return page?.cursor === undefined ? { items } : { items, cursor: page.cursor };
    },

    save({ table, pk, sk = 0 }: Key, old: Item | undefined, item: Item): void {
      if (table === 'state') {
        state.set(pk, item);
        for (const index of byName.values()) index.move(pk, old, item);
        return;
      }
      const stream = journal.get(pk) ?? new Map<number, Item>();
      journal.set(pk, stream.set(sk, item));
    },

    restore(to: { readonly journal: readonly Item[]; readonly state: readonly Item[] }): void {
      for (const [pk, item] of state) for (const index of byName.values()) index.move(pk, item, {});
      state.clear();
      journal.clear();
      for (const item of to.state) this.save({ table: 'state', pk: String(item.pk) }, undefined, item);
      for (const item of to.journal)
        this.save({ table: 'journal', pk: String(item.pk), sk: Number(item.sk) }, undefined, item);
    },

    dump: () => ({
      journal: [...journal.values()].flatMap((stream) => [...stream.values()]),
      state: [...state.values()],
    }),
  };
}
