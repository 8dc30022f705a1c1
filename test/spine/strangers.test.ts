import { describe, expect, it } from 'vitest';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');

const only = async (w: World) => (await w.refunds())[0]!;
/** What Stripe's next refund will be called. */
const nextRefundId = (w: World) => `re_sim${String(w.simulator.state.counter + 2).padStart(8, '0')}`;

const balances = (w: World) =>
  w.table.dump().state.flatMap((item) => (item.captured === undefined ? [] : [item.available]));

/** Captured an hour ago and refunded in part at Stripe, neither of which was heard; while `mute` is on no question gets through. */
async function refundedUnheard() {
  const mute = { on: false };
  const w = world({ network: ({ method }) => (mute.on && method === 'GET' ? 'lost-request' : undefined) });
  w.pay('pi_one', 10_000, { order: '1001', silent: true });
  w.faults({ dropWebhooks: 1 });
  w.dashboard('pi_one', 6000);
  await w.run(hour);
  w.faults({ dropWebhooks: 0 });
  mute.on = true;
  const charge = {
    id: w.simulator.state.payments[0]?.charge,
    object: 'charge',
    payment_intent: 'pi_one',
    captured: true,
    status: 'succeeded',
    amount_captured: 10_000,
    currency: 'eur',
    created: Math.floor((w.clock.now() - hour) / 1000),
    metadata: { order: '1001' },
  };
  return { w, mute, tellCapture: () => w.tell('charge.succeeded', charge, 'evt_old') };
}

/** Somebody refunds as much in the dashboard while the refund is held, and the first yes after it is answered with that. */
async function approvedUnseen(w: World) {
  const { id } = await only(w);
  w.dashboard('pi_one', 4200);
  await w.run();
  expect(await w.approve(id)).toMatchObject({ is: 'fault', fault: { code: 'changed' } });
  return id;
}

describe('a refund that somebody else makes', () => {
  it('F44 F93 counts a refund that somebody made in the dashboard, once, and leaves less', async () => {
    const w = await ready();
    w.faults({ duplicateWebhooks: 1 });
    w.dashboard('pi_one', 7000);
    await w.run();
    expect(w.balance()).toEqual({ available: 3000n, refunded: 7000n, inFlight: undefined });
    await w.post(of);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'] });
    expect(w.posts().filter((call) => call.key !== null)).toEqual([]);
  });

  it.each([
    ['as much', 1000],
    ['more', 2500],
    ['less', 400],
  ])('F45 F93 gives back what was counted, and %s in its failure changes nothing', async (_, failed) => {
    const w = await ready();
    const of = (status: string, amount: number) => ({
      id: 're_x1',
      object: 'refund',
      amount,
      currency: 'eur',
      payment_intent: 'pi_one',
      status,
    });
    await w.tell('refund.created', of('pending', 1000), 'evt_1');
    await w.run();
    expect(w.balance()).toMatchObject({ available: 9000n, refunded: 1000n });
    for (const event of ['evt_2', 'evt_3']) await w.tell('refund.failed', of('failed', failed), event);
    await w.run();
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
  });

  it('F41 F76 denies nobody for good where one of ours has failed and its news did not come', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-0', '70.00', 'pi_one', { order: '1001' }));
    await w.run(minute);
    w.move(w.moved()[0]!.id, { status: 'failed' }, { silent: true });
    await w.post(of);
    await w.run(minute);
    const second = async () => (await w.refunds()).find(({ return: name }) => name === 'RMA-1')!;
    expect(await second()).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    // The look after a success finds it, and there is room.
    await w.run(hour);
    await w.approve((await second()).id);
    await w.run(minute);
    expect(await second()).toMatchObject({ status: 'refunded' });
  });

  it('F41 F93 that is still on its way denies nobody for good: it may fail', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', needsAction: true });
    await w.run(5000);
    const theirs = w.dashboard('pi_one', 7000)!;
    await w.run();
    await w.post(of);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    w.move(theirs, { status: 'canceled' });
    await w.run();
    await w.approve((await only(w)).id);
    await w.run();
    expect((await w.show((await only(w)).id))?.legs).toMatchObject([{ amountMinor: 4200n, sendings: 1 }]);
  });

  it('F44 while a refund waits for a person is shown to them before their yes counts, once', async () => {
    const w = await ready({ approvalLimit: '1.00' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    const id = await approvedUnseen(w);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['over-limit', 'refunded-elsewhere'] });
    expect(w.moved()).toHaveLength(1);
    expect(await w.approve(id)).toEqual({ is: 'done' });
    await w.run();
    expect(w.moved()).toHaveLength(2);
  });

  it('F44 F76 after ours failed is shown to whoever would try once more', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    const id = await approvedUnseen(w);
    expect((await only(w)).reasons).toEqual(['failed-at-gateway', 'refunded-elsewhere']);
    expect(await w.deny(id)).toEqual({ is: 'done' });
    await w.run();
    expect(w.moved()).toHaveLength(1);
  });

  it('F44 that failed, or was there before, is nothing new to whoever says yes', async () => {
    const w = await ready({ approvalLimit: '1.00' });
    w.dashboard('pi_one', 1000);
    await w.run();
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    w.move(w.dashboard('pi_one', 4200)!, { status: 'failed' });
    await w.run();
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
  });

  it('F93 counts it also where the payment was not known, and in the very first balance', async () => {
    for (const how of ['webhook', 'look'] as const) {
      const w = world();
      w.pay('pi_one', 10_000, { order: '1001', silent: true });
      w.faults({ dropWebhooks: how === 'look' ? 1 : 0 });
      w.dashboard('pi_one', 7000);
      await w.run();
      await w.post(returned('RMA-1', '42.00', 'pi_one'));
      await w.run();
      expect(await only(w)).toMatchObject({ status: 'denied' });
    }
  });

  it('F44 F93 counts it before an old capture is taken, however long the gateway does not say', async () => {
    const { w, mute, tellCapture } = await refundedUnheard();
    await tellCapture();
    await w.run(10 * minute);
    expect(balances(w)).toEqual([]);
    mute.on = false;
    await w.run(hour);
    expect(balances(w)).toEqual([4000n]);
  });

  it('F44 quarantines an old capture where the gateway never says, and a return asks anew', async () => {
    const { w, mute, tellCapture } = await refundedUnheard();
    await tellCapture();
    await w.run(4 * day);
    expect(balances(w)).toEqual([]);
    expect(w.log.alarms()).toContain('notice-quarantined');
    mute.on = false;
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'] });
    expect(balances(w)).toEqual([4000n]);
  });

  it('F93 takes nothing of other money out of the payment, and a person hears of it', async () => {
    const w = await ready();
    const object = {
      id: 're_yen',
      object: 'refund',
      amount: 5000,
      currency: 'jpy',
      payment_intent: 'pi_one',
      status: 'succeeded',
    };
    await w.tell('refund.created', object, 'evt_yen');
    await w.run();
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    expect(w.log.alarms()).toContain('notice-quarantined');
  });

  it('F93 gives it back when it fails, whichever news comes first', async () => {
    const w = await ready();
    w.faults({ failLater: 1, reorderWebhooks: 1, duplicateWebhooks: 1 });
    w.dashboard('pi_one', 7000);
    await w.run();
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
  });

  it('F45 holds what is not sent when somebody took more than was left, and tells', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(1000);
    w.dashboard('pi_one', 8000);
    await w.run(1000);
    expect(w.balance()).toMatchObject({ available: -2200n });
    expect(w.log.alarms()).toContain('payment-overdrawn');
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-overdrawn'] });
    expect(w.posts().filter((call) => call.key !== null)).toEqual([]);
    expect(await w.approve((await only(w)).id)).toMatchObject({ is: 'fault', fault: { code: 'changed' } });
    expect(await only(w)).toMatchObject({ reasons: ['payment-overdrawn', 'refunded-elsewhere'] });
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-overdrawn'] });
    expect(w.posts().filter((call) => call.key !== null)).toEqual([]);
  });

  it('F93 F44 counts it also while one of ours has no answer, which is held before it is asked for again', async () => {
    const w = await ready({
      slow: true,
      network: (request) => (request.method === 'POST' ? 'lost-request' : undefined),
    });
    w.faults({ down: true });
    await w.post(of);
    await w.run(2000);
    w.faults({});
    w.dashboard('pi_one', 1000);
    await w.run(500);
    expect(w.balance()).toMatchObject({ available: 4800n, refunded: 1000n });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['refunded-elsewhere'] });
    await w.run(4 * day);
    await w.deny((await only(w)).id);
    await w.run(hour);
    expect(w.balance()).toEqual({ available: 4800n, refunded: 1000n, inFlight: undefined });
  });

  it('F79 F93 takes back an adoption that turns out to be ours', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(1000);
    const refund = { object: 'refund', id: nextRefundId(w), amount: 4200, currency: 'eur', status: 'succeeded' };
    await w.tell(
      'refund.created',
      { ...refund, payment_intent: 'pi_one', charge: 'ch_one', metadata: {} },
      'evt_early',
    );
    await w.run(1000);
    expect(w.balance()).toMatchObject({ available: 1600n, refunded: 4200n });
    await w.switchSending('running');
    await w.run(5 * minute);
    // As long as nobody knows that it is ours, it is shown like any other (F44).
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['refunded-elsewhere'] });
    await w.approve((await only(w)).id);
    await w.run(5 * minute);
    expect(w.moved()).toMatchObject([{ id: refund.id }]);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.balance()).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
  });
});
