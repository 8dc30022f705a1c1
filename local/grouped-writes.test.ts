import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableContract } from '../lib/adapters/contracts/table.ts';
import { memoryTable } from '../lib/adapters/memory/table.ts';
import type { Table, Write, Written } from '../lib/app/ports/table.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import { groupedWrites } from './grouped-writes.ts';

tableContract('A table whose writers share transactions', async () => ({ table: groupedWrites(memoryTable()) }));

const raise = (pk: string, from: bigint): Write => ({
  update: { table: 'state', pk },
  set: { version: from + 1n },
  add: { count: 1n },
  only: from === 0n ? [{ is: 'absent' }] : [{ attribute: 'version', is: 'equal', value: from }],
});
const added = (pk: string): Write => ({ update: { table: 'state', pk }, add: { count: 1n }, only: [] });

/** A table that takes a turn of the event loop for each write, and counts them. */
function slow(inner: Table, trouble: (writes: readonly Write[]) => void = () => undefined) {
  const sizes: number[] = [];
  const table: Table = {
    ...inner,
    write: async (writes) => {
      sizes.push(writes.length);
      await new Promise((done) => setImmediate(done));
      trouble(writes);
      return inner.write(writes);
    },
  };
  return { table: groupedWrites(table), sizes, inner };
}

describe('writers that share transactions', () => {
  it('wait for those under way, and are then written together', async () => {
    const { table, sizes } = slow(memoryTable());
    const written = await Promise.all(Array.from({ length: 12 }, (_, n) => table.write([added(`item-${n}`)])));
    expect(written.every(({ is }) => is === 'written')).toBe(true);
    expect(sizes).toEqual([1, 1, 10]);
  });

  it('are refused each by its own condition, named by its own position', async () => {
    const { table, inner } = slow(memoryTable());
    await table.write([raise('taken', 0n)]);
    const all = ['a', 'b', 'c', 'taken', 'd'].map((pk) => table.write([added(`beside-${pk}`), raise(pk, 0n)]));
    const results = await Promise.all(all);
    expect(results.map(({ is }) => is)).toEqual(['written', 'written', 'written', 'refused', 'written']);
    expect(results[3]).toMatchObject({ failed: [{ index: 1, old: { version: 1n } }] });
    expect(await inner.get({ table: 'state', pk: 'beside-taken' })).toBeUndefined();
    expect(await inner.get({ table: 'state', pk: 'beside-d' })).toMatchObject({ count: 1n });
  });

  it('F71 do not know more than the one transaction does', async () => {
    let broken = false;
    const { table } = slow(memoryTable(), () => {
      if (broken) throw new Unavailable('table');
    });
    const first = [table.write([added('one')]), table.write([added('two')])];
    broken = true;
    const results = await Promise.allSettled([...first, table.write([added('three')]), table.write([added('four')])]);
    expect(results.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  });

  it('do not share a bug: the others are written, and who has it is told', async () => {
    const { table } = slow(memoryTable(), (writes) => {
      if (writes.some((write) => 'update' in write && write.update.pk === 'too-large')) throw new Error('too large');
    });
    const names = ['a', 'b', 'c', 'too-large', 'd'];
    const results = await Promise.allSettled(names.map((pk) => table.write([added(pk)])));
    expect(results.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(table.write([added('x'), added('x')])).rejects.toThrow(RangeError);
  });

  it('write what would be too much for one transaction in several', async () => {
    const { table, sizes } = slow(memoryTable());
    const big = (pk: string): Write => ({
      put: { body: 'x'.repeat(200_000) },
      key: { table: 'state', pk },
      only: [{ is: 'absent' }],
    });
    await Promise.all(Array.from({ length: 9 }, (_, n) => table.write([big(`big-${n}`)])));
    expect(Math.max(...sizes)).toBe(2);
    const many = Array.from({ length: 3 }, (_, n) =>
      table.write(Array.from({ length: 50 }, (_, m) => added(`many-${n}-${m}`))),
    );
    expect((await Promise.all(many)).every(({ is }) => is === 'written')).toBe(true);
    expect(Math.max(...sizes)).toBe(50);
  });

  it('count each success once, whoever else was refused beside it', async () => {
    const one = fc.record({ keys: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 25 }), async (asked) => {
        const { table, inner } = slow(memoryTable());
        const expected = new Map<string, bigint>();
        const write = async (keys: readonly number[]): Promise<Written> => {
          const heads = await Promise.all(
            keys.map(async (key) => ({ pk: `k${key}`, head: await table.get({ table: 'state', pk: `k${key}` }) })),
          );
          return table.write(heads.map(({ pk, head }) => raise(pk, (head?.version as bigint | undefined) ?? 0n)));
        };
        await Promise.all(
          asked.map(async ({ keys }) => {
            const written = await write(keys);
            if (written.is !== 'written') return;
            for (const key of keys) expected.set(`k${key}`, (expected.get(`k${key}`) ?? 0n) + 1n);
          }),
        );
        for (let key = 0; key <= 5; key += 1) {
          const item = await inner.get({ table: 'state', pk: `k${key}` });
          expect(item?.count).toBe(expected.get(`k${key}`));
          expect(item?.version).toBe(expected.get(`k${key}`));
        }
      }),
      { numRuns: 100, seed: 71 },
    );
  });
});
