import { describe, expect, test } from 'vitest';
import type { Key, Write } from '../../app/ports/table.ts';
import { put, type TableWorld } from './table.ts';

export function entryCases(world: () => TableWorld): void {
  const entry = (stream: Key, number: number, body: string): Write =>
    put({ table: 'journal', pk: stream.pk, sk: number }, { body }, { is: 'absent' });

  describe('entries', () => {
    test('Entries come in the order of their numbers, with their keys, and of their stream alone.', async () => {
      const { table, key } = world();
      const stream = key('stream');
      // Written out of order, and past the point where 10 sorts before 9 as text.
      for (const number of [10, 2, 9, 1, 11]) await table.write([entry(stream, number, `n${number}`)]);
      await table.write([entry(key('stream-2'), 1, 'another')]);
      const found = await table.entries(stream.pk);
      expect(found.map((item) => item.sk)).toEqual([1n, 2n, 9n, 10n, 11n]);
      expect(found[0]).toEqual({ pk: stream.pk, sk: 1n, body: 'n1' });
      expect(await table.get({ table: 'journal', pk: stream.pk, sk: 9 })).toEqual({
        pk: stream.pk,
        sk: 9n,
        body: 'n9',
      });
    });

    test('Entries after a number leave out that number and all before it.', async () => {
      const { table, key } = world();
      const stream = key('stream');
      await table.write([1, 2, 3, 4].map((number) => entry(stream, number, 'x')));
      const later = async (number: number) => (await table.entries(stream.pk, number)).map((item) => item.sk);
      expect(await later(0)).toEqual([1n, 2n, 3n, 4n]);
      expect(await later(2)).toEqual([3n, 4n]);
      expect(await later(4)).toEqual([]);
      expect(await table.entries(key('nothing').pk)).toEqual([]);
    });

    test('A stream longer than one page of the store comes whole.', async () => {
      const { table, key } = world();
      const stream = key('stream');
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
      const large = 'x'.repeat(350_000);
      // A page holds 1 MB and a transaction 4 MB.
      for (const number of numbers) await table.write([entry(stream, number, large)]);
      const found = await table.entries(stream.pk);
      expect(found.map((item) => item.sk)).toEqual(numbers.map(BigInt));
      expect(found.every((item) => item.body === large)).toBe(true);
    });

    test('An entry is never replaced.', async () => {
      const { table, key } = world();
      const stream = key('stream');
      await table.write([entry(stream, 1, 'first')]);
      const again = await table.write([entry(stream, 1, 'second')]);
      expect(again).toEqual({ is: 'refused', failed: [{ index: 0, old: { pk: stream.pk, sk: 1n, body: 'first' } }] });
      expect(await table.entries(stream.pk)).toMatchObject([{ body: 'first' }]);
    });
  });
}
