import type { MemoryTable, TableCall } from '../../lib/adapters/memory/table.ts';
import type { Table } from '../../lib/app/ports/table.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';

/**
 * What may go wrong at one call to the store: throttled; no answer and nothing done; done and the answer lost; the same, and the
 * SDK under us repeated it; or the process is gone, before the call or after it.
 */
export const tableTroubles = ['busy', 'lost-request', 'lost-reply', 'sdk-retry', 'kill-before', 'kill-after'] as const;
export type TableTrouble = (typeof tableTroubles)[number];

/** The store as functions see it. `troubleAt` is asked at each call. */
export function troubledTable(
  table: MemoryTable,
  troubleAt: (call: TableCall) => TableTrouble | undefined,
  die: () => Promise<never>,
): Table {
  const through = async <T>(call: TableCall, run: () => Promise<T>, busy: () => T): Promise<T> => {
    switch (troubleAt(call)) {
      case undefined:
        return run();
      case 'busy':
        return busy();
      case 'lost-request':
        throw new Unavailable('table');
      case 'lost-reply':
        await run();
        throw new Unavailable('table');
      case 'sdk-retry':
        await run();
        return run();
      case 'kill-before':
        return die();
      case 'kill-after':
        await run();
        return die();
    }
  };
  const unavailable = () => {
    throw new Unavailable('table');
  };
  return {
    get: (key) => through({ call: 'get', pk: key.pk }, () => table.get(key), unavailable),
    entries: (pk, after) => through({ call: 'entries', pk }, () => table.entries(pk, after), unavailable),
    index: (name, query) => through({ call: 'index', pk: query.pk }, () => table.index(name, query), unavailable),
    write: (writes) =>
      through(
        { call: 'write', writes },
        () => table.write(writes),
        () => ({ is: 'busy' as const }),
      ),
  };
}

/** Thrown to who waits for a function whose process is gone; the function itself never goes on. */
export class Gone extends Error {
  override readonly name = 'Gone';
}

/** One process at a time, which may end at any call: what it was waiting for never comes, and its caller hears `Gone`. */
export function mortal() {
  let end: (() => void) | undefined;
  return {
    die: (): Promise<never> => {
      end?.();
      return new Promise<never>(() => {});
    },
    live: <T>(run: () => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        end = () => reject(new Gone());
        run().then(resolve, reject);
      }),
  };
}
