import { describe, expect, it } from 'vitest';
import { readStanding } from '../../lib/app/standing.ts';
import { putBack } from './put-back.ts';
import { type World, world } from './world.ts';
import { shopify, webhookAddress } from './world-shop.ts';

const minute = 60_000;
/** Longer than the gateway remembers a key. */
const later = 2 * 24 * 60 * minute;

/** A shop with orders of two mugs each, whose subscriptions are looked after from now on. */
async function tended(orders: number): Promise<World> {
  const w = world({ shopSettings: { webhookAddress } });
  for (let at = 0; at < orders; at += 1) {
    w.pay(`pi_${at}`, 4800, { order: `${1001 + at}`, silent: true });
    w.shop.sell(1001 + at, `pi_${at}`);
  }
  await w.tend();
  await w.run(minute);
  await w.tend();
  return w;
}
const recordOf = (w: World, order: number) => w.shop.staff('_refunds', { order, lines: [{ id: 1, quantity: 1 }] });
/** The clock comes a few times, and what it found is worked off. */
async function pass(w: World, times = 3): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await w.tend();
    await w.run(minute);
  }
}
const amounts = (w: World) => w.moved().map((refund) => refund.amountMinor);

describe('a shop whose returns restored tables forgot', () => {
  it('F33 F116 F117 is asked for them: what was paid is known again, what was not is paid, each once', async () => {
    const w = await tended(3);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    recordOf(w, 1001);
    await w.run(minute);
    expect(amounts(w)).toEqual([2400]);
    await w.switchSending('stopped');
    recordOf(w, 1002);
    await w.run(minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'approved']);
    w.clock.advance(later);
    w.table.restore(tables);
    w.needs.restored = 1;
    expect(await w.refunds()).toEqual([]);
    await pass(w);
    expect((await w.refunds()).map(({ order }) => order).sort()).toEqual(['1001', '1002']);
    expect(amounts(w)).toEqual([2400]);
    await w.restore.begin(since);
    await w.restore.reconcile();
    await w.run(11 * minute);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(30 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
    expect(amounts(w)).toEqual([2400, 2400]);
    // Once: later looks ask for nothing more, and what comes by webhook is paid as ever.
    const asked = w.log.lines.filter((line) => line.is === 'attempt' && line.line.call === 'changes').length;
    await pass(w, 5);
    expect(w.log.lines.filter((line) => line.is === 'attempt' && line.line.call === 'changes')).toHaveLength(asked);
    expect((await readStanding(w.table, { merchant: w.merchant, name: shopify })).standing).toMatchObject({
      restored: 1,
    });
    recordOf(w, 1003);
    await w.run(minute);
    expect(amounts(w)).toEqual([2400, 2400, 2400]);
    expect(w.log.alarms()).not.toContain('subscription-missing');
  });

  it('F116 F117 is asked from the restore point on where the tables do not know the shop', async () => {
    const w = world({ shopSettings: { webhookAddress } });
    await w.run(minute);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.run(minute);
    await w.tend();
    w.pay('pi_0', 4800, { order: '1001', silent: true });
    w.shop.sell(1001, 'pi_0');
    recordOf(w, 1001);
    await w.run(minute);
    expect(amounts(w)).toEqual([2400]);
    w.clock.advance(later);
    w.table.restore(tables);
    w.needs.restored = 1;
    await pass(w);
    expect(await w.refunds()).toEqual([]);
    await w.restore.begin(since);
    await pass(w);
    expect(await w.refunds()).toMatchObject([{ order: '1001', status: 'refunded' }]);
    expect(amounts(w)).toEqual([2400]);
  });

  it('F33 F116 F117 is asked for them also where nobody looked at it before they were restored, or until that was over', async () => {
    const w = world({ shopSettings: { webhookAddress } });
    await w.run(minute);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.tend();
    w.pay('pi_0', 4800, { order: '1001', silent: true });
    w.shop.sell(1001, 'pi_0');
    await w.switchSending('stopped');
    recordOf(w, 1001);
    await w.run(minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['approved']);
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await pass(w);
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ order: '1001', status: 'refunded' }]);
    expect(amounts(w)).toEqual([2400]);
  });

  it('F117 is asked whether it was told before it is told of a refund', async () => {
    const w = world({ shopSettings: { payOn: 'return-processed' } });
    w.accepted.add('forgotten');
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one');
    await w.run(minute);
    await w.switchSending('stopped');
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
    await w.run(minute);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.switchSending('running');
    await w.run(10 * minute);
    expect(w.shop.told()).toHaveLength(1);
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.switchSending('running');
    await w.run(30 * minute);
    expect(w.moved()).toHaveLength(1);
    expect(w.shop.told()).toHaveLength(1);
    // What it never heard of it is told, as always.
    w.shop.staff('_returns', { id: 8, order: 1001, lines: [{ id: 1, quantity: 1, processed: 1 }] });
    await w.run(30 * minute);
    expect(w.moved()).toHaveLength(2);
    expect(w.shop.told()).toHaveLength(2);
  });
});
