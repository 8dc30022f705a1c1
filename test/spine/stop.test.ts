import { describe, expect, it } from 'vitest';
import { parseConnection } from '../../lib/domain/ids.ts';
import { embedded } from '../../lib/domain/tempo.ts';
import { type Instant, plus } from '../../lib/domain/time.ts';
import type { NetworkTrouble } from './network.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { credential, merchant, stripe, stripeSecret, type World, world } from './world.ts';

const minute = 60_000;
const two = parseConnection('stripe-two')!;
const connections = [
  {
    name: two,
    merchant,
    kind: 'gateway',
    platform: 'stripe',
    mode: 'test',
    settings: { baseUrl: 'http://127.0.0.1:1' },
    verifySecrets: [stripeSecret.reveal()],
    credential: credential.reveal(),
  },
] as const;

const legs = 12;
/** Every third request is lost, every third answer; and so is all news. */
const troubles: readonly (NetworkTrouble | undefined)[] = [undefined, 'lost-request', 'lost-reply'];

/** Twelve refunds over six seconds, at two accounts in turn. `posts` is when a request for a refund really left. */
async function busy(press: (w: World) => Promise<unknown>, afterMs: number) {
  const posts: { at: Instant; pressed: boolean; payment: string }[] = [];
  let pressedAt: Instant | undefined;
  let on = true;
  const w: World = world({
    crowd: true,
    connections,
    network: (request) => {
      if (request.method !== 'POST') return undefined;
      const payment = new URLSearchParams(request.body).get('payment_intent') ?? '';
      posts.push({ at: w.clock.now(), pressed: pressedAt !== undefined, payment });
      return on ? troubles[posts.length % troubles.length] : undefined;
    },
  });
  w.faults({ dropWebhooks: 1 });
  for (let number = 1; number <= legs; number += 1) {
    w.pay(`pi_${number}`, 10_000, { order: `o${number}`, silent: true });
    const at = number % 2 === 0 ? two : stripe;
    w.later(number * 500, () =>
      w.send(returned(`RMA-${number}`, '10.00', `pi_${number}`, { order: `o${number}`, at })),
    );
  }
  w.later(afterMs, async () => {
    await press(w);
    pressedAt = w.clock.now();
  });
  const calm = () => {
    on = false;
  };
  await w.run(5 * minute);
  return { w, posts, pressedAt: pressedAt!, calm };
}

/** Whose numbers are even are at the second account. */
const atTwo = (payment: string) => Number(payment.slice(3)) % 2 === 0;

describe('a kill switch that is pressed while much is due and some is under way', () => {
  it.each([0, 1250, 3010, 4700, 6100, 12_000])(
    "F90 the merchant's, %i ms after the first return: nothing starts any more, and what is unknown is only looked up",
    async (afterMs) => {
      const { w, posts, pressedAt, calm } = await busy((one) => one.switchSending('stopped'), afterMs);
      expect(embedded.latestStartMs).toBeLessThanOrEqual(5000);
      expect(posts.filter(({ at }) => at > plus(pressedAt, embedded.latestStartMs))).toEqual([]);
      const before = posts.length;
      const statuses = (await w.refunds()).map(({ status }) => status);
      expect(statuses).toHaveLength(legs);
      const refunded = statuses.filter((status) => status === 'refunded').length;
      // Every answer that was lost is known by now, since it was looked up; what was lost itself stays unknown, and unsent.
      expect(w.moved()).toHaveLength(refunded);
      expect(statuses.filter((status) => status !== 'refunded').every((s) => s === 'approved' || s === 'unknown')).toBe(
        true,
      );
      const unknown = statuses.filter((status) => status === 'unknown').length;
      if (unknown > 0) expect(w.reads().length).toBeGreaterThan(0);
      await w.run(minute);
      expect(posts).toHaveLength(before);
      calm();
      await w.switchSending('running');
      await w.run(5 * minute);
      expect((await w.refunds()).map(({ status }) => status)).toEqual(Array(legs).fill('refunded'));
      expect(w.moved()).toHaveLength(legs);
    },
  );

  it.each([0, 1250, 3010, 6100])(
    "F90 an account's, %i ms after the first return: the other account goes on",
    async (afterMs) => {
      const { w, posts, pressedAt, calm } = await busy((one) => one.switchAccount('stopped', two), afterMs);
      const late = posts.filter(({ at }) => at > plus(pressedAt, embedded.latestStartMs));
      expect(late.filter(({ payment }) => atTwo(payment))).toEqual([]);
      if (afterMs < 6000) expect(late.length).toBeGreaterThan(0);
      const all = await w.refunds();
      const shown = await Promise.all(all.map(({ id }) => w.show(id)));
      for (const refund of shown) {
        const at = refund?.legs[0]?.connection;
        if (at === stripe) expect(refund).toMatchObject({ status: 'refunded' });
        else expect(refund?.status).toMatch(/^(?:approved|unknown|refunded)$/);
      }
      calm();
      await w.switchAccount('running', two);
      await w.run(5 * minute);
      expect((await w.refunds()).map(({ status }) => status)).toEqual(Array(legs).fill('refunded'));
      expect(w.moved()).toHaveLength(legs);
    },
  );
});

describe('a process that freezes with the right to send in its hand', () => {
  it.each([
    [embedded.latestStartMs - 100, 1],
    [embedded.latestStartMs + 1, 0],
    [10_000, 0],
  ])('F90 and wakes %i ms later, after the switch was pressed, starts %i requests', async (frozenMs, started) => {
    const w = await ready();
    const { gateways } = w.needs;
    let frozen = false;
    w.needs.gateways = {
      open: async (connection) => {
        const gateway = await gateways.open(connection);
        return {
          ...gateway,
          refund: async (order) => {
            if (!frozen) await w.switchSending('stopped');
            if (!frozen) w.clock.advance(frozenMs);
            frozen = true;
            return gateway.refund(order);
          },
        };
      },
    };
    w.faults({ dropWebhooks: 1 });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(5 * minute);
    expect(frozen).toBe(true);
    expect(w.posts()).toHaveLength(started);
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(w.moved()).toHaveLength(1);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });
});

describe('the switches of a merchant', () => {
  it('F90 are each their own: resuming one leaves the other off', async () => {
    const w = world({ connections });
    w.faults({ dropWebhooks: 1 });
    w.pay('pi_1', 10_000, { order: 'o1', silent: true });
    await w.switchSending('stopped');
    await w.switchAccount('stopped');
    await w.switchAccount('stopped', two);
    expect(await w.switches()).toEqual({ sending: 'stopped', stoppedAccounts: [stripe, two] });
    await w.switchSending('running');
    await w.switchAccount('running', two);
    expect(await w.switches()).toEqual({ sending: 'running', stoppedAccounts: [stripe] });
    await w.post(returned('RMA-1', '10.00', 'pi_1', { order: 'o1' }));
    await w.run(5 * minute);
    expect(w.posts()).toEqual([]);
    await w.switchSending('stopped');
    await w.switchAccount('running');
    await w.run(5 * minute);
    expect(w.posts()).toEqual([]);
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(w.moved()).toHaveLength(1);
  });

  it('F90 stop no account that does not exist, and say so', async () => {
    const w = world();
    for (const name of ['stripe-dmeo', 'generic-demo', 'Stripe Demo', '']) {
      expect(await w.switchAccount('stopped', name)).toMatchObject({ is: 'fault', fault: { code: 'not-found' } });
    }
    expect(await w.switchAccount('running', 'stripe-dmeo')).toMatchObject({ is: 'fault' });
    expect(w.table.dump().journal).toEqual([]);
  });

  it('F90 resume an account that has left the settings', async () => {
    const w = world({ connections });
    await w.switchAccount('stopped', two);
    w.needs.connections = { ...w.needs.connections, find: async () => undefined };
    expect(await w.switchAccount('running', two)).toEqual({ is: 'done' });
    expect(await w.switches()).toEqual({ sending: 'running', stoppedAccounts: [] });
  });
});
