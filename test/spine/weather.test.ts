import { describe, expect, it } from 'vitest';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import { showGateways } from '../../lib/app/accounts.ts';
import { executeWork } from '../../lib/app/execute.ts';
import type { NetworkTrouble } from './network.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const unauthorised: NetworkTrouble = {
  instead: { status: 401, headers: {}, body: '{"error":{"type":"invalid_request_error"}}' },
};
const limited = (retryAfter: string): NetworkTrouble => ({
  instead: {
    status: 429,
    headers: { 'retry-after': retryAfter },
    body: '{"error":{"type":"invalid_request_error","code":"rate_limit"}}',
  },
});

/** Payments that are known, each with one return posted on it. */
async function posted(w: World, count: number) {
  for (let n = 1; n <= count; n += 1) w.pay(`pi_${n}`, 10_000, { order: `${n}` });
  await w.run(5 * second);
  for (let n = 1; n <= count; n += 1) await w.post(returned(`RMA-${n}`, '42.00', `pi_${n}`, { order: `${n}` }));
}
const statuses = async (w: World) => [...new Set((await w.refunds()).map(({ status }) => status))];
const sendings = async (w: World) => {
  const events = await Promise.all((await w.refunds()).map(({ id }) => w.events(id)));
  return events.flat().filter(({ type }) => type === 'leg.sending').length;
};
describe('an account whose credential is refused', () => {
  it('F82 for an hour, with fifty legs due, is asked now and then, alarmed once, and then pays everybody', async () => {
    let revoked = true;
    let refused = 0;
    const w = world({
      slow: true,
      network: () => {
        if (!revoked) return undefined;
        refused += 1;
        return unauthorised;
      },
    });
    await posted(w, 50);
    await w.run(hour);
    expect(await statuses(w)).toEqual(['approved']);
    expect(refused).toBeLessThan(15);
    expect(await sendings(w)).toBe(refused);
    expect(w.log.alarms()).toEqual(['credential-refused']);
    const [shown] = await showGateways(w.needs, w.merchant);
    expect(shown).toMatchObject({
      connection: 'stripe-demo',
      state: 'open',
      reason: 'credential',
      ratePerSecond: 24.3,
    });
    expect(shown!.until).toBeGreaterThan(w.clock.now() - minute);
    revoked = false;
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.moved()).toHaveLength(50);
    expect(w.log.alarms()).toEqual(['credential-refused']);
  });

  it('F85 is shown as waiting for its probe where the wait is over and nothing was to be asked since', async () => {
    let down = true;
    const w = await ready({ slow: true, network: () => (down ? 'lost-request' : undefined) });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(hour);
    const shown = async () => (await showGateways(w.needs, w.merchant))[0];
    const open = (await shown())!;
    expect(open).toMatchObject({ state: 'open', reason: 'failing' });
    w.may.hints = 0;
    w.may.sweep = false;
    await w.run(open.until! - w.clock.now());
    expect(await shown()).toEqual({ ...open, state: 'probe' });
    down = false;
    w.may.hints = 1;
    w.may.sweep = true;
    await w.run(hour);
    expect(await shown()).toMatchObject({ state: 'ramp', until: null });
  });

  it('F82 also where it is a question that is refused: the doubt stays, and no request is repeated', async () => {
    let revoked = false;
    let first = true;
    const w = await ready({
      network: ({ method }) => {
        if (revoked) return unauthorised;
        if (method !== 'POST' || !first) return undefined;
        first = false;
        revoked = true;
        return 'lost-reply';
      },
    });
    w.faults({ dropWebhooks: 1 });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(minute);
    expect(await statuses(w)).toEqual(['unknown']);
    expect(w.log.alarms()).toEqual(['credential-refused']);
    revoked = false;
    await w.run(minute);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.posts()).toHaveLength(1);
  });

  it('F82 for three days is in front of a person, whether its legs were sent or not', async () => {
    const w = world({ slow: true, network: () => unauthorised });
    await posted(w, 40);
    await w.run(3 * day + hour);
    // The three days of those few that were sent as a probe began with that.
    expect((await w.refunds()).filter(({ status }) => status !== 'held').length).toBeLessThan(8);
    await w.run(3 * day);
    expect(await statuses(w)).toEqual(['held']);
    for (const { id } of await w.refunds()) {
      const shown = await w.show(id);
      expect(shown?.reasons).toEqual([shown?.legs[0]?.sendings === 0 ? 'not-sent' : 'no-answer']);
    }
    expect(w.moved()).toEqual([]);
  });
});

describe('an account in trouble', () => {
  it('is shown as not asked yet before the first request, and only to its merchant', async () => {
    const w = world({ neighbours: ['other'] });
    const calm = { state: 'closed', until: null, reason: null, ratePerSecond: null };
    expect(await showGateways(w.needs, w.merchants[1]!)).toEqual([{ connection: 'stripe-other', ...calm }]);
    expect((await showGateways(w.needs, w.merchant)).map(({ connection }) => connection)).toEqual(['stripe-demo']);
  });

  it.each(['kill-before', 'kill-after'] as const)(
    'F84 F85 stops nobody for longer than a lease when the probe dies (%s)',
    async (death) => {
      let down = true;
      let deaths = 0;
      const w = world({
        network: () => {
          if (down) return 'lost-request';
          if (deaths > 0) return undefined;
          deaths += 1;
          return death;
        },
      });
      await posted(w, 8);
      await w.run(minute);
      down = false;
      await w.run(2 * minute);
      expect(deaths).toBe(1);
      expect(await statuses(w)).toEqual(['refunded']);
      expect(w.moved()).toHaveLength(8);
    },
  );

  it('F85 lets one of many functions probe that run side by side', async () => {
    const inside: number[] = [];
    let down = true;
    const w = world({
      crowd: true,
      network: () => {
        inside.push(w.clock.now());
        return down ? 'lost-request' : undefined;
      },
    });
    await posted(w, 30);
    await w.run(minute);
    const before = inside.splice(0);
    down = false;
    await w.run(2 * minute);
    expect(await statuses(w)).toEqual(['refunded']);
    // Once the gateway is known to be down: ten seconds at the longest between probes, each alone in its second.
    const late = before.filter((at) => at > before[0]! + 2 * second);
    expect(late.length).toBeGreaterThan(5);
    expect(new Set(late.map((at) => Math.floor(at / second))).size).toBe(late.length);
    expect(inside.filter((at) => at < inside[0]! + second).length).toBeLessThanOrEqual(3);
  });

  it("F145 is in nobody else's way: one refund beside a thousand of a neighbour goes out with the first", async () => {
    const order: string[] = [];
    const w = world({
      slow: true,
      neighbours: ['other'],
      network: ({ method, headers }: WireRequest) => {
        if (method === 'POST') order.push(Object.values(headers).join(' '));
        return undefined;
      },
    });
    w.pay('pi_many', 1_000_000, { order: 'many' });
    w.pay('pi_single', 10_000, { order: 'single', silent: true });
    await w.run(5 * second);
    Object.assign(w.may, { relay: false });
    w.faults({ dropWebhooks: 1 });
    for (let n = 0; n < 1000; n += 1) await w.post(returned(`RMA-${n}`, '1.00', 'pi_many', { order: 'many' }));
    await w.assess();
    await w.postAt('other', returned('RMA-single', '42.00', 'pi_single', { order: 'single' }));
    // A minute to become due, a minute to be assessed, a minute to become due again, and the next sweep.
    await w.run(4 * minute);
    const [single] = await w.refunds(w.merchants[1]);
    expect(single?.status).toBe('refunded');
    expect(order.findIndex((headers) => headers.includes(single!.id))).toBeGreaterThanOrEqual(0);
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.moved()).toHaveLength(1001);
  });
});

describe('a wait at the gate', () => {
  it('F63 F87 makes no request that was allowed before it and is not any more', async () => {
    let sendings = 0;
    const w = await ready({
      slow: true,
      network: ({ method }) => (method === 'POST' && sendings++ === 0 ? 'lost-request' : undefined),
    });
    Object.assign(w.may, { relay: false, sweep: false, hints: 0 });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.assess();
    const { id } = (await w.refunds())[0]!;
    await w.lookAt(id);
    await w.lookAt(id);
    w.clock.advance(minute);
    const { gate } = w.needs;
    const slow: typeof gate = {
      ...gate,
      enter: (of, call, ms) => {
        if (call === 'refund') w.clock.advance(day);
        return gate.enter(of, call, ms);
      },
    };
    await executeWork({ ...w.needs, gate: slow }, w.workOn(id, 'execute'));
    expect(sendings).toBe(1);
    Object.assign(w.may, { relay: true, sweep: true, hints: 1 });
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.moved()).toMatchObject([{ key: expect.stringMatching(/^rf_[0-9a-f]{20}-1-2-/) }]);
  });
});

describe('an account that says "too many requests"', () => {
  it.each([
    ['20', 20 * second],
    ['date', 20 * second],
    ['999999999', minute],
  ])('F61 with Retry-After %s is left alone for that long, within bounds, by all its legs', async (value, wait) => {
    const times: number[] = [];
    const w: World = world({
      slow: true,
      network: ({ method }) => {
        if (method === 'POST') times.push(w.clock.now());
        if (method !== 'POST' || times.length > 1) return undefined;
        return limited(value === 'date' ? new Date(w.clock.now() + 20 * second).toUTCString() : value);
      },
    });
    await posted(w, 20);
    await w.run(3 * hour);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(wait - second);
    expect(times[1]! - times[0]!).toBeLessThanOrEqual(wait + 2 * minute);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(await sendings(w)).toBe(21);
    expect(w.log.alarms()).toEqual([]);
  });

  it('F61 more than once is asked more slowly, and no refund has fewer tries for it', async () => {
    const w = world({ slow: true });
    await posted(w, 5);
    w.faults({ rateLimit: 0.5 });
    await w.run(hour);
    w.faults({});
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.moved()).toHaveLength(5);
  });
});
