import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../lib/app/ports/gateway.ts';
import { asGateway } from './as-gateway.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A gateway of several hosts that know nothing of each other's keys and refunds, as Adyen's regional ones. `move` points the connection to a host that has never
 * heard of anything. With `lost`, the first request takes effect, its answer is lost, and the connection is moved in the same moment.
 */
async function moving({ lost = false, ...rules }: Partial<Capabilities> & { readonly lost?: boolean } = {}) {
  const home = 'https://eu.example';
  let host = home;
  const move = () => {
    host = 'https://us.example';
  };
  const w = world({
    slow: true,
    network: ({ method }) => {
      if (method !== 'POST' || !lost || host !== home) return undefined;
      move();
      return 'lost-reply';
    },
  });
  asGateway(w, (gateway) => ({
    capabilities: { ...gateway.capabilities, ...rules },
    get endpoint() {
      return host;
    },
    refund: (order) => gateway.refund(order),
    look: (query) => gateway.look(query),
    refundsSince: (query) => gateway.refundsSince(query),
    find: async (query) => (host === home ? gateway.find(query) : { is: 'absent' }),
  }));
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(minute);
  w.faults({ dropWebhooks: 1 });
  const back = () => {
    host = home;
  };
  return { w, move, back };
}

const only = async (w: World) => (await w.refunds())[0]!;

describe('a connection that is pointed at another host', () => {
  it('F65 does not repeat there what has no answer at the first', async () => {
    const { w } = await moving({ lost: true, lookup: 'none' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['key-reused'] });
    expect(w.posts()).toHaveLength(1);
  });

  it('F65 takes nothing there for an absence, however long it is asked, and goes on when it is pointed back', async () => {
    const { w, back } = await moving({ lost: true, keyWindowMs: minute });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(20 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['key-reused'] });
    expect(w.posts()).toHaveLength(1);
    back();
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F65 F102 does not call lost there what was refunded at the first', async () => {
    const { w, move } = await moving();
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    move();
    await w.run(100 * day);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.log.alarms()).not.toContain('lost-at-gateway');
  });

  it('F65 sends there what was never sent', async () => {
    const { w, move } = await moving();
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(hour);
    move();
    await w.post(returned('RMA-2', '8.00', 'pi_one'));
    await w.run(hour);
    expect(w.posts().length).toBe(2);
  });
});
