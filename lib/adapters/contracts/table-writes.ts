import { describe, expect, test } from 'vitest';
import type { Key, Table, Write } from '../../app/ports/table.ts';
import { check, put, type TableWorld } from './table.ts';

export function writeCases(world: () => TableWorld): void {
  describe('writes', () => {
    storing(world);
    atomicity(world);
    concurrency(world);
    bugs(world);
  });
}

function storing(world: () => TableWorld): void {
  test('What was put is read back, numbers beyond a double too.', async () => {
    const { table, key } = world();
    const item = {
      body: '{"ü":"€😀"}',
      empty: '',
      amount: 10n ** 30n + 1n,
      debt: -(2n ** 63n),
      nil: 0n,
      open: true,
      done: false,
    };
    expect(await table.write([put(key('a'), item, { is: 'absent' })])).toEqual({ is: 'written' });
    expect(await table.get(key('a'))).toEqual({ ...item, pk: key('a').pk });
    expect(await table.get(key('b'))).toBeUndefined();
  });

  test('A put replaces the whole item, and only where its condition holds.', async () => {
    const { table, key } = world();
    await table.write([put(key('a'), { first: 'yes', v: 1n })]);
    const replacing = put(key('a'), { v: 2n }, { attribute: 'v', is: 'equal', value: 1n });
    expect(await table.write([replacing])).toEqual({ is: 'written' });
    expect(await table.write([replacing])).toEqual({
      is: 'refused',
      failed: [{ index: 0, old: { pk: key('a').pk, v: 2n } }],
    });
    expect(await table.get(key('a'))).toEqual({ pk: key('a').pk, v: 2n });
  });

  test('An update sets, adds from nothing, subtracts and removes, and leaves the rest.', async () => {
    const { table, key } = world();
    await table.write([put(key('a'), { keep: 'it', gone: 'soon', balance: 5n })]);
    const update: Write = {
      update: key('a'),
      set: { fresh: true },
      add: { balance: -7n, counter: 3n },
      remove: ['gone', 'never-there'],
      only: [],
    };
    expect(await table.write([update])).toEqual({ is: 'written' });
    expect(await table.get(key('a'))).toEqual({ pk: key('a').pk, keep: 'it', fresh: true, balance: -2n, counter: 3n });
  });

  test('An update makes an item that is not there, unless a condition forbids it.', async () => {
    const { table, key } = world();
    await table.write([{ update: key('a'), add: { counter: 1n }, only: [] }]);
    expect(await table.get(key('a'))).toEqual({ pk: key('a').pk, counter: 1n });
    expect(await table.write([{ update: key('b'), set: { v: 1n }, only: [{ is: 'present' }] }])).toEqual({
      is: 'refused',
      failed: [{ index: 0 }],
    });
    expect(await table.get(key('b'))).toBeUndefined();
  });

  test('Adding stays exact far beyond a double.', async () => {
    const { table, key } = world();
    const start = 2n ** 53n;
    await table.write([put(key('a'), { balance: start })]);
    for (let i = 0; i < 3; i++) await table.write([{ update: key('a'), add: { balance: 1n }, only: [] }]);
    expect(await table.get(key('a'))).toMatchObject({ balance: start + 3n });
  });
}

function atomicity(world: () => TableWorld): void {
  test('One write that is refused leaves nothing of the others, in either table.', async () => {
    const { table, key } = world();
    await table.write([put(key('old'), { v: 1n })]);
    const entry: Key = { table: 'journal', pk: key('stream').pk, sk: 1 };
    const written = await table.write([
      put(entry, { body: 'fact' }, { is: 'absent' }),
      put(key('new'), { v: 1n }),
      { update: key('old'), add: { v: 1n }, only: [] },
      check(key('guard'), { is: 'present' }),
    ]);
    expect(written).toEqual({ is: 'refused', failed: [{ index: 3 }] });
    expect(await table.get(entry)).toBeUndefined();
    expect(await table.get(key('new'))).toBeUndefined();
    expect(await table.get(key('old'))).toMatchObject({ v: 1n });
  });

  test('F109 Every condition that failed is reported, with the item as it stands.', async () => {
    const { table, key } = world();
    await table.write([put(key('a'), { v: 1n }), put(key('b'), { v: 2n }), put(key('c'), { v: 3n })]);
    const written = await table.write([
      put(key('a'), { v: 9n }, { is: 'absent' }),
      { update: key('b'), add: { v: 1n }, only: [{ attribute: 'v', is: 'at-least', value: 2n }] },
      { update: key('c'), set: { v: 9n }, only: [{ attribute: 'v', is: 'equal', value: 2n }] },
    ]);
    expect(written).toEqual({
      is: 'refused',
      failed: [
        { index: 0, old: { pk: key('a').pk, v: 1n } },
        { index: 2, old: { pk: key('c').pk, v: 3n } },
      ],
    });
    expect(await table.get(key('b'))).toMatchObject({ v: 2n });
  });

  test('A hundred items are written at once, or none.', async () => {
    const { table, key } = world();
    const items = Array.from({ length: 100 }, (_, i) => put(key(`${i}`), { v: BigInt(i) }, { is: 'absent' }));
    expect(await table.write(items)).toEqual({ is: 'written' });
    expect(await table.get(key('99'))).toMatchObject({ v: 99n });
    expect(await table.write([put(key('x'), {}), ...items.slice(1)])).toMatchObject({ is: 'refused' });
    expect(await table.get(key('x'))).toBeUndefined();
  });
}

function concurrency(world: () => TableWorld): void {
  test('F35 Of fifty withdrawals at once exactly as many win as the balance allows.', async () => {
    const { table, key } = world();
    await table.write([put(key('payment'), { available: 100n })]);
    const withdraw: Write = {
      update: key('payment'),
      add: { available: -7n, count: 1n },
      only: [{ attribute: 'available', is: 'at-least', value: 7n }],
    };
    const all = await Promise.all(Array.from({ length: 50 }, () => untilAnswered(table, [withdraw])));
    expect(all.filter((is) => is === 'written')).toHaveLength(14);
    expect(all.filter((is) => is === 'refused')).toHaveLength(36);
    expect(await table.get(key('payment'))).toMatchObject({ available: 2n, count: 14n });
  });

  test('F36 Of twenty writers of one entry one wins, and what goes with it happens once.', async () => {
    const { table, key } = world();
    const entry: Key = { table: 'journal', pk: key('stream').pk, sk: 1 };
    const write = (writer: number): Write[] => [
      put(entry, { writer: `w${writer}` }, { is: 'absent' }),
      { update: key('head'), add: { version: 1n }, set: { writer: `w${writer}` }, only: [] },
    ];
    const all = await Promise.all(Array.from({ length: 20 }, (_, writer) => untilAnswered(table, write(writer))));
    expect(all.filter((is) => is === 'written')).toHaveLength(1);
    const winner = `w${all.indexOf('written')}`;
    expect(await table.get(entry)).toMatchObject({ writer: winner });
    expect(await table.get(key('head'))).toMatchObject({ writer: winner, version: 1n });
  });
}

/** The first answer that is not `busy`, which promises that nothing was written. */
async function untilAnswered(table: Table, writes: readonly Write[]): Promise<'written' | 'refused'> {
  for (;;) {
    const { is } = await table.write(writes);
    if (is !== 'busy') return is;
  }
}

function bugs(world: () => TableWorld): void {
  const entry = (key: Key, sk = 1): Key => ({ table: 'journal', pk: key.pk, sk });
  const wrong: readonly (readonly [string, (key: Key) => readonly Write[]])[] = [
    ['no item', () => []],
    ['101 items', (key) => Array.from({ length: 101 }, (_, i) => put({ ...key, pk: `${key.pk}${i}` }, {}))],
    ['an item twice', (key) => [put(key, {}), check(key, { is: 'present' })]],
    ['an entry twice', (key) => [put(entry(key), {}, { is: 'absent' }), put(entry(key), {}, { is: 'absent' })]],
    ['a key attribute to put', (key) => [put(key, { pk: 'other' })]],
    ['a key attribute to set', (key) => [{ update: key, set: { sk: 1n }, only: [] }]],
    ['an update of nothing', (key) => [{ update: key, set: {}, remove: [], only: [] }]],
    ['an attribute set and removed', (key) => [{ update: key, set: { a: 1n }, remove: ['a'], only: [] }]],
    ['a check of nothing', (key) => [check(key)]],
    ['a journal entry without a number', (key) => [put({ table: 'journal', pk: key.pk }, {}, { is: 'absent' })]],
    ['a journal entry numbered 0', (key) => [put(entry(key, 0), {}, { is: 'absent' })]],
    ['a journal entry that replaces', (key) => [put(entry(key), {})]],
    ['a journal entry that changes', (key) => [{ update: entry(key), set: { a: 1n }, only: [] }]],
    ['a state item with a number', (key) => [put({ ...key, sk: 1 }, {})]],
    ['an index key that is no text', (key) => [put(key, { dueAt: 1n })]],
    ['a number of 39 digits', (key) => [put(key, { a: 10n ** 38n })]],
  ];

  test.each(wrong)('A write of %s is a bug and throws.', async (_name, writes) => {
    const { table, key } = world();
    await expect(table.write(writes(key('a')))).rejects.toThrow(RangeError);
    expect(await table.get(key('a'))).toBeUndefined();
  });

  test('Adding to a text is a bug and throws, and nothing is written.', async () => {
    const { table, key } = world();
    await table.write([put(key('a'), { name: 'x' })]);
    const adding: Write = { update: key('a'), add: { name: 1n }, only: [] };
    await expect(table.write([put(key('b'), {}), adding])).rejects.toThrow(Error);
    expect(await table.get(key('b'))).toBeUndefined();
  });
}
