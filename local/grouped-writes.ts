import { checkWrites, keyOf } from '../lib/adapters/kit/table-rules.ts';
import type { Table, Write, Written } from '../lib/app/ports/table.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';

/** So many transactions are under way at once; what comes meanwhile shares the next one. */
const mostUnderWay = 2;
/** Of DynamoDB's hundred items and four megabytes a transaction; characters are a good enough measure of bytes here. */
const mostItems = 60;
const mostCharacters = 500_000;

/**
 * A table whose writers share transactions: what has to wait for others that are being written is written together with whatever else
 * waits. One machine serves many requests side by side, and a transaction costs it about as much whatever is in it; a function on AWS
 * serves one request at a time, and has no use for this.
 *
 * Each write is still atomic and has its own answer. Where a condition of one does not hold, nothing of the group was written: that one
 * is refused, and the others are tried again without it. What is not known of the group is not known of any of them.
 */
export function groupedWrites(table: Table): Table {
  let waiting: Waiting[] = [];
  let underWay = 0;
  const begin = (): void => {
    while (underWay < mostUnderWay && waiting.length > 0) {
      const group = takeGroup(waiting);
      waiting = waiting.filter((one) => !group.includes(one));
      underWay += 1;
      void carryOut(table, group).then((again) => {
        underWay -= 1;
        waiting = [...again, ...waiting];
        begin();
      });
    }
  };
  return {
    get: (key) => table.get(key),
    entries: (pk, after) => table.entries(pk, after),
    index: (name, query) => table.index(name, query),
    write: async (writes) => {
      // What is a bug of its caller is no business of those it would share with.
      checkWrites(writes);
      const { promise, resolve, reject } = Promise.withResolvers<Written>();
      waiting.push({ writes, resolve, reject, keys: writes.map(nameOf), characters: sizeOf(writes) });
      begin();
      return promise;
    },
  };
}

interface Waiting {
  readonly writes: readonly Write[];
  readonly keys: readonly string[];
  readonly characters: number;
  resolve(written: Written): void;
  reject(error: unknown): void;
}

function nameOf(write: Write): string {
  const { table, pk, sk } = keyOf(write);
  return `${table} ${pk} ${sk ?? ''}`;
}

function sizeOf(writes: readonly Write[]): number {
  let characters = 0;
  for (const write of writes) {
    const item = 'put' in write ? write.put : 'update' in write ? (write.set ?? {}) : {};
    for (const value of Object.values(item)) characters += typeof value === 'string' ? value.length : 20;
  }
  return characters;
}

/** The first that waits, and who else fits: no item is named twice in a transaction. */
function takeGroup(waiting: readonly Waiting[]): Waiting[] {
  const group: Waiting[] = [];
  const taken = new Set<string>();
  let characters = 0;
  for (const one of waiting) {
    const first = group.length === 0;
    const fits =
      taken.size + one.keys.length <= mostItems &&
      characters + one.characters <= mostCharacters &&
      !one.keys.some((key) => taken.has(key));
    if (!first && !fits) continue;
    group.push(one);
    for (const key of one.keys) taken.add(key);
    characters += one.characters;
    if (taken.size >= mostItems) break;
  }
  return group;
}

/** Answers who has to be tried again: nothing of theirs was written, and nothing is wrong with them. Never rejects. */
async function carryOut(table: Table, group: readonly Waiting[]): Promise<readonly Waiting[]> {
  const [only] = group;
  if (only !== undefined && group.length === 1) {
    await table.write(only.writes).then(only.resolve, only.reject);
    return [];
  }
  try {
    const written = await table.write(group.flatMap(({ writes }) => writes));
    if (written.is !== 'refused') {
      for (const one of group) one.resolve(written);
      return [];
    }
    return refuse(group, written.failed);
  } catch (error) {
    // Nobody knows whether it happened: nobody of the group does. Anything else is wrong with one of them, and each is told alone.
    if (error instanceof Unavailable) for (const one of group) one.reject(error);
    else for (const one of group) await table.write(one.writes).then(one.resolve, one.reject);
    return [];
  }
}

function refuse(group: readonly Waiting[], failed: Extract<Written, { is: 'refused' }>['failed']): readonly Waiting[] {
  const again: Waiting[] = [];
  let from = 0;
  for (const one of group) {
    const to = from + one.writes.length;
    const start = from;
    const own = failed.filter(({ index }) => index >= start && index < to);
    if (own.length === 0) again.push(one);
    else one.resolve({ is: 'refused', failed: own.map((one) => ({ ...one, index: one.index - start })) });
    from = to;
  }
  return again;
}
