import { describe, expect, test } from 'vitest';
import type { Attribute, Condition, Item } from '../../app/ports/table.ts';
import { check, put, type TableWorld } from './table.ts';

const on = (is: 'equal' | 'not-equal' | 'at-least' | 'unset-or-equal', value: Attribute): Condition => ({
  attribute: 'status',
  is,
  value,
});
const unset: Condition = { attribute: 'status', is: 'unset' };
const big = 9_007_199_254_740_993n;

/** Condition, what is stored (undefined: no item), whether it holds. */
const table: readonly (readonly [Condition, Item | undefined, boolean])[] = [
  [{ is: 'absent' }, undefined, true],
  [{ is: 'absent' }, {}, false],
  [{ is: 'present' }, undefined, false],
  [{ is: 'present' }, {}, true],
  [unset, undefined, true],
  [unset, {}, true],
  [unset, { status: '' }, false],
  [unset, { status: false }, false],
  [{ attribute: 'stopped.a-b', is: 'unset' }, { stopped: true }, true],
  [{ attribute: 'stopped.a-b', is: 'unset' }, { 'stopped.a-b': true }, false],
  [{ attribute: 'stopped', is: 'unset' }, { 'stopped.a-b': true }, true],
  [on('equal', 'held'), undefined, false],
  [on('equal', 'held'), {}, false],
  [on('equal', 'held'), { status: 'held' }, true],
  [on('equal', 'held'), { status: 'Held' }, false],
  [on('equal', 1n), { status: '1' }, false],
  [on('equal', big), { status: big }, true],
  [on('equal', big), { status: big - 1n }, false],
  [on('equal', true), { status: true }, true],
  [on('equal', true), { status: false }, false],
  [on('not-equal', 'held'), undefined, false],
  [on('not-equal', 'held'), {}, false],
  [on('not-equal', 'held'), { status: 'held' }, false],
  [on('not-equal', 'held'), { status: 'denied' }, true],
  [on('not-equal', 1n), { status: '1' }, true],
  [on('at-least', 5n), undefined, false],
  [on('at-least', 0n), {}, false],
  [on('at-least', 5n), { status: 4n }, false],
  [on('at-least', 5n), { status: 5n }, true],
  [on('at-least', -5n), { status: -6n }, false],
  [on('at-least', 10n), { status: 9n }, false],
  [on('at-least', big), { status: big - 1n }, false],
  [on('at-least', big), { status: big }, true],
  [on('at-least', 5n), { status: '6' }, false],
  [on('at-least', 'b'), { status: 'a' }, false],
  [on('at-least', 'b'), { status: 'ba' }, true],
  [on('unset-or-equal', 'held'), undefined, true],
  [on('unset-or-equal', 'held'), {}, true],
  [on('unset-or-equal', 'held'), { status: 'held' }, true],
  [on('unset-or-equal', 'held'), { status: 'denied' }, false],
];

const words = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));

export function conditionCases(world: () => TableWorld): void {
  describe('conditions', () => {
    test.each(
      table.map((row) => [words(row[0]), row[1] === undefined ? 'no item' : words(row[1]), row[2], row] as const),
    )('%s of %s: %s', async (_condition, _item, holds, [condition, item]) => {
      const { table, key } = world();
      const at = key('item');
      if (item !== undefined) await table.write([put(at, item)]);
      const written = await table.write([check(at, condition)]);
      const old = item && { ...item, pk: at.pk };
      const failed = old === undefined ? { index: 0 } : { index: 0, old };
      expect(written).toEqual(holds ? { is: 'written' } : { is: 'refused', failed: [failed] });
    });

    test('All conditions of one write hold, or it is refused.', async () => {
      const { table, key } = world();
      await table.write([put(key('a'), { status: 'open', available: 10n })]);
      const both = (atLeast: bigint): Condition[] => [
        { attribute: 'status', is: 'equal', value: 'open' },
        { attribute: 'available', is: 'at-least', value: atLeast },
      ];
      expect(await table.write([check(key('a'), ...both(10n))])).toEqual({ is: 'written' });
      expect(await table.write([check(key('a'), ...both(11n))])).toMatchObject({ is: 'refused' });
    });

    test('Attributes may be named like reserved words.', async () => {
      const { table, key } = world();
      const reserved = { name: 'a', status: 'b', 'with.dot': 'c', '#n0': 'd', values: 1n };
      await table.write([put(key('a'), reserved)]);
      const update = { update: key('a'), set: { name: 'z' }, add: { values: 1n }, remove: ['with.dot', 'status'] };
      await table.write([{ ...update, only: [{ attribute: '#n0', is: 'equal', value: 'd' }] }]);
      expect(await table.get(key('a'))).toEqual({ pk: key('a').pk, name: 'z', values: 2n, '#n0': 'd' });
    });
  });
}
