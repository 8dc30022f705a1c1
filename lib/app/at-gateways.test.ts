import { describe, expect, it } from 'vitest';
import { memoryLog } from '../adapters/memory/log.ts';
import { memoryQueues } from '../adapters/memory/queues.ts';
import { memoryTable } from '../adapters/memory/table.ts';
import { seededIds, settableClock } from '../adapters/memory/world.ts';
import { approved, connection, fact, planned, requested, t0 } from '../domain/refund/given.ts';
import { evolve } from '../domain/refund/state.ts';
import type { StreamName } from '../domain/streams.ts';
import { production } from '../domain/tempo.ts';
import { minute, plus } from '../domain/time.ts';
import { due } from './heads.ts';
import { Unavailable } from './ports/unavailable.ts';
import { executeAt } from './refund-due.ts';
import { relay } from './relay.ts';
import { sweep } from './sweep.ts';
import { executeAtIn, urgencyOf } from './urgency.ts';

const stream = 'demo#refund#rf_00000000000000000000' as StreamName;
const [one, two] = [connection('stripe-one'), connection('other-two')];
const legs = [
  { ...planned(1), connection: one },
  { ...planned(2), connection: two },
];

/** A table with the head of one refund that is due, and a queue to look at. */
async function withHead(attributes: Record<string, string>) {
  const table = memoryTable();
  await table.write([
    { update: { table: 'state', pk: stream }, set: { ...due(stream, t0).set, ...attributes }, only: [] },
  ]);
  return { table, queues: memoryQueues(), log: memoryLog(), clock: settableClock(plus(t0, minute)) };
}

const entry = (event: object) =>
  ({
    is: 'inserted',
    stored: { number: 1, body: JSON.stringify({ stream, correlation: 'c_1', events: [event] }), digest: '' },
  }) as const;

describe('F145 a hint to execute names the gateway account, so that it lies in the queue of that gateway', () => {
  it.each([
    { head: { accounts: 'stripe-one other-two' }, hinted: [one, two] },
    { head: { accounts: 'stripe-one', executeAt: 'stripe-one other-two' }, hinted: [one, two] },
    { head: {}, hinted: [undefined] },
  ])('from the sweep, where the head says $head', async ({ head, hinted }) => {
    const world = await withHead({ follow: 'execute', daySort: '1', ...head });
    await sweep({ ...world, ids: seededIds('sweep'), tempo: production });
    expect(world.queues.take().map(({ work }) => work.connection)).toEqual(hinted);
  });

  it('from an approval, by what it says of each leg', async () => {
    const world = await withHead({});
    await relay(world, [
      entry({ ...approved(), inputs: 'd', legs: legs.map((leg) => ({ ...leg, amountMinor: '1' })) }),
    ]);
    expect(world.queues.take().map(({ work }) => [work.leg, work.connection])).toEqual([
      [1, one],
      [2, two],
    ]);
  });

  it('from a silence, by what the head says; and for all where the table does not answer', async () => {
    const world = await withHead({ accounts: 'stripe-one' });
    const silence = [entry(fact('leg.unknown'))];
    await relay({ ...world, executeAt: executeAtIn(world.table) }, silence);
    const away = { get: () => Promise.reject(new Unavailable('table')) };
    await relay({ ...world, executeAt: executeAtIn(away) }, silence);
    expect(world.queues.take().map(({ work }) => work.connection)).toEqual([one, undefined]);
  });

  it('the head says so itself where a leg only waits for the end of a dispute', () => {
    const held = fact('leg.held', { reasons: ['payment-disputed'], until: t0 });
    const refund = [requested(), approved(...legs), held].reduce((state, event) => evolve(state, event, t0), {
      is: 'none',
    } as Parameters<typeof evolve>[0]);
    expect(executeAt(refund)).toEqual([one, two]);
    expect(urgencyOf(refund, t0, production).set).toMatchObject({ accounts: two, executeAt: `${one} ${two}` });
  });
});
