import { describe, expect, it } from 'vitest';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { parseConnection } from '../../lib/domain/ids.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { stripe, type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const firstSending = (trouble: 'lost-reply' | 'lost-request') => {
  let sendings = 0;
  return (request: WireRequest) => (request.method === 'POST' && sendings++ === 0 ? trouble : undefined);
};

const of = returned('RMA-1', '42.00', 'pi_one');

async function expectOneRefund(w: World) {
  expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  expect(w.moved()).toHaveLength(1);
  expect(new Set(w.posts().map((call) => call.key)).size).toBe(1);
}

describe('hints', () => {
  it.each(['none', 'lost-reply', 'lost-request'] as const)(
    'F67 may come twice and side by side (first sending: %s)',
    async (trouble) => {
      const w = await ready({ crowd: true, ...(trouble === 'none' ? {} : { network: firstSending(trouble) }) });
      w.may.hints = 2;
      w.send(of);
      await w.run();
      await expectOneRefund(w);
      expect(w.posts()).toHaveLength(1);
    },
  );

  it('F67 F68 let one of two executors send, and the other do nothing', async () => {
    const w = await ready();
    w.may.hints = 0;
    w.may.sweep = false;
    await w.post(of);
    await w.run(1000);
    await w.assess();
    const [refund] = await w.refunds();
    expect(refund?.status).toBe('approved');
    await Promise.all([1, 2, 3].map(() => w.lookAt(refund!.id)));
    expect(w.posts()).toHaveLength(1);
    await expectOneRefund(w);
  });

  it('F145 about another gateway account leave this one’s legs alone', async () => {
    const w = await ready();
    w.may.hints = 0;
    await w.post(of);
    await w.assess();
    const work = w.workOn((await w.refunds())[0]!.id, 'execute');
    await executeWork(w.needs, { ...work, connection: parseConnection('stripe-two')! });
    expect(w.posts()).toEqual([]);
    await executeWork(w.needs, { ...work, connection: stripe });
    expect(w.posts()).toHaveLength(1);
  });

  it('F87 start nothing that the function would not live to see the end of', async () => {
    const w = await ready();
    w.may.hints = 0;
    await w.post(of);
    await w.assess();
    const work = w.workOn((await w.refunds())[0]!.id, 'execute');
    expect(await executeWork({ ...w.needs, remainingMs: () => 3000 }, work)).toBe('busy');
    expect(w.posts()).toEqual([]);
    w.may.hints = 1;
    await w.run();
    await expectOneRefund(w);
  });

  it('F68 F70 a sender that freezes after its answer and wakes up days later changes nothing', async () => {
    let wake = () => {};
    const held = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let sendings = 0;
    const w = await ready({
      network: (request) => (request.method === 'POST' && sendings++ === 0 ? { held } : undefined),
    });
    w.may.hints = 0;
    w.may.sweep = false;
    await w.post(of);
    await w.assess();
    const [refund] = await w.refunds();
    const frozen = w.lookAt(refund!.id);
    await w.run(1000);
    w.may.hints = 1;
    w.may.sweep = true;
    await w.run(2 * day);
    await expectOneRefund(w);
    const before = w.table.dump().journal.length;
    wake();
    await frozen;
    expect(w.table.dump().journal).toHaveLength(before);
    await expectOneRefund(w);
  });

  it('F74 do nothing when every one of them is redelivered ten days later', async () => {
    const w = await ready({ network: firstSending('lost-reply') });
    w.send(of);
    await w.run();
    await expectOneRefund(w);
    await w.run(10 * day);
    const before = { entries: w.table.dump().journal.length, calls: w.simulator.calls().length };
    for (const hint of [...w.hinted, ...w.hinted]) w.redeliver(hint);
    await w.run(hour);
    expect({ entries: w.table.dump().journal.length, calls: w.simulator.calls().length }).toEqual(before);
  });

  it('F121 ask a gateway nothing where a backlog of them arrives after somebody has looked', async () => {
    const w = await ready();
    w.send(of);
    await w.run();
    await expectOneRefund(w);
    await w.run(hour);
    const looks = w.hinted.filter(({ queue }) => queue === 'reconcile');
    expect(looks.length).toBeGreaterThan(0);
    const before = w.simulator.calls().length;
    for (let n = 0; n < 20; n += 1) for (const hint of looks) w.redeliver(hint);
    await w.run(minute);
    expect(w.simulator.calls().length - before).toBe(0);
  });

  it('F32 F75 F120 may be lost for two days, with the stream behind them: the sweep asks for everything', async () => {
    const w = await ready({ slow: true });
    w.may.relay = false;
    w.may.hints = 0;
    w.send(of);
    w.send(returned('RMA-2', '10.00', 'pi_two', { order: '1002' }));
    w.send(returned('RMA-3', '1.00', 'pi_one', { trigger: 'cancelled' }));
    w.pay('pi_two', 5000, { order: '1002' });
    await w.run(2 * day);
    expect(await w.refunds()).toEqual([]);
    w.may.hints = 1;
    await w.run(10 * minute);
    expect((await w.refunds()).map((refund) => refund.status)).toEqual(['refunded', 'refunded']);
    expect(w.posts()).toHaveLength(2);
  });

  it('F32 may all be lost in the middle of a refund, with the webhooks', async () => {
    const w = await ready({ network: firstSending('lost-reply') });
    w.faults({ dropWebhooks: 1 });
    w.send(of);
    await w.run(500);
    w.may.relay = false;
    w.may.hints = 0;
    await w.run(2 * day);
    w.may.hints = 1;
    await w.run(10 * minute);
    await expectOneRefund(w);
  });

  it.each([false, true])(
    'do not multiply while a gateway is down, even where each comes twice (side by side: %s)',
    async (crowd) => {
      const w = await ready({ crowd, network: firstSending('lost-request') });
      w.may.hints = 2;
      w.send(of);
      w.faults({ down: true });
      await w.run(10 * minute);
      const before = w.hinted.length;
      await w.run(10 * minute);
      expect(w.hinted.length - before).toBeLessThan(200);
      w.faults({});
      await w.run();
      await expectOneRefund(w);
    },
  );

  it('are few while a refund waits for another on its payment that has no answer', async () => {
    const w = await ready({ slow: true });
    w.send(of);
    w.faults({ down: true });
    await w.run(1000);
    w.send(returned('RMA-2', '1.00', 'pi_one'));
    await w.run(10 * minute);
    const before = w.hinted.length;
    await w.run(hour);
    expect(w.hinted.length - before).toBeLessThan(100);
    w.faults({});
    await w.run(2 * hour);
    expect((await w.refunds()).map((refund) => refund.status)).toEqual(['refunded', 'refunded']);
  });

  /** A refund that was refused in its key's name and is held, and another one that waits for the payment's place behind it. */
  const behindHeld = async (more: Parameters<typeof ready>[0] = {}) => {
    const w = await ready({ slow: true, network: firstSending('lost-request'), ...more });
    w.send(of);
    await w.run(500);
    const { id } = (await w.refunds())[0]!;
    const sent = (await w.events(id)).find((event) => event.type === 'leg.sending')!;
    w.dashboard('pi_one', 1, { header: sent.key });
    await w.run(hour);
    // That somebody refunded is shown before anything is asked for again.
    expect(await w.show(id)).toMatchObject({ status: 'held', reasons: ['refunded-elsewhere'] });
    await w.approve(id);
    await w.run(hour);
    expect(await w.show(id)).toMatchObject({ status: 'held', reasons: ['key-reused'] });
    w.send(returned('RMA-2', '1.00', 'pi_one'));
    await w.run(hour);
    const other = async () => (await w.refunds()).find((refund) => refund.id !== id)!;
    return { w, id, other };
  };

  it.each([
    ['right', 0],
    ['ahead', 5000],
  ])(
    'F62 become rare while a refund waits for another on its payment, with a clock of the sweep that is %s',
    async (_, sweepAheadMs) => {
      const { w, id, other } = await behindHeld({ sweepAheadMs });
      const before = w.hinted.length;
      await w.run(day);
      expect(w.hinted.length - before).toBeGreaterThan(20);
      expect(w.hinted.length - before).toBeLessThan(60);
      await w.deny(id);
      await w.run(1.1 * hour);
      expect(await other()).toMatchObject({ status: 'refunded' });
    },
  );

  it('F62 F145 look whether the place is free before they take one in the traffic to the gateway', async () => {
    const writes: string[] = [];
    const { w } = await behindHeld({
      store: (call) => {
        if (call.call === 'write')
          writes.push(JSON.stringify(call.writes, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
        return undefined;
      },
    });
    const hints = w.hinted.length;
    writes.splice(0);
    await w.run(day);
    expect(w.hinted.length - hints).toBeGreaterThan(20);
    expect(writes.filter((text) => text.includes('leg.sending'))).toEqual([]);
    // The gateway is asked about the held one, twice in this day.
    expect(writes.filter((text) => text.includes('#account#'))).toHaveLength(2);
  });

  it('F62 F91 end after three days: who waited so long for another on its payment is in front of a person too', async () => {
    const { w, id, other } = await behindHeld();
    await w.run(3 * day - 2 * hour);
    expect(await other()).toMatchObject({ status: 'approved' });
    await w.run(3 * hour);
    expect(await other()).toMatchObject({ status: 'held', reasons: ['not-sent'] });
    await w.deny(id);
    await w.approve((await other()).id);
    await w.run(hour);
    expect(await other()).toMatchObject({ status: 'refunded' });
  });

  it('F91 about one leg are not put off by another one, which waits for its payment’s place', async () => {
    const lost = (request: WireRequest) => request.method === 'POST' && String(request.body).includes('pi_b');
    const w = world({
      slow: true,
      pendingRate: 1,
      laterMs: 3 * hour,
      network: (request) => (lost(request) ? 'lost-request' : undefined),
    });
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001' });
    await w.run(5000);
    w.send(returned('RMA-1', '10.00', 'pi_b'));
    await w.run(hour);
    w.faults({ dropWebhooks: 1 });
    w.send(returned('RMA-2', '70.00', ['pi_a', 'pi_b']));
    await w.run(8 * hour);
    expect(w.moved()).toMatchObject([{ payment: 'pi_a', amountMinor: 5000, status: 'succeeded' }]);
    const { id } = (await w.refunds()).find((refund) => refund.return === 'RMA-2')!;
    expect((await w.show(id))?.legs.map(({ state }) => state)).toEqual(['refunded', 'ready']);
  });

  it.each([
    ['one leg', 9000, 'production'],
    ['two legs', 1000, 'production'],
    ['two legs', 1000, 'embedded'],
  ])('F90 are few while people have stopped sending: a refund with %s', async (_, first, tempo) => {
    const w = world({ slow: tempo === 'production' });
    w.pay('pi_a', first, { order: '1001' });
    w.pay('pi_b', 9000, { order: '1001' });
    await w.run(minute);
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '30.00', ['pi_a', 'pi_b']));
    await w.run(20 * minute);
    const before = w.hinted.length;
    await w.run(10 * minute);
    // A look each minute, or each five seconds where somebody is impatient.
    expect(w.hinted.length - before).toBeLessThanOrEqual(tempo === 'production' ? 15 : 150);
    await w.switchSending('running');
    await w.run(2 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('F116 become rare while tables wait for their restore, for two legs as for one', async () => {
    const w = world({ slow: true });
    w.accepted.add('forgotten');
    w.pay('pi_a', 1000, { order: '1001' });
    w.pay('pi_b', 9000, { order: '1001' });
    await w.run(minute);
    w.needs.restored = 1;
    await w.post(returned('RMA-1', '30.00', ['pi_a', 'pi_b']));
    await w.run(hour);
    const reads = w.reads().length;
    await w.run(6 * hour);
    expect(w.reads().length - reads).toBeLessThan(20);
  });

  it('F91 F57 about what is pending come as rarely beside a leg of which nobody says anything', async () => {
    let deaf = false;
    let reads = 0;
    const answer = {
      instead: { status: 400, headers: {}, body: '{"error":{"type":"invalid_request_error","code":"x"}}' },
    };
    const w = world({
      slow: true,
      network: (request) => {
        const about = request.url.includes('pi_a') || String(request.body).includes('pi_a');
        if (request.method === 'GET' && !about) reads += 1;
        if (!deaf || !about) return undefined;
        return request.method === 'POST' ? 'lost-request' : answer;
      },
    });
    w.pay('pi_a', 1000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001', needsAction: true });
    await w.run(minute);
    deaf = true;
    await w.post(returned('RMA-1', '30.00', ['pi_a', 'pi_b']));
    await w.run(minute);
    const { id } = (await w.refunds())[0]!;
    expect((await w.show(id))?.legs.map(({ state }) => state)).toEqual(['unknown', 'pending']);
    reads = 0;
    await w.run(day);
    expect(reads).toBeLessThan(50);
  });
});
