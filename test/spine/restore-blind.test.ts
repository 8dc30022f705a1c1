import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../lib/app/ports/gateway.ts';
import { asGateway } from './as-gateway.ts';
import { putBack } from './put-back.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const of = returned('RMA-1', '42.00', 'pi_one', { order: '1001' });

/** The simulated gateway as one that nobody can ask for certain: what it does not find is no absence. */
function blind(
  w: World,
  lookup: Capabilities['lookup'],
  { lists = true, ...rules }: { readonly lists?: boolean } & Partial<Capabilities> = {},
): void {
  asGateway(w, (gateway) => ({
    capabilities: { ...gateway.capabilities, lookup, ...rules },
    endpoint: gateway.endpoint,
    refund: (order) => gateway.refund(order),
    look: async () => ({ is: 'cannot-tell', why: 'lists nothing' }),
    refundsSince: async (query) => (lists ? gateway.refundsSince(query) : { is: 'page', refunds: [] }),
    find: async () => ({ is: 'cannot-tell', why: 'lists nothing' }),
  }));
}

/** The first request for money never comes to the gateway. */
function firstIsLost() {
  let posts = 0;
  return ({ method }: { readonly method: string }) =>
    method === 'POST' && ++posts === 1 ? ('lost-request' as const) : undefined;
}

/** The simulated gateway as one whose lists lag by days: they show this refund and no other. */
function lagging(w: World, shown: string, rules: Partial<Capabilities> = {}): void {
  const only = <T extends { readonly theirs: string }>(refunds: readonly T[]) =>
    refunds.filter(({ theirs }) => theirs === shown);
  asGateway(w, (gateway) => ({
    ...gateway,
    capabilities: { ...gateway.capabilities, lookup: 'eventual', ...rules },
    refundsSince: async () => ({ is: 'page', refunds: [] }),
    look: async (query) => {
      const looked = await gateway.look(query);
      return looked.is === 'payment' ? { ...looked, refunds: only(looked.refunds) } : looked;
    },
    find: async (query) => {
      const found = await gateway.find(query);
      const matches = found.is === 'found' ? only(found.matches) : [];
      return matches.length > 0 ? { is: 'found', matches } : { is: 'cannot-tell', why: 'lags' };
    },
  }));
}

/** One refund that was paid, which the tables forgot; the same return is told again. */
async function forgotten(lookup: Capabilities['lookup'], lists = true): Promise<World> {
  const w = world({ slow: true });
  w.accepted.add('forgotten');
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(minute);
  const [tables, since] = [w.table.dump(), w.clock.now()];
  await w.post(of);
  await w.run(5 * minute);
  expect(w.moved()).toHaveLength(1);
  await putBack(w, tables, since);
  blind(w, lookup, { lists });
  expect(await w.restore.end()).toEqual({ is: 'done' });
  await w.post(of);
  await w.run(30 * minute);
  return w;
}

describe('a restored journal, and a gateway that can not be asked for certain', () => {
  it('F64 F117 a person is shown at once that what lists nothing may have paid it already', async () => {
    const w = await forgotten('none');
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
    expect(w.moved()).toHaveLength(1);
  });

  it('F64 F117 and in some days for what a list that lags does not show', async () => {
    const w = await forgotten('eventual');
    expect(await w.refunds()).toMatchObject([{ status: 'approved' }]);
    await w.run(4 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
    expect(w.moved()).toHaveLength(1);
  });

  it.each(['none', 'eventual'] as const)(
    'F117 what a person compared is sent once, where the lookup is %s',
    async (lookup) => {
      const w = await forgotten(lookup);
      await w.post(returned('RMA-2', '10.00', 'pi_one', { order: '1001' }));
      await w.run(4 * day);
      const other = async () => (await w.refunds()).find((one) => one.return === 'RMA-2')!;
      expect(await other()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
      await w.approve((await other()).id);
      await w.run(30 * minute);
      expect(await other()).toMatchObject({ status: 'refunded' });
      expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200, 1000]);
    },
  );

  it.each(['none', 'eventual'] as const)(
    'F117 what a person compared after one restore is compared again after the next, where the lookup is %s',
    async (lookup) => {
      const w = await forgotten(lookup, false);
      await w.post(returned('RMA-2', '10.00', 'pi_one', { order: '1001' }));
      await w.run(4 * day);
      const other = async () => (await w.refunds()).find((one) => one.return === 'RMA-2')!;
      await w.approve((await other()).id);
      const [tables, since] = [w.table.dump(), w.clock.now()];
      await w.run(30 * minute);
      expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200, 1000]);
      await putBack(w, tables, since, 2);
      expect(await w.restore.end()).toEqual({ is: 'done' });
      await w.run(4 * day);
      expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200, 1000]);
      expect(await other()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
      await w.approve((await other()).id);
      await w.run(30 * minute);
      expect(await other()).toMatchObject({ status: 'refunded' });
    },
  );

  it('F79 F117 a list that lags and shows a try that failed says nothing of the one that followed', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('forgotten');
    await w.post(of);
    await w.run(60 * minute);
    const only = async () => (await w.refunds())[0]!;
    const first = w.simulator.refunds()[0]!.id;
    w.move(first, { status: 'failed' });
    await w.run(60 * minute);
    await w.approve((await only()).id);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.run(60 * minute);
    expect(w.moved()).toHaveLength(1);
    lagging(w, first);
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(5 * day);
    expect(w.moved()).toHaveLength(1);
    expect(await only()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
  });

  it('F79 F117 a person’s word from before the restore says nothing of what was sent on it', async () => {
    const w = await ready({ slow: true, network: firstIsLost() });
    w.accepted.add('forgotten');
    lagging(w, '', { keyRemembers: 'successes' });
    await w.post(of);
    await w.run(60 * minute);
    const only = async () => (await w.refunds())[0]!;
    expect(await only()).toMatchObject({ status: 'held', reasons: ['no-proof'] });
    expect(await w.approveAsAbsent((await only()).id)).toEqual({ is: 'done' });
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.run(60 * minute);
    expect(w.moved()).toHaveLength(1);
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(5 * day);
    expect(w.moved()).toHaveLength(1);
    expect(await only()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
  });

  it('F64 F117 a yes goes on in the end, also after a person’s word from before the restore', async () => {
    const w = await ready({ slow: true, network: firstIsLost() });
    w.accepted.add('forgotten');
    blind(w, 'eventual', { lists: false, keyRemembers: 'successes' });
    await w.post(of);
    await w.run(60 * minute);
    const only = async () => (await w.refunds())[0]!;
    expect(await only()).toMatchObject({ status: 'held', reasons: ['no-proof'] });
    expect(await w.approveAsAbsent((await only()).id)).toEqual({ is: 'done' });
    await putBack(w, w.table.dump(), w.clock.now());
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(5 * day);
    expect(await only()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.approve((await only()).id);
    await w.run(5 * day);
    expect(await only()).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });

  it.each([
    ['another payment of the order can never be looked at', 'look'],
    ['the refunds of its payment can never be listed', 'find'],
  ] as const)('F117 a yes goes on in the end, also where %s', async (_, verb) => {
    const w = world({ slow: true });
    w.pay('pi_one', 10_000, { order: '1001' });
    w.pay('pi_two', 10_000, { order: '1001' });
    await w.run(minute);
    await putBack(w, w.table.dump(), w.clock.now());
    expect(await w.restore.end()).toEqual({ is: 'done' });
    const tooMany = { is: 'cannot-tell', why: 'too-many-refunds' } as const;
    asGateway(w, (gateway) => ({
      ...gateway,
      find: async (query) => (verb === 'find' ? tooMany : gateway.find(query)),
      look: async (query) => (verb === 'look' && query.reference === 'pi_two' ? tooMany : gateway.look(query)),
    }));
    await w.post(of);
    const only = async () => (await w.refunds())[0]!;
    await w.run(5 * day);
    expect(await only()).toMatchObject({ status: 'held' });
    expect(w.moved()).toEqual([]);
    await w.approve((await only()).id);
    await w.run(5 * day);
    expect(await only()).toMatchObject({ status: 'refunded' });
  });
});
