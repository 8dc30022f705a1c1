import type { MemoryTable } from '../lib/adapters/memory/table.ts';
import { dueOf, dueShard, dueShards } from '../lib/app/heads.ts';
import type { Scheduler } from './scheduler.ts';

/** The schedule of the sweep: as often as its tempo says, and not at all while nothing is due, since a look at nothing changes nothing. */
export function sweeper(
  world: { readonly time: Scheduler; readonly everyMs: number },
  table: Pick<MemoryTable, 'index'>,
  run: () => Promise<unknown>,
) {
  const { time, everyMs } = world;
  let next = Number.POSITIVE_INFINITY;
  let last = 0;
  const wake = (at: number): void => {
    const due = Math.max(at, last + everyMs);
    if (due >= next) return;
    next = due;
    const sweepNow = async () => {
      next = Number.POSITIVE_INFINITY;
      last = time.now();
      await run();
      const first = await firstDue(table);
      if (first !== undefined) wake(first);
    };
    time.after(due - time.now(), 'sweep', sweepNow, () => due === next);
  };
  return { wake };
}

async function firstDue(table: Pick<MemoryTable, 'index'>): Promise<number | undefined> {
  let first: number | undefined;
  for (let shard = 0; shard < dueShards; shard += 1) {
    const { items } = await table.index('due', { pk: dueShard(shard), limit: 1 });
    const at = dueOf(items[0]);
    if (at !== undefined && (first === undefined || at < first)) first = at;
  }
  return first;
}
