import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { capabilities } from '../../lib/adapters/gateways/stripe/manifest.ts';
import type { SimResponse } from '../../lib/adapters/kit/simulator.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { approveRefund } from '../../lib/app/operate.ts';
import { correlationId, parseRefundId } from '../../lib/domain/ids.ts';
import { production } from '../../lib/domain/tempo.ts';
import { plus } from '../../lib/domain/time.ts';
import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { merchant, type World, world } from './world.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const only = async (w: World) => (await w.refunds())[0]!;
const legStates = async (w: World, refund: string) => (await w.show(refund))?.legs.map((leg) => leg.state);
const types = async (w: World, refund: string) => (await w.events(refund)).map((event) => event.type);
/** Nothing happens but what the test does by hand. */
const byHand = (w: World) => Object.assign(w.may, { relay: false, sweep: false, hints: 0 });
const byItself = (w: World) => Object.assign(w.may, { relay: true, sweep: true, hints: 1 });
const passes = (w: World, ms: number) => w.clock.set(plus(w.clock.now(), ms));
const until = async (so: () => boolean) => {
  while (!so()) await setImmediate();
};

const savedFailure = {
  status: 500,
  headers: { 'idempotent-replayed': 'true' },
  body: '{"error":{"type":"api_error"}}',
};
const disputed = {
  status: 400,
  headers: {},
  body: '{"error":{"type":"invalid_request_error","code":"charge_disputed"}}',
};

/**
 * A leg whose first request is under way for eight minutes more, and whose gateway says at once what it has, but is heard only when
 * `heard` lets go of its answers. Every other request for money is answered with `instead`.
 */
async function underWay(instead: SimResponse) {
  const heard: (() => void)[] = [];
  let slow = false;
  let sendings = 0;
  const network = (method: string): NetworkTrouble | undefined => {
    if (method === 'POST') return sendings++ === 0 ? { arrivesAfterMs: 8 * minute } : { instead };
    if (!slow) return undefined;
    const { promise: held, resolve } = Promise.withResolvers<void>();
    heard.push(resolve);
    return { held };
  };
  const w = world({ slow: true, network: (request) => network(request.method) });
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5 * second);
  w.faults({ dropWebhooks: 1 });
  byHand(w);
  await w.post(returned('RMA-1', '42.00', 'pi_one'));
  await w.assess();
  const { id } = await only(w);
  await w.lookAt(id);
  /** A worker that asks now and hears later. */
  const ask = async () => {
    slow = true;
    const before = heard.length;
    const worker = w.lookAt(id);
    await until(() => heard.length > before);
    slow = false;
    return { hears: () => worker, answer: heard[before]! };
  };
  return { w, id, ask, sendings: () => sendings };
}

const expectOneRefund = async (w: World, id: string) => {
  await w.lookAt(id);
  expect(await only(w)).toMatchObject({ id, status: 'refunded' });
  expect(w.moved()).toHaveLength(1);
  expect(w.balance()).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
};

describe('a worker that comes back late', () => {
  it('F67 F68 F70 with a new key that another one has made and used renews nothing and pays nothing', async () => {
    let reachable = false;
    let sendings = 0;
    const w = world({
      slow: true,
      network: ({ method }) => {
        if (!reachable) return 'lost-request';
        return method === 'POST' && sendings++ === 0 ? 'lost-reply' : undefined;
      },
    });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5 * second);
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(25 * hour);
    reachable = true;
    w.faults({ dropWebhooks: 1 });
    byHand(w);
    const { id } = await only(w);
    passes(w, 2 * production.mostOpenMs);
    await w.lookAt(id);
    passes(w, capabilities.lateArrivalMs + second);
    await w.lookAt(id);
    expect((await types(w, id)).slice(-2)).toEqual(['leg.absent', 'leg.absent']);
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>();
    const gateways = { open: (of: never) => read.then(() => w.needs.gateways.open(of)) };
    const late = executeWork({ ...w.needs, gateways }, w.workOn(id, 'execute'));
    await w.lookAt(id);
    const before = await w.events(id);
    expect(before.slice(-3)).toMatchObject([{ type: 'leg.renewed' }, { epoch: 2 }, { type: 'leg.unknown' }]);
    goOn();
    await late;
    // Its own decision is dropped. What it does then it does as anybody who looks now: it waits, since the gateway is silent again.
    expect(await w.events(id)).toEqual(before);
    expect(sendings).toBe(1);
    byItself(w);
    await w.run(hour);
    expect((await w.events(id)).slice(before.length)).toMatchObject([{ type: 'leg.accepted', source: 'lookup' }]);
    await expectOneRefund(w, id);
    expect(w.posts()).toHaveLength(1);
  });

  it('F59 F70 with an absence from before the last request proves nothing', async () => {
    const { w, id, ask, sendings } = await underWay(savedFailure);
    const { hears, answer } = await ask();
    await w.lookAt(id);
    passes(w, 3 * second);
    await w.lookAt(id);
    expect(sendings()).toBe(2);
    const before = await w.events(id);
    answer();
    await hears();
    expect(await w.events(id)).toEqual(before);
    await w.run(9 * minute);
    await expectOneRefund(w, id);
  });

  it('F59 F60 F70 with absences from before the first request arrived renews nothing', async () => {
    const { w, id, ask, sendings } = await underWay(savedFailure);
    await w.lookAt(id);
    passes(w, 3 * second);
    await w.lookAt(id);
    const first = await ask();
    const other = await ask();
    await w.run(14 * minute);
    expect(w.moved()).toHaveLength(1);
    first.answer();
    await first.hears();
    passes(w, capabilities.lateArrivalMs + second);
    other.answer();
    await other.hears();
    await expectOneRefund(w, id);
    expect(await types(w, id)).not.toContain('leg.renewed');
    expect(sendings()).toBe(2);
  });

  it('F59 F70 with an absence from before the first request arrived does not make a refusal true', async () => {
    const { w, id, ask, sendings } = await underWay(disputed);
    await w.lookAt(id);
    passes(w, 3 * second);
    await w.lookAt(id);
    const { hears, answer } = await ask();
    await w.run(14 * minute);
    answer();
    await hears();
    await expectOneRefund(w, id);
    expect(await types(w, id)).not.toContain('leg.refused');
    expect(sendings()).toBe(2);
  });
});

describe('two legs of one refund', () => {
  it('F69 F91 have one due time: a poll of the one leaves it where the lease of the other ends', async () => {
    let sendings = 0;
    const w = world({
      slow: true,
      network: ({ method }) => (method === 'POST' && ++sendings === 2 ? 'kill-after' : undefined),
    });
    w.pay('pi_slow', 2000, { order: '1001', needsAction: true });
    w.pay('pi_fast', 5000, { order: '1001' });
    await w.run(5 * second);
    w.faults({ dropWebhooks: 1 });
    byHand(w);
    await w.post(returned('RMA-1', '42.00', ['pi_slow', 'pi_fast']));
    await w.assess();
    const { id } = await only(w);
    await executeWork(w.needs, { ...w.workOn(id, 'execute'), leg: 1 });
    passes(w, 20 * hour);
    void w.lookAt(id);
    await until(() => sendings === 2);
    expect(await legStates(w, id)).toEqual(['pending', 'sending']);
    const leaseUntil = plus(w.clock.now(), w.needs.tempo.leaseMs);
    expect(await w.show(id)).toMatchObject({ dueAt: leaseUntil });
    passes(w, 30 * second);
    await w.lookAt(id, 'reconcile');
    expect(await w.show(id)).toMatchObject({ dueAt: leaseUntil });
    byItself(w);
    await w.run(5 * minute);
    expect(await legStates(w, id)).toEqual(['pending', 'refunded']);
    expect(w.moved()).toHaveLength(2);
  });

  it('F35 F76 F77 do not wait for each other: approving lets that one go on which still has its amount', async () => {
    const w = world({ slow: true, laterMs: 14.5 * day });
    w.pay('pi_fails', 3000, { order: '1001' });
    w.pay('pi_slow', 2000, { order: '1001', needsAction: true });
    await w.run(5 * second);
    w.faults({ failLater: 1 });
    await w.post(returned('RMA-1', '42.00', ['pi_fails', 'pi_slow']));
    await w.run(15 * day);
    await w.post(returned('RMA-2', '30.00', 'pi_fails'));
    await w.run(minute);
    const [{ id }, other] = (await w.refunds()) as [{ id: string }, object];
    expect(other).toMatchObject({ status: 'refunded', amountMinor: 3000n });
    expect(await legStates(w, id)).toEqual(['held', 'held']);
    expect(await w.approve(id)).toEqual({ is: 'done' });
    expect(await legStates(w, id)).toEqual(['held', 'pending']);
    expect(await w.approve(id)).toMatchObject({ fault: { code: 'not-reservable' } });
    expect(w.balance(3000n)).toEqual({ available: 0n, refunded: 3000n, inFlight: undefined });
    expect(w.posts()).toHaveLength(3);
  });
});

describe('a person who looked at another version', () => {
  it('F132 is told that it has changed, and changes nothing', async () => {
    const w = world();
    w.pay('pi_one', 100_000, { order: '1001' });
    await w.run(5 * second);
    await w.post(returned('RMA-1', '600.00', 'pi_one'));
    await w.run(5 * second);
    const { id } = await only(w);
    const { version } = (await w.show(id))!;
    const before = w.table.dump();
    const person = { id: 'ann', merchant, correlation: correlationId('abcdefgh') };
    const approve = (seen: number) => approveRefund(w.needs, person, parseRefundId(id)!, seen);
    for (const seen of [version - 1, version + 1]) {
      expect(await approve(seen)).toMatchObject({ is: 'fault', fault: { code: 'changed' } });
    }
    expect(w.table.dump()).toEqual(before);
    expect(await approve(version)).toEqual({ is: 'done' });
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });
});
