import { expect } from 'vitest';
import type { World } from './world.ts';

const minute = 60_000;
/** Longer than the gateway remembers a key: inside that time the key alone would keep a second refund from being made. */
const days = 2 * 24 * 60 * minute;

/** Everything after `since` is forgotten, and asked for again; whoever wants that ends the restore. */
export async function putBack(
  w: World,
  tables: ReturnType<World['table']['dump']>,
  since: number,
  epoch = 1,
): Promise<void> {
  w.clock.advance(days);
  w.table.restore(tables);
  w.needs.restored = epoch;
  expect(await w.restore.begin(since as never)).toEqual({ is: 'done' });
  await w.restore.reconcile();
  await w.run(11 * minute);
}

/** The merchant has no other source than the one that posts here. */
export function ofOneSource(w: World): void {
  const { connections } = w.needs;
  const of = async (...whose: Parameters<typeof connections.of>) =>
    (await connections.of(...whose)).filter(({ kind, platform }) => kind !== 'source' || platform === 'generic');
  w.needs.connections = { ...connections, of };
}
