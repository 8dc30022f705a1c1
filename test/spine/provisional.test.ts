import { describe, expect, it } from 'vitest';
import { noFaults } from '../../lib/adapters/kit/simulator.ts';
import { setAside } from '../../lib/app/set-aside.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');
const only = async (w: World) => (await w.refunds())[0]!;
const leg = async (w: World) => (await w.show((await only(w)).id))!.legs[0]!;
const truth = (w: World) => w.simulator.refunds()[0]!;
const eventsOf = async (w: World) => (await w.events((await only(w)).id)).map((event) => event.type);

describe('a success', () => {
  it('F76 F102 is looked for again after a day, a week and a month, and then never again', async () => {
    const w = await ready({ slow: true });
    await w.post(of);
    await w.run(hour);
    const reads = w.reads().length;
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    for (const [days, checks] of [
      [2, 1],
      [6, 2],
      [25, 3],
      [100, 3],
    ] as const) {
      await w.run(days * day);
      expect(w.reads().length - reads).toBe(checks);
    }
    expect(await only(w)).toMatchObject({ status: 'refunded', dueAt: null });
    expect(await eventsOf(w)).toEqual(['refund.requested', 'refund.approved', 'leg.sending', 'leg.accepted']);
  });

  it('F76 F101 whose later failure nobody told us of is found, restored and held', async () => {
    const w = await ready({ slow: true });
    await w.post(of);
    await w.run(hour);
    w.move(truth(w).id, { status: 'failed', reason: 'lost_or_stolen_card' }, { silent: true });
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 4200n });
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    expect(w.log.alarms()).toContain('refund-held');
    expect(w.posts()).toHaveLength(1);
  });

  it('F76 F101 is looked for again within hours where nobody answered, also when it was found to be disputed then', async () => {
    let mute = false;
    const w = await ready({
      slow: true,
      network: ({ method, url }) =>
        mute && method === 'GET' && url.includes('/v1/refunds') ? 'lost-request' : undefined,
    });
    await w.post(of);
    await w.run(hour);
    mute = true;
    w.dispute('pi_one');
    w.move(truth(w).id, { status: 'failed' }, { silent: true });
    await w.run(day);
    expect(await eventsOf(w)).toContain('leg.disputed');
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    mute = false;
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway', 'disputed'] });
  });

  it('F102 that is nowhere any more is unknown again and before a person, and nothing is sent by itself', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('vanished');
    await w.post(of);
    await w.run(hour);
    w.simulator.state.refunds.splice(0);
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['lost-at-gateway'] });
    expect(w.log.alarms()).toContain('lost-at-gateway');
    expect(w.balance()).toEqual({ available: 5800n, refunded: 0n, inFlight: undefined });
    await w.run(40 * day);
    expect(w.posts()).toHaveLength(1);
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(2);
    expect(new Set(w.posts().map(({ key }) => key)).size).toBe(2);
    expect(w.balance()).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
  });

  it('F102 that was lost is not called refunded again by what its key still remembers', async () => {
    const w = await ready();
    w.accepted.add('vanished');
    await w.post(of);
    await w.run(minute);
    const [lost] = w.simulator.state.refunds.splice(0);
    await w.run(2 * minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['lost-at-gateway'] });
    await w.approve((await only(w)).id);
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.simulator.refunds().map(({ id }) => id)).not.toContain(lost!.id);
    expect(new Set(w.posts().map(({ key }) => key)).size).toBe(2);
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200]);
  });

  it('F76 F103 that was held beside a second refund is looked for again, however long a person took to compare', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('surplus');
    await w.post(of);
    await w.run(hour);
    w.dashboard('pi_one', 4200, { refundKey: w.posts().find(({ key }) => key !== null)?.key ?? '' });
    await w.run(hour);
    const [first, second] = w.simulator.refunds();
    w.move(second!.id, { status: 'failed' });
    await w.run(40 * day);
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    w.move(first!.id, { status: 'failed' }, { silent: true });
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
  });

  it('F102 F103 is not lost while another refund under its key lives', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('surplus').add('vanished');
    await w.post(of);
    await w.run(hour);
    const refundKey = w.posts().find(({ key }) => key !== null)?.key ?? '';
    w.dashboard('pi_one', 4200, { refundKey });
    await w.run(hour);
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    w.simulator.state.refunds.splice(0, 1);
    await w.run(2 * day);
    expect(await eventsOf(w)).not.toContain('leg.lost');
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    w.simulator.state.refunds.splice(0);
    await w.run(10 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['lost-at-gateway'] });
  });

  it('F102 is one again when the gateway has it again', async () => {
    for (const how of ['webhook', 'person']) {
      const w = await ready({ slow: true });
      await w.post(of);
      await w.run(hour);
      const [lost] = w.simulator.state.refunds.splice(0);
      await w.run(2 * day);
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['lost-at-gateway'] });
      w.simulator.state.refunds.push(lost!);
      if (how === 'webhook') w.move(lost!.id, { status: 'succeeded' });
      else await w.approve((await only(w)).id);
      await w.run(hour);
      expect(await only(w)).toMatchObject({ status: 'refunded' });
      expect(w.balance()).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
      expect(w.posts()).toHaveLength(1);
    }
  });

  it('F102 is known by its id where somebody takes our key off it at the gateway, and nothing is sent again', async () => {
    const w = await ready({ slow: true });
    await w.post(of);
    await w.run(hour);
    (w.simulator.state.refunds[0] as { metadata: object }).metadata = {};
    await w.run(40 * day);
    expect(await only(w)).toMatchObject({ status: 'refunded', dueAt: null });
    expect(w.log.alarms()).not.toContain('lost-at-gateway');
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200]);
  });

  it("F102 that was lost is found by its id without our key, before a person's second try pays again", async () => {
    const w = await ready({ slow: true });
    await w.post(of);
    await w.run(hour);
    const [lost] = w.simulator.state.refunds.splice(0);
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['lost-at-gateway'] });
    w.simulator.state.refunds.push({ ...lost!, metadata: {} });
    await w.approve((await only(w)).id);
    await w.run(3 * day);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F102 F79 that is lost does not take the place of another request on its payment', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('vanished');
    await w.post(of);
    await w.run(hour);
    w.simulator.state.refunds.splice(0);
    await w.run(2 * day);
    await w.post(returned('RMA-2', '10.00', 'pi_one'));
    await w.run(hour);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['held', 'refunded']);
    await w.deny((await only(w)).id);
    await w.run(hour);
    expect(w.balance()).toEqual({ available: 4800n, refunded: 1000n, inFlight: undefined });
  });

  it('F72 F102 whose check our own code fails on is tried again a day later, and holds nothing', async () => {
    const w = await ready({ slow: true });
    await w.post(of);
    await w.run(2 * day);
    const { id } = await only(w);
    await setAside(w.needs, w.workOn(id, 'reconcile'));
    expect(await only(w)).toMatchObject({ status: 'refunded', dueAt: w.clock.now() + day });
  });

  it('F102 is looked for a few times where the gateway does not say, and then at the next age', async () => {
    let silent = false;
    const w = await ready({ slow: true, network: () => (silent ? 'lost-request' : undefined) });
    await w.post(of);
    await w.run(hour);
    silent = true;
    await w.run(2 * day);
    silent = false;
    const reads = w.reads().length;
    w.move(truth(w).id, { status: 'failed' }, { silent: true });
    await w.run(4 * day);
    expect(w.reads().length).toBe(reads);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
  });
});

describe('a refund that is not finished', () => {
  const pending = async (reason: string) => {
    const w = world({ slow: true });
    w.pay('pi_one', 10_000, { order: '1001', refundsPending: reason });
    await w.post(of);
    await w.run(minute);
    return w;
  };

  it('F77 says since when, why and until when, and that our balance must be topped up, once', async () => {
    const w = await pending('charge_pending');
    const first = await leg(w);
    expect(first).toMatchObject({ state: 'pending', reason: 'charge_pending' });
    w.move(truth(w).id, { status: 'pending', reason: 'insufficient_funds' }, { silent: true });
    await w.run(2 * day);
    expect(await leg(w)).toMatchObject({
      state: 'pending',
      reason: 'insufficient_funds',
      since: first.since,
      deadline: first.since! + 14 * day,
    });
    expect(w.log.alarms().filter((code) => code === 'funds-missing')).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 0n });
    w.move(truth(w).id, { status: 'succeeded' });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: [] });
  });

  it.each([
    ['succeeded', {}, { status: 'refunded' }, { available: 5800n, refunded: 4200n }],
    [
      'failed',
      { reason: 'declined' },
      { status: 'held', reasons: ['failed-at-gateway'] },
      { available: 10_000n, refunded: 0n },
    ],
    ['canceled', {}, { status: 'held', reasons: ['failed-at-gateway'] }, { available: 10_000n, refunded: 0n }],
  ] as const)('F77 F100 that is %s then', async (status, more, shown, balance) => {
    const w = await pending('processing');
    w.move(truth(w).id, { status, ...more });
    await w.run(hour);
    expect(await only(w)).toMatchObject(shown);
    expect(w.balance()).toMatchObject(balance);
    await w.run(20 * day);
    expect(w.posts()).toHaveLength(1);
  });

  it('F77 gives its amount back when it is cancelled while the customer had to act', async () => {
    const w = world({ slow: true });
    w.pay('pi_one', 10_000, { order: '1001', needsAction: true });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'pending', reasons: ['requires_action'] });
    w.move(truth(w).id, { status: 'canceled' });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
  });

  it('F47 whose card is closed is held, and paid in no other way', async () => {
    const w = await pending('processing');
    w.move(truth(w).id, { status: 'failed', reason: 'expired_or_canceled_card' });
    await w.run(30 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.posts()).toHaveLength(1);
    const failed = (await w.events((await only(w)).id)).find((event) => event.type === 'leg.failed');
    expect(failed).toMatchObject({ reason: 'expired_or_canceled_card' });
  });
});

describe('a payment that is not captured', () => {
  it('F43 is not refunded: the return waits for its capture, and is held in the end', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 0 });
    await w.post(of);
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'waiting', reasons: ['capture-pending'] });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held' });
    expect(w.posts()).toHaveLength(0);
  });

  it('F43 and will never be needs no refund: held at once, and again when looked at again', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', voided: true });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-voided'] });
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-voided'] });
    expect(w.posts()).toHaveLength(0);
  });

  it('F43 is seen to be voided while the return waits', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 0 });
    await w.post(of);
    await w.run(minute);
    w.pay('pi_one', 10_000, { order: '1001', voided: true });
    await w.run(2 * minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-voided'] });
  });

  it('F41 F42 denies nobody before the gateway was asked what it has captured by now', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 3000 });
    await w.run(1000);
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 9000, silent: true });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', amountMinor: 4200n });
  });

  it('F41 holds what it would deny while the gateway does not say', async () => {
    let down = false;
    const silent = { instead: { status: 503, headers: {}, body: '{}' } };
    const w = world({ network: () => (down ? silent : undefined) });
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 3000 });
    await w.run(1000);
    down = true;
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
  });

  it('F42 in full allows what is captured when it is decided, and more when more is', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 3000 });
    await w.run(1000);
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'] });
    await w.post(returned('RMA-2', '30.00', 'pi_one'));
    await w.run(minute);
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 9000 });
    await w.run(minute);
    await w.post(returned('RMA-3', '60.00', 'pi_one'));
    await w.run(minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['denied', 'refunded', 'refunded']);
    expect(w.balance()).toMatchObject({ available: 0n, refunded: 9000n });
  });
});

describe('a refund made in the dashboard', () => {
  it('F44 F45 F93 between our look and our request leaves less, and gives it back when it fails later', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const theirs = w.dashboard('pi_one', 7000)!;
    w.accepted.add('overdrawn');
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: -1200n, refunded: 7000n });
    expect(w.log.alarms()).toContain('payment-overdrawn');
    await w.switchSending('running');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-overdrawn'] });
    expect(w.posts()).toHaveLength(1);
    w.move(theirs, { status: 'failed' });
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 0n });
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('F44 F54 that has sixty others beside it is more than one transaction counts: a person sorts that out', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    w.simulator.setFaults({ ...noFaults, dropWebhooks: 1 });
    for (let n = 0; n < 61; n += 1) w.dashboard('pi_one', 1);
    w.accepted.add('unheard');
    w.faults({});
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'waiting', reasons: ['gateway-silent'] });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held' });
  });
});
