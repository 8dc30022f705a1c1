import { describe, expect, test, vi } from 'vitest';
import type { IndexQuery, Item, Table } from '../../app/ports/table.ts';
import { put, type TableWorld } from './table.ts';

type Query = Omit<IndexQuery, 'limit'> & { readonly limit?: number };

const sorts = (items: readonly Item[]) => items.map((item) => item.dueAt);

/** An index may lag, so what it should show is waited for. */
const shows = (table: Table, query: Query, expected: readonly string[]) =>
  vi.waitFor(async () => expect(sorts((await table.index('due', { limit: 100, ...query })).items)).toEqual(expected), {
    timeout: 240_000,
    interval: 20,
  });

async function fill(world: TableWorld, sortKeys: readonly string[]) {
  const shard = world.key('shard').pk;
  await world.table.write(
    sortKeys.map((dueAt, i) => put(world.key(`item-${i}`), { dueShard: shard, dueAt, n: BigInt(i) })),
  );
  return { ...world, shard };
}

export function indexCases(world: () => TableWorld): void {
  describe('indexes', () => {
    appearing(world);
    ranges(world);
    paging(world);
  });
}

function appearing(world: () => TableWorld): void {
  test('An item is in an index while it has both attributes, where they say.', async () => {
    const { table, key, shard } = await fill(world(), ['5', '3']);
    await shows(table, { pk: shard }, ['3', '5']);
    const [first] = (await table.index('due', { pk: shard, limit: 1 })).items;
    expect(first).toEqual({ pk: key('item-1').pk, dueShard: shard, dueAt: '3', n: 1n });

    await table.write([{ update: key('item-1'), set: { dueAt: '7' }, only: [] }]);
    await shows(table, { pk: shard }, ['5', '7']);
    await table.write([{ update: key('item-1'), set: { dueShard: `${shard}-other` }, only: [] }]);
    await shows(table, { pk: shard }, ['5']);
    await shows(table, { pk: `${shard}-other` }, ['7']);
    await table.write([{ update: key('item-0'), remove: ['dueShard', 'dueAt'], only: [] }]);
    await shows(table, { pk: shard }, []);
    await table.write([put(key('item-1'), { n: 1n })]);
    await shows(table, { pk: `${shard}-other` }, []);
    expect(await table.get(key('item-0'))).toEqual({ pk: key('item-0').pk, n: 0n });
  });

  test('One item may be in every index at once, and half a key is in none.', async () => {
    const { table, key } = world();
    const at = key('a').pk;
    const places = { dueShard: at, dueAt: '1', dayKey: at, daySort: '1', orderKey: at, orderSort: '1' };
    await table.write([put(key('a'), places), put(key('b'), { dueShard: at, daySort: '1' })]);
    for (const name of ['due', 'byDay', 'byOrder'] as const) {
      await vi.waitFor(async () => {
        const { items } = await table.index(name, { pk: at, limit: 10 });
        expect(items.map((item) => item.pk)).toEqual([at]);
      });
    }
  });
}

function ranges(world: () => TableWorld): void {
  test('A range takes both its ends, and an empty range is an empty page.', async () => {
    const { table, shard } = await fill(world(), ['10', '20', '30', '40']);
    await shows(table, { pk: shard }, ['10', '20', '30', '40']);
    const between = async (query: Omit<Query, 'pk'>) =>
      sorts((await table.index('due', { pk: shard, limit: 9, ...query })).items);
    expect(await between({ from: '20', to: '30' })).toEqual(['20', '30']);
    expect(await between({ from: '21' })).toEqual(['30', '40']);
    expect(await between({ to: '20' })).toEqual(['10', '20']);
    expect(await between({ to: '2' })).toEqual(['10']);
    expect(await between({ from: '30', to: '20' })).toEqual([]);
    expect(await between({ from: '20', to: '40', newestFirst: true })).toEqual(['40', '30', '20']);
  });

  test('Sort keys are in the order of their UTF-8 bytes.', async () => {
    const { table, shard } = await fill(world(), ['\u{1f600}', '\ue000', 'é', 'z', 'a', 'A']);
    await shows(table, { pk: shard }, ['A', 'a', 'z', 'é', '\ue000', '\u{1f600}']);
  });
}

function paging(world: () => TableWorld): void {
  const keys = ['1', '2', '2', '2', '3', '4', '5'];

  test.each([
    [1, false],
    [2, false],
    [3, true],
    [7, true],
  ])('Pages of %i show every item once and end without a cursor (newest first: %s).', async (limit, newestFirst) => {
    const { table, shard } = await fill(world(), keys);
    await shows(table, { pk: shard }, keys);
    const pages: (readonly Item[])[] = [];
    let cursor: string | undefined;
    do {
      const page = await table.index('due', { pk: shard, limit, newestFirst, ...(cursor !== undefined && { cursor }) });
      pages.push(page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const all = pages.flat();
    expect(sorts(all)).toEqual(newestFirst ? keys.toReversed() : keys);
    expect(new Set(all.map((item) => item.pk)).size).toBe(keys.length);
    expect(pages).toHaveLength(Math.ceil(keys.length / limit));
  });

  test('A page goes on where it ended, also when that item has left the index.', async () => {
    const { table, key, shard } = await fill(world(), ['1', '2', '3']);
    await shows(table, { pk: shard }, ['1', '2', '3']);
    const { items, cursor = '' } = await table.index('due', { pk: shard, limit: 2, from: '1', to: '3' });
    expect(sorts(items)).toEqual(['1', '2']);
    await table.write([{ update: key('item-1'), remove: ['dueShard', 'dueAt'], only: [] }]);
    await shows(table, { pk: shard }, ['1', '3']);
    const rest = await table.index('due', { pk: shard, limit: 2, from: '1', to: '3', cursor });
    expect(sorts(rest.items)).toEqual(['3']);
    expect(rest.cursor).toBeUndefined();
  });

  test.each([
    '',
    'x',
    'bm90IGpzb24',
    Buffer.from('["1"]').toString('base64url'),
    Buffer.from('{}').toString('base64url'),
  ])('The cursor "%s" is none and throws.', async (cursor) => {
    const { table, key } = world();
    await expect(table.index('due', { pk: key('a').pk, limit: 1, cursor })).rejects.toThrow(RangeError);
  });

  test.each([0, -1, 1.5, 1001])('A page of %d items is a bug and throws.', async (limit) => {
    const { table, key } = world();
    await expect(table.index('due', { pk: key('a').pk, limit })).rejects.toThrow(RangeError);
  });
}
