import { describe, expect, it } from 'vitest';
import { sha256Hex as hash } from '../adapters/kit/hmac.ts';
import { type MemoryTable, memoryTable, type TableFault } from '../adapters/memory/table.ts';
import { seededIds } from '../adapters/memory/world.ts';
import { verify } from '../domain/chain.ts';
import type { Event } from '../domain/events.ts';
import { correlationId } from '../domain/ids.ts';
import { clock, fact, requested } from '../domain/refund/given.ts';
import type { StreamName } from '../domain/streams.ts';
import { type Append, append, beginning, load, NewerVersion, storedEntry } from './journal.ts';
import type { Table, Write } from './ports/table.ts';

const stream = 'demo#refund#rf_1' as StreamName;
const other = 'demo#payment#pay_1';
const sending = fact('leg.sending');
const input = (more: Partial<Append> = {}): Append => ({
  stream,
  after: beginning,
  at: clock(7),
  actor: 'assess',
  cause: 'demo#notice#generic-demo#1/1',
  correlation: correlationId('1'),
  events: [requested()],
  head: { set: { status: 'waiting' } },
  also: [],
  ...more,
});

/** A journal over a table of its own, and what went into it. Two callers share the table and nothing else. */
function journal(fault?: () => TableFault | undefined) {
  const table = memoryTable(fault);
  const caller = (name: string, over: Table = table) => {
    const needs = { table: over, ids: seededIds(name), hash };
    return (more: Partial<Append> = {}) => append(needs, input(more));
  };
  return {
    table,
    caller,
    us: caller('us'),
    rival: caller('rival'),
    head: () => table.get({ table: 'state', pk: stream }),
  };
}

/** As an SDK that repeats a request whose answer was lost: what it hears is what became of the second one. */
const answeringTheSecond = (table: MemoryTable): Table => ({
  ...table,
  async write(writes) {
    await table.write(writes);
    return table.write(writes);
  },
});
const check = (pk: string, only: Write['only']): Write => ({ check: { table: 'state', pk }, only });

describe('an append', () => {
  it('writes the entry and the head that names it, and says where the stream ends now', async () => {
    const { table, us, head } = journal();
    const first = await us({ head: { set: { status: 'waiting' }, add: { legs: 2n } } });
    const { entries, end } = await load({ table }, stream);
    expect(first).toEqual({ is: 'appended', end });
    expect(entries).toEqual([
      {
        v: 1,
        stream,
        number: 1,
        at: clock(7),
        actor: 'assess',
        cause: 'demo#notice#generic-demo#1/1',
        correlation: 'c_1',
        writer: expect.stringMatching(/^w_[0-9a-f]{32}$/),
        previous: '',
        events: [requested()],
      },
    ]);
    expect(end.version).toBe(1);
    expect(await head()).toEqual({ pk: stream, status: 'waiting', legs: 2n, version: 1n, digest: end.digest });
  });

  it('F137 makes a chain that holds, in one stream and another', async () => {
    const { table, us, head } = journal();
    await us();
    await us({ stream: 'demo#refund#rf_2' as StreamName });
    for (const events of [[sending], [fact('leg.unknown'), fact('leg.absent')]]) {
      const { end } = await load({ table }, stream);
      expect(await us({ after: end, events, head: { set: {}, remove: ['status'] } })).toMatchObject({ is: 'appended' });
    }
    const stored = (await table.entries(stream)).map((item) => storedEntry(item, Number(item.sk)));
    const { end } = await load({ table }, stream);
    expect(end.version).toBe(3);
    expect(verify(stream, stored, end, hash)).toBeUndefined();
    expect(await head()).toEqual({ pk: stream, version: 3n, digest: end.digest });
  });

  it('writes the rest in the same transaction, or nothing of it', async () => {
    const { table, us } = journal();
    const put: Write = { update: { table: 'state', pk: other }, set: { open: true }, only: [{ is: 'absent' }] };
    expect(await us({ also: [{ name: 'payment', write: put }] })).toMatchObject({ is: 'appended' });
    const before = table.dump();
    const { end } = await load({ table }, stream);
    const also = [
      { name: 'switch', write: check('demo#control', [{ is: 'absent' }]) },
      { name: 'payment', write: put },
    ];
    expect(await us({ after: end, also })).toEqual({ is: 'blocked', by: 'payment', old: { pk: other, open: true } });
    expect(
      await us({ after: end, also: [{ name: 'switch', write: check('demo#control', [{ is: 'present' }]) }] }),
    ).toEqual({ is: 'blocked', by: 'switch', old: undefined });
    expect(table.dump()).toEqual(before);
  });

  it('names the head where a condition on it did not hold, before any other', async () => {
    const { table, us, head } = journal();
    const only = [{ attribute: 'status', is: 'equal', value: 'held' }] as const;
    const also = [{ name: 'switch', write: check('demo#control', [{ is: 'present' }]) }];
    const never = await us({ head: { set: {}, only: [{ is: 'present' }] }, also });
    expect(never).toEqual({ is: 'blocked', by: 'head', old: undefined });
    await us();
    const { end } = await load({ table }, stream);
    const blocked = await us({ after: end, head: { set: {}, only }, also });
    expect(blocked).toEqual({ is: 'blocked', by: 'head', old: await head() });
  });

  it('has no name for what stood in the way where the store has none', async () => {
    const { table, caller } = journal();
    const silent: Table = { ...table, write: async () => ({ is: 'refused', failed: [] }) };
    const also = [{ name: 'switch', write: check('demo#control', [{ is: 'present' }]) }];
    expect(await caller('us', silent)({ also })).toEqual({ is: 'blocked', by: 'unknown', old: undefined });
  });

  it('is heard by whoever follows the journal, once', async () => {
    const { table, us } = journal();
    const heard: unknown[] = [];
    table.onInsert((item) => heard.push(item));
    await us();
    expect(heard).toEqual(await table.entries(stream));
    expect(heard).toHaveLength(1);
  });

  it('is busy where the store is, and has written nothing', async () => {
    const { table, us } = journal(() => 'busy');
    expect(await us()).toEqual({ is: 'busy' });
    expect(table.dump()).toEqual({ journal: [], state: [] });
  });
});

describe('who was first', () => {
  it('F70 is read again by whoever comes second', async () => {
    const { table, us, rival } = journal();
    await us();
    const { end } = await load({ table }, stream);
    expect(await rival({ after: end, events: [sending] })).toMatchObject({ is: 'appended' });
    expect(await us({ after: end, events: [sending] })).toEqual({ is: 'stale' });
    expect((await load({ table }, stream)).end.version).toBe(2);
  });

  it('is shown to whoever began the same stream a moment later', async () => {
    const { table, us, rival, head } = journal();
    await rival({ actor: 'rival' });
    const [first] = await table.entries(stream);
    const seen = await us();
    expect(seen).toEqual({ is: 'seen', first: storedEntry(first!, 1), head: await head() });
    expect(seen).toMatchObject({ first: { number: 1, digest: hash(String(first?.body)) } });
  });

  it('F71 was ourselves where the answer was lost and the request repeated', async () => {
    const { table, caller } = journal();
    const twice = caller('us', answeringTheSecond(table));
    const first = await twice();
    expect(first).toEqual({ is: 'appended', end: (await load({ table }, stream)).end });
    const after = first.is === 'appended' ? first.end : beginning;
    expect(await twice({ after, events: [sending] })).toEqual({
      is: 'appended',
      end: (await load({ table }, stream)).end,
    });
    expect(await table.entries(stream)).toHaveLength(2);
  });

  it('F71 was not ourselves where a rival’s entry only mentions our token', async () => {
    const { rival, us } = journal();
    const ours = `w_${seededIds('us').random()}`;
    await rival({ cause: ours });
    expect(await us()).toMatchObject({ is: 'seen' });
  });

  it('F70 is decided by the entries, also where the head was lost or lags behind them', async () => {
    const { table, us, rival } = journal();
    await rival();
    await rival({ after: (await load({ table }, stream)).end, events: [sending] });
    const entries = await table.entries(stream);
    const restored = (head?: bigint) => {
      const again = journal();
      const puts = entries.map(({ body = '', digest = '' }, index): Write => {
        return {
          put: { body, digest },
          key: { table: 'journal', pk: stream, sk: index + 1 },
          only: [{ is: 'absent' }],
        };
      });
      const update: Write = { update: { table: 'state', pk: stream }, set: { version: head ?? 0n }, only: [] };
      return again.table.write(head === undefined ? puts : [...puts, update]).then(() => again);
    };
    const lost = await (await restored()).us();
    expect(lost).toEqual({ is: 'seen', first: storedEntry(entries[0]!, 1), head: undefined });
    const after = { version: 1, digest: String(entries[0]?.digest) };
    expect(await (await restored(1n)).us({ after, events: [sending] })).toEqual({ is: 'stale' });
    expect(await us({ after })).toEqual({ is: 'stale' });
  });

  it('was somebody where the head stands elsewhere, whatever the entries say', async () => {
    const { table, us } = journal();
    const move = (version: bigint) =>
      table.write([{ update: { table: 'state', pk: stream }, set: { version }, only: [] }]);
    expect(await us({ after: { version: 1, digest: 'd' } })).toEqual({ is: 'stale' });
    await move(5n);
    expect(await us()).toEqual({ is: 'stale' });
    expect(await us({ after: { version: 4, digest: 'd' } })).toEqual({ is: 'stale' });
    expect(await us({ after: { version: 5, digest: 'd' } })).toMatchObject({ is: 'appended' });
  });
});

describe('a stream that is loaded', () => {
  it('ends at its beginning where there is none', async () => {
    expect(await load({ table: memoryTable() }, stream)).toEqual({ entries: [], end: beginning });
  });

  it('F143 is left alone where it holds what a newer version wrote, wherever that stands', async () => {
    const { table, us } = journal();
    await us();
    const { end } = await load({ table }, stream);
    const newer = { ...sending, v: 2 } as unknown as Event;
    await us({ after: end, events: [sending, newer] });
    const refused = load({ table }, stream);
    await expect(refused).rejects.toThrow(NewerVersion);
    await expect(refused).rejects.toMatchObject({
      name: 'NewerVersion',
      stream,
      message: `${stream} holds events of a newer version`,
    });
  });

  it('F137 has an item without text or digest read as empty, for the audit to find', () => {
    expect(storedEntry({ pk: stream }, 3)).toEqual({ number: 3, body: '', digest: '' });
  });
});
