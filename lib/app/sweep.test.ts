import { expect, it } from 'vitest';
import { memoryLog } from '../adapters/memory/log.ts';
import { memoryQueues } from '../adapters/memory/queues.ts';
import { memoryTable } from '../adapters/memory/table.ts';
import { seededIds, settableClock } from '../adapters/memory/world.ts';
import { t0 } from '../domain/refund/given.ts';
import type { StreamName } from '../domain/streams.ts';
import { production } from '../domain/tempo.ts';
import { type Instant, minute, plus } from '../domain/time.ts';
import { due, dueOf, dueShards, shardOf } from './heads.ts';
import type { Queues } from './ports/queues.ts';
import { Unavailable } from './ports/unavailable.ts';
import { sweep } from './sweep.ts';

it('F84 gives those their turns that wait for a gateway, before it asks for all the rest that is late', async () => {
  const table = memoryTable();
  const queues = memoryQueues();
  const head = (pk: string, more: Record<string, string>) =>
    table.write([
      {
        update: { table: 'state', pk },
        set: { ...due(pk as StreamName, t0).set, ...more },
        only: [],
      },
    ]);
  for (let n = 0; n < 50; n += 1) await head(`demo#notice#stripe-demo#evt_${n}`, { follow: 'reconcile' });
  await head('demo#refund#rf_00000000000000000000', { follow: 'execute', accounts: 'stripe-demo', daySort: '1' });
  const clock = settableClock(plus(t0, minute));
  const needs = { table, queues, clock, ids: seededIds('sweep'), log: memoryLog(), tempo: production };
  expect(await sweep(needs)).toBe(51);
  const asked = queues.take().map(({ work }) => work.queue);
  expect(asked).toHaveLength(51);
  expect(asked[0]).toBe('execute');
});

it('F32 asks for all the others where one queue takes nothing, and for that again, and fails', async () => {
  const table = memoryTable();
  const queues = memoryQueues();
  let away = true;
  const send: Queues['send'] = async (work, delayMs) => {
    if (away && work.some(({ connection }) => connection === 'stripe-eu')) throw new Unavailable('queues');
    return queues.send(work, delayMs);
  };
  const head = (pk: string, more: Record<string, string>) =>
    table.write([{ update: { table: 'state', pk }, set: { ...due(pk as StreamName, t0).set, ...more }, only: [] }]);
  const stranded = 'demo#refund#rf_00000000000000000000';
  await head(stranded, { follow: 'execute', accounts: 'stripe-eu', daySort: '1' });
  await head('demo#notice#stripe-demo#evt_1', { follow: 'reconcile' });
  const clock = settableClock(plus(t0, minute));
  const needs = { table, queues: { send }, clock, ids: seededIds('sweep'), log: memoryLog(), tempo: production };
  await expect(sweep(needs)).rejects.toThrow(Unavailable);
  const asked = () => queues.take().map(({ work }) => work.queue);
  expect(asked()).toEqual(['reconcile']);
  expect(dueOf(await table.get({ table: 'state', pk: stranded }))).toBe(plus(clock.now(), production.graceMs));
  away = false;
  clock.set(plus(clock.now(), production.graceMs));
  await sweep(needs);
  expect(asked()).toContain('execute');
});

it.each([
  ['a head', { pk: 'demo#refund#rf_1', follow: 'execute', accounts: 'stripe-eu', daySort: '1', sentAt: 'soon' }],
  ['a due time', { pk: 'demo#refund#rf_1', follow: 'execute', dueAt: '!' }],
  ["an account's weather", { pk: 'demo#account#stripe-eu', weather: '{' }],
])('F32 asks for all the others where %s can not be read, and fails', async (_, { pk: broken, ...wrong }) => {
  const table = memoryTable();
  const queues = memoryQueues();
  const head = (pk: string, more: object) =>
    table.write([{ update: { table: 'state', pk }, set: { ...due(pk as StreamName, t0).set, ...more }, only: [] }]);
  await head('demo#refund#rf_2', { follow: 'execute', accounts: 'stripe-eu', daySort: '1' });
  if (broken.includes('#refund#')) await head(broken, wrong);
  else await table.write([{ update: { table: 'state', pk: broken }, set: wrong, only: [] }]);
  await head('demo#refund#rf_3', { follow: 'execute', accounts: 'stripe-us', daySort: '2' });
  await head('demo#notice#stripe-demo#evt_1', { follow: 'reconcile' });
  const clock = settableClock(plus(t0, minute));
  const needs = { table, queues, clock, ids: seededIds('sweep'), log: memoryLog(), tempo: production };
  await expect(sweep(needs)).rejects.toThrow(`${broken} can't be read`);
  const asked = queues.take().map(({ work }) => work.stream);
  expect(asked).toEqual(expect.arrayContaining(['demo#refund#rf_3', 'demo#notice#stripe-demo#evt_1']));
});

it('asks for what is late longest in every run that is stopped before its end, in whichever part of the index it is', async () => {
  const table = memoryTable();
  const queues = memoryQueues();
  const names = Array.from({ length: 400 }, (_, n) => `demo#notice#stripe-demo#evt_${n}` as StreamName);
  const last = names.find((name) => shardOf(name, dueShards) === dueShards - 1) ?? names[0]!;
  const rest = names.filter((name) => shardOf(name, dueShards) < dueShards - 1).slice(0, 40);
  const head = (pk: StreamName, at: Instant) =>
    table.write([{ update: { table: 'state', pk }, set: { ...due(pk, at).set, follow: 'reconcile' }, only: [] }]);
  for (const name of rest) await head(name, plus(t0, minute));
  await head(last, t0);
  let sent = 0;
  const send: Queues['send'] = async (work, delayMs) => {
    sent += work.length;
    if (sent > 20) throw new Error('the function was stopped');
    return queues.send(work, delayMs);
  };
  const clock = settableClock(plus(t0, 2 * minute));
  const needs = { table, queues: { send }, clock, ids: seededIds('sweep'), log: memoryLog(), tempo: production };
  await expect(sweep(needs)).rejects.toThrow('stopped');
  expect(queues.take().map(({ work }) => work.stream)).toContain(last);
});
