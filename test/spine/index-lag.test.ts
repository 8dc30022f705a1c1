import { describe, expect, it } from 'vitest';
import type { IndexQuery, Table } from '../../lib/app/ports/table.ts';
import { sweep } from '../../lib/app/sweep.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

/** From `stop` to `goOn`, queries of the indexes show again what they last showed before. */
function laggingIndexes(w: World) {
  const { table } = w.needs;
  const past = new Map<string, Awaited<ReturnType<Table['index']>>>();
  let stopped = false;
  const ask: Table['index'] = async (name, query) => {
    const asked = await table.index(name, query);
    const key = nameOf(name, query);
    if (!stopped && asked.items.length > 0) past.set(key, asked);
    return (stopped ? past.get(key) : asked) ?? { items: [] };
  };
  w.needs.table = { ...table, index: ask };
  return {
    /** `the beginning`: they are empty, as before all that was written. */
    stop: (from: 'now' | 'the beginning') => {
      stopped = true;
      if (from === 'the beginning') past.clear();
    },
    /** What is shown of it as due although nothing is any more. */
    shows: (refund: string) =>
      [...past.values()].flatMap(({ items }) => items).some(({ pk }) => String(pk).endsWith(refund)),
    goOn: () => {
      stopped = false;
    },
  };
}

/** Without its bounds in time, which move with each sweep. */
const nameOf = (name: string, { pk }: IndexQuery) => `${name} ${pk}`;

describe('an index that shows an old state', () => {
  it('F113 of refunds that are due brings nobody to ask again for what is done', async () => {
    const w = world({ slow: true });
    const indexes = laggingIndexes(w);
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(minute);
    w.may.hints = 0;
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.assess();
    const { id } = (await w.refunds())[0]!;
    await w.run(10 * minute);
    expect(w.posts()).toEqual([]);
    indexes.stop('now');
    expect(indexes.shows(id)).toBe(true);
    w.may.hints = 1;
    await w.lookAt(id);
    expect(await w.show(id)).toMatchObject({ status: 'refunded' });
    const hints = w.hinted.length;
    for (let sweeps = 0; sweeps < 5; sweeps += 1) {
      await sweep(w.needs);
      await w.run(minute);
    }
    expect(w.hinted.slice(hints).filter(({ stream }) => stream.endsWith(id))).toEqual([]);
    expect(w.posts()).toHaveLength(1);
  });

  it('F113 of refunds that are due delays what it does not show, and loses nothing', async () => {
    const w = world({ slow: true });
    const indexes = laggingIndexes(w);
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(minute);
    indexes.stop('the beginning');
    w.may.hints = 0;
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(minute);
    w.may.hints = 1;
    await w.run(hour);
    expect(w.posts()).toEqual([]);
    indexes.goOn();
    await w.run(10 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.posts()).toHaveLength(1);
  });

  it('F113 of an order lets two returns have no more than was captured', async () => {
    const w = world({ slow: true });
    const indexes = laggingIndexes(w);
    w.pay('pi_one', 5000, { order: '1001' });
    await w.run(minute);
    indexes.stop('the beginning');
    await w.post(returned('RMA-1', '40.00', 'pi_one'));
    await w.post(returned('RMA-2', '40.00', 'pi_one'));
    await w.run(hour);
    indexes.goOn();
    await w.run(hour);
    expect(w.moved()).toMatchObject([{ amountMinor: 4000 }]);
    expect((await w.refunds()).map(({ status }) => status).sort()).toEqual(['held', 'refunded']);
  });
});
