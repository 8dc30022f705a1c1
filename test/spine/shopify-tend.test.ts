import { describe, expect, it } from 'vitest';
import { openSources } from '../../lib/adapters/sources/open.ts';
import { refundBody } from '../../lib/adapters/sources/shopify/simulator-answers.ts';
import { orderOf } from '../../lib/adapters/sources/shopify/simulator-state.ts';
import type { Connection } from '../../lib/app/ports/connections.ts';
import type { SourceClient } from '../../lib/app/ports/source.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { readStanding } from '../../lib/app/standing.ts';
import { tend } from '../../lib/app/tend.ts';
import { Gone, type TableTrouble, tableTroubles } from './trouble.ts';
import { audited, type World, type WorldOptions, world } from './world.ts';
import { type ShopTrouble, shopify, webhookAddress } from './world-shop.ts';

const minute = 60_000;
const hour = 60 * minute;
const everything = [
  'refunds/create',
  ...['approve', 'cancel', 'close', 'decline', 'process', 'reopen', 'update'].map((what) => `returns/${what}`),
];

/** A shop with orders of two mugs each, whose subscriptions are looked after from now on. */
async function tended(options: WorldOptions = {}, orders = 2): Promise<World> {
  const w = world({ ...options, shopSettings: { webhookAddress, ...options.shopSettings } });
  for (let at = 0; at < orders; at += 1) {
    w.pay(`pi_${at}`, 4800, { order: `${1001 + at}`, silent: true });
    w.shop.sell(1001 + at, `pi_${at}`);
  }
  await w.tend();
  await w.run(minute);
  return w;
}

const drop = (w: World, topics = everything) => w.shop.staff('_subscriptions', { drop: topics });
const recordOf = (w: World, order: number, more: object = {}) =>
  w.shop.staff('_refunds', { order, lines: [{ id: 1, quantity: 1 }], ...more });
/** The clock comes a few times, and what it found is worked off. */
async function pass(w: World, times = 3): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await w.tend();
    await w.run(minute);
  }
}
const standing = async (w: World) => (await readStanding(w.table, { merchant: w.merchant, name: shopify })).standing;
const subscribed = (w: World) => w.shop.simulator.state.subscriptions.map(({ topic }) => topic).sort();
const all = [...everything, 'returns/request'].map((topic) => topic.replace('/', '_').toUpperCase()).sort();
const amounts = (w: World) => w.moved().map((refund) => refund.amountMinor);
const alarms = (w: World) =>
  w.log.lines.flatMap((line) => (line.is === 'alarm' ? [`${line.code} ${line.about.code ?? ''}`.trim()] : []));

describe('F33 subscriptions that a shop dropped', () => {
  it('are found and made again, and what happened meanwhile is asked for and paid once', async () => {
    const w = await tended();
    drop(w);
    recordOf(w, 1001);
    w.shop.staff('_returns', { id: 7, order: 1002, lines: [{ id: 1, quantity: 1 }] });
    recordOf(w, 1002, { return: 7 });
    await w.run(minute);
    expect(w.moved()).toEqual([]);
    await pass(w);
    expect(subscribed(w)).toEqual(all);
    expect(amounts(w)).toEqual([2400, 2400]);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }, { status: 'refunded' }]);
    expect(alarms(w)).toEqual([`subscription-missing ${everything.join(' ')}`]);
    expect((await standing(w))?.gap).toBeUndefined();
  });

  it('are no matter to what comes by webhook later: the same record is one refund', async () => {
    const w = await tended();
    drop(w, ['refunds/create']);
    recordOf(w, 1001);
    await pass(w);
    const { state } = w.shop.simulator;
    const [record] = state.refunds;
    const body = record === undefined ? '' : refundBody(state, record);
    const headers = w.shop.simulator.sign({ id: 'refunds/create#1', body, delayMs: 0 }, w.clock.now());
    expect(await w.postShop(body, headers)).toMatchObject({ is: 'recorded' });
    await w.run(hour);
    recordOf(w, 1002);
    await w.run(minute);
    expect(amounts(w)).toEqual([2400, 2400]);
  });

  it('take with them what was announced in the hours before, while all looked well', async () => {
    const w = await tended();
    recordOf(w, 1001, { silent: true });
    await w.run(3 * hour);
    await w.tend();
    expect((await standing(w))?.gap).toBeUndefined();
    drop(w, ['refunds/create']);
    await w.run(minute);
    await pass(w);
    expect(amounts(w)).toEqual([2400]);
  });

  it('are not called well before what was missed has been asked for to the end', async () => {
    const w = await tended();
    drop(w);
    recordOf(w, 1001);
    await w.tend();
    expect(subscribed(w)).toEqual(all);
    await w.tend();
    expect((await standing(w))?.gap).toMatchObject({ passed: true });
    expect(w.shop.asked('RedressChanges')).toBe(1);
    // What the shop's search shows only later.
    w.shop.staff('_refunds', { order: 1002, lines: [{ id: 1, quantity: 1 }], silent: true });
    await w.run(minute);
    await pass(w, 1);
    expect((await standing(w))?.gap).toBeUndefined();
    expect(amounts(w)).toEqual([2400, 2400]);
  });

  it('bring a return that was only processed, though its order did not change', async () => {
    const w = await tended({ shopSettings: { payOn: 'return-processed' } });
    await w.run(8 * hour);
    await w.tend();
    drop(w);
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1, processed: 1 }] });
    await pass(w);
    expect(amounts(w)).toEqual([2400]);
    expect(w.shop.told()).toHaveLength(1);
  });

  it('twice ask for the same return twice: what it owes more by then is paid', async () => {
    const w = await tended({ shopSettings: { payOn: 'return-processed' } });
    for (const processed of [1, 2]) {
      drop(w);
      w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed }] });
      await pass(w);
    }
    expect(amounts(w)).toEqual([2400, 2400]);
    expect(w.log.alarms().filter((code) => code === 'subscription-missing')).toHaveLength(2);
  });

  it('are read page by page, all of them', async () => {
    const w = await tended({}, 23);
    drop(w);
    for (let at = 0; at < 23; at += 1) recordOf(w, 1001 + at);
    await pass(w);
    expect(w.shop.asked('RedressChanges')).toBe(6);
    expect(amounts(w)).toEqual(Array.from({ length: 23 }, () => 2400));
  });
});

describe('F33 the first look at a shop', () => {
  it('subscribes to what is missing without an alarm, and asks for nothing from before', async () => {
    const w = world({ shopSettings: { webhookAddress } });
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one');
    recordOf(w, 1001, { silent: true });
    drop(w);
    await pass(w);
    expect(subscribed(w)).toEqual(all);
    expect(w.log.alarms()).toEqual([]);
    expect(w.log.lines.filter((line) => line.is === 'note' && line.code === 'subscription-made')).toHaveLength(8);
    expect([w.shop.asked('RedressChanges'), w.moved()]).toEqual([0, []]);
  });

  it('is not made where the settings do not say where webhooks go', async () => {
    const w = world();
    expect(await w.tend()).toBe(0);
    expect(w.shop.simulator.calls()).toEqual([]);
  });
});

describe('F33 what is older than our looking after a shop', () => {
  /** A return that was processed, and a record that was written, before the first look. */
  async function old(heard: boolean, then = (_: World): unknown => undefined): Promise<World> {
    const w = world({ shopSettings: { webhookAddress, payOn: 'return-processed' } });
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one');
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }], silent: !heard });
    await w.run(hour);
    await w.tend();
    then(w);
    await w.run(8 * hour);
    await w.tend();
    drop(w);
    return w;
  }

  it.each([
    ['never heard of', undefined],
    [
      'only heard of as what the shop itself is paying a part of',
      (w: World) => w.shop.staff('_refunds', { order: 1001, return: 7, lines: [], moved: '1.00', status: 'PENDING' }),
    ],
  ])('and was %s is shown to a person and not paid', async (_, then) => {
    const w = await old(false, then);
    await pass(w);
    expect(w.moved()).toEqual([]);
    expect(alarms(w).filter((alarm) => alarm.startsWith('notice'))).toEqual([
      'notice-quarantined missed gid://shopify/Return/7',
    ]);
  });

  it('and was lost while somebody had subscribed already is shown to a person and not paid', async () => {
    const w = world({ shopSettings: { webhookAddress } });
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one');
    recordOf(w, 1001, { silent: true });
    await w.run(20 * minute);
    await w.tend();
    await w.run(4 * hour);
    await w.tend();
    drop(w, ['refunds/create']);
    await pass(w);
    expect(w.moved()).toEqual([]);
    expect(alarms(w)).toEqual([
      'subscription-missing refunds/create',
      expect.stringMatching(/^notice-quarantined missed gid:..shopify.Refund./),
    ]);
  });

  it('and is known is asked for like any other', async () => {
    const w = await old(true);
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 2 }] });
    await pass(w);
    expect(amounts(w)).toEqual([2400, 2400]);
  });

  it('or was over before the gap is left alone, though its order changed', async () => {
    const w = await tended();
    recordOf(w, 1001, { silent: true });
    w.shop.staff('_returns', { id: 7, order: 1002, status: 'CLOSED', lines: [{ id: 1, quantity: 1 }], silent: true });
    await w.run(8 * hour);
    await w.tend();
    drop(w);
    recordOf(w, 1001);
    recordOf(w, 1002, { moved: '24.00' });
    await pass(w);
    expect(amounts(w)).toEqual([2400]);
    expect(w.shop.asked('RedressReturn')).toBe(0);
  });
});

describe('F33 a shop that did not answer when it was looked at first', () => {
  it.each([
    ['RedressSubscriptions', [], []],
    // Its answer shows that they were there and are gone.
    ['RedressSubscribe', [2400], [`subscription-missing ${everything.join(' ')}`]],
  ] as const)(
    'is asked for what happened since then, whether it answers %s by then or not',
    async (operation, meanwhile, said) => {
      let silent = true;
      const w = await tended({
        shopNetwork: (_, asked) => (silent && asked === operation ? 'lost-request' : undefined),
      });
      drop(w);
      recordOf(w, 1001);
      await pass(w);
      expect(amounts(w)).toEqual(meanwhile);
      silent = false;
      await pass(w);
      expect(amounts(w)).toEqual([2400]);
      expect(subscribed(w)).toEqual(all);
      expect(alarms(w)).toEqual(said);
      expect((await standing(w))?.gap).toBeUndefined();
    },
  );
});

it('F33 F71 a shop is looked at in the same turn where the store is busy for a moment', async () => {
  let writes = 0;
  const w = await tended({
    store: (call) =>
      call.call === 'write' &&
      (call.writes[0] as { update?: { pk: string } }).update?.pk.includes('#tend#') &&
      writes++ < 3
        ? 'busy'
        : undefined,
  });
  expect(writes).toBeGreaterThan(3);
  expect((await standing(w))?.checkedAt).toBeDefined();
});

describe('F33 a shop that does not let us', () => {
  it('subscribe again is told to a person once, and asked for what happens until it does', async () => {
    const w = await tended();
    w.shop.staff('_subscriptions', { drop: everything, forbid: ['refunds/create'] });
    await pass(w);
    recordOf(w, 1001);
    await pass(w);
    expect(amounts(w)).toEqual([2400]);
    const said = [`subscription-missing ${everything.join(' ')}`, 'subscription-refused refunds/create'];
    expect(alarms(w)).toEqual(said);
    w.shop.staff('_subscriptions', { forbid: [] });
    await pass(w);
    expect(subscribed(w)).toEqual(all);
    expect(alarms(w)).toEqual(said);
    expect(await standing(w)).toMatchObject({ lost: [], refused: [] });
  });

  it('look, for a day, is told to a person once a day', async () => {
    const w = await tended({ shopSettings: { webhookAddress: 'http://example.com/not-https' } });
    for (let at = 0; at < 50; at += 1) {
      await w.tend();
      await w.run(hour);
    }
    expect(alarms(w)).toEqual(['tending-overdue', 'tending-overdue']);
    expect(w.shop.simulator.calls()).toEqual([]);
  });

  it('in, since we have no credential for it any more, is told to a person once a day', async () => {
    const w = await tended();
    const credentials = { credential: () => Promise.reject(new Unavailable('connections')) };
    const needs = { ...w.needs, merchants: [w.merchant], sources: openSources(credentials, { clock: w.clock }) };
    for (let at = 0; at < 26; at += 1) {
      expect(await tend(needs)).toBe(0);
      await w.run(hour);
    }
    expect(alarms(w)).toEqual(['tending-overdue']);
  });

  it('go on from a page, is asked from the first page again', async () => {
    let asked = 0;
    const shopNetwork: WorldOptions['shopNetwork'] = (_, operation) =>
      operation === 'RedressChanges' && ++asked === 2 ? 'lost-request' : undefined;
    const w = await tended({ shopNetwork }, 12);
    drop(w);
    for (let at = 0; at < 12; at += 1) recordOf(w, 1001 + at);
    await w.tend();
    const stood = await readStanding(w.table, { merchant: w.merchant, name: shopify });
    const gap = stood.standing?.gap;
    expect(gap?.cursor).toBeDefined();
    const standing = JSON.stringify({ ...stood.standing, gap: { ...gap, cursor: 'no cursor of theirs' } });
    const key = { table: 'state', pk: 'demo#tend#shopify-demo' } as const;
    await w.table.write([{ update: key, set: { standing }, only: [] }]);
    await pass(w);
    expect(amounts(w)).toHaveLength(12);
  });
});

it('F33 a shop that takes all the time there is does not keep the others waiting for ever', async () => {
  const w = world();
  const names = ['shop-a', 'shop-b', 'shop-c', 'shop-d', 'shop-e'];
  const shops = names.map((name) => ({ name, merchant: w.merchant, kind: 'source' }) as Connection);
  const asked = new Set<string>();
  const open = async ({ name }: Connection): Promise<Pick<SourceClient, 'tending'>> => ({
    tending: {
      reachBackMs: 0,
      missing: () => {
        asked.add(name);
        return Promise.reject(new Gone());
      },
      subscribe: () => Promise.reject(new Gone()),
      changes: () => Promise.reject(new Gone()),
    },
  });
  const connections = { ...w.needs.connections, of: async () => shops };
  const needs = { ...w.needs, connections, sources: { open }, merchants: [w.merchant] };
  for (let time = 0; time < 4 * 24; time += 1) {
    await expect(tend(needs)).rejects.toThrow(Gone);
    w.clock.advance(hour / 4);
  }
  expect([...asked].sort()).toEqual(names);
});

describe('F33 F66 F71 looking after a shop', () => {
  /** One gap in which two records were written, one on each page, the first seen by the last pass only; `store` and `shop` are asked only while the clock's own function runs. */
  async function flow(trouble: {
    readonly store?: (write: boolean) => TableTrouble | undefined;
    readonly shop?: () => ShopTrouble | undefined;
  }) {
    let tending = false;
    const w = world({
      shopSettings: { webhookAddress },
      store: ({ call }) => (tending ? trouble.store?.(call === 'write') : undefined),
      shopNetwork: () => (tending ? trouble.shop?.() : undefined),
    });
    for (let order = 1001; order <= 1011; order += 1) w.shop.sell(order, `pi_${order}`);
    for (const order of [1001, 1002]) w.pay(`pi_${order}`, 4800, { order: `${order}`, silent: true });
    await w.tend();
    await w.run(minute);
    drop(w, ['refunds/create', 'returns/process']);
    recordOf(w, 1001);
    for (let time = 0; time < 4; time += 1) {
      tending = true;
      await w.tend();
      tending = false;
      await w.run(minute);
      if (time === 0) showLate(w);
    }
    return w;
  }

  /** A record of an order that comes on the first page. */
  function showLate(w: World): void {
    recordOf(w, 1002, { silent: true });
    const order = orderOf(w.shop.simulator.state, 1002);
    if (order !== undefined) order.updatedAtMs = order.createdAtMs;
  }

  async function wrongWith(w: World): Promise<string[]> {
    const wrong: string[] = [];
    if (amounts(w).join() !== '2400,2400') wrong.push(`moved ${amounts(w)}`);
    if (subscribed(w).join() !== all.join()) wrong.push(`is subscribed to ${subscribed(w)}`);
    if (w.shop.asked('RedressSubscribe') !== 2) wrong.push('subscribed to what was there');
    const { gap, lost, refused } = (await standing(w)) ?? {};
    if (gap !== undefined || lost?.join() !== '' || refused?.join() !== '') wrong.push('does not stand well');
    if (!w.log.alarms().includes('subscription-missing')) wrong.push('told nobody');
    await audited().catch((error: unknown) => wrong.push(String(error)));
    return wrong;
  }

  it('ends the same, whatever goes wrong at any one call to the store', async () => {
    const writes: boolean[] = [];
    await wrongWith(await flow({ store: (write) => void writes.push(write) }));
    expect(writes.length).toBeGreaterThan(10);
    // A request that is lost leaves what a death before it leaves.
    const ofWrites = tableTroubles.filter((trouble) => trouble !== 'lost-request');
    const wrong: string[] = [];
    for (const [at, isWrite] of writes.entries()) {
      for (const trouble of isWrite ? ofWrites : (['kill-before'] as const)) {
        let calls = 0;
        const w = await flow({ store: () => (calls++ === at ? trouble : undefined) });
        wrong.push(...(await wrongWith(w)).map((what) => `${trouble} at ${at} ${what}`));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('ends the same, whatever goes wrong at any one request to the shop', async () => {
    let requests = 0;
    const shop = () => void requests++;
    await wrongWith(await flow({ shop }));
    expect(requests).toBeGreaterThan(5);
    const wrong: string[] = [];
    for (let at = 0; at < requests; at += 1) {
      for (const trouble of ['lost-request', 'lost-reply', 'kill-before', 'kill-after'] as const) {
        let calls = 0;
        const w = await flow({ shop: () => (calls++ === at ? trouble : undefined) });
        wrong.push(...(await wrongWith(w)).map((what) => `${trouble} at ${at} ${what}`));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('twice at once subscribes once and pays once', async () => {
    const w = await tended();
    drop(w);
    recordOf(w, 1001);
    const needs = { ...w.needs, merchants: [w.merchant] };
    await Promise.all([tend(needs), tend(needs)]);
    await w.run(minute);
    await pass(w);
    expect(subscribed(w)).toEqual(all);
    expect(amounts(w)).toEqual([2400]);
  });

  it('does not call refused what somebody else subscribed to meanwhile', async () => {
    const troubles: (ShopTrouble | undefined)[] = [undefined, undefined, 'kill-before'];
    const w = await tended({ shopNetwork: () => troubles.shift() });
    drop(w);
    recordOf(w, 1001);
    await w.tend();
    expect((await standing(w))?.gap).toMatchObject({ passed: false });
    troubles.push({ meanwhile: async () => void (await tend({ ...w.needs, merchants: [w.merchant] })) });
    await w.run(minute);
    await pass(w);
    expect(subscribed(w)).toEqual(all);
    expect(amounts(w)).toEqual([2400]);
    expect(w.log.alarms()).not.toContain('subscription-refused');
  });
});
