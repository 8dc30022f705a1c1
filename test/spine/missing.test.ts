import { describe, expect, it } from 'vitest';
import { booksOf } from '../../lib/adapters/kit/books.ts';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import { audit } from '../../lib/app/audit.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { returned } from './returned.ts';
import { stripe, type World, world } from './world.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');

async function ready(options: Parameters<typeof world>[0] = {}, needsAction = false) {
  const w = world(options);
  w.pay('pi_one', 10_000, { order: '1001', needsAction });
  await w.run(5 * second);
  return w;
}

const only = async (w: World) => (await w.refunds())[0]!;

/** Takes Stripe out of the settings, until it is put back. */
function takeOut(w: World): () => void {
  const { connections } = w.needs;
  const { find } = connections;
  connections.find = async (name) => (name === stripe ? undefined : find(name));
  return () => {
    connections.find = find;
  };
}

describe('a connection that is gone from the settings', () => {
  it('F77 has its pending refund held after as long as any other', async () => {
    const w = await ready({ slow: true }, true);
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'pending' });
    takeOut(w);
    await w.run(w.needs.tempo.pendingLimitMs - day);
    expect(await only(w)).toMatchObject({ status: 'pending' });
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['pending-too-long'] });
    expect(w.log.alarms()).toContain('refund-held');
    expect(w.balance()).toMatchObject({ available: 5800n });
  });

  it('F57 F75 has its refund without an answer held, and asks when it is back and a person says so', async () => {
    const w = await ready({ slow: true, network: ({ method }) => (method === 'POST' ? 'lost-reply' : undefined) });
    w.faults({ dropWebhooks: 1 });
    w.may.hints = 0;
    await w.post(of);
    await w.assess();
    await w.lookAt((await only(w)).id);
    w.may.hints = 1;
    const putBack = takeOut(w);
    await w.run(w.needs.tempo.unknownLimitMs - hour);
    expect(await only(w)).toMatchObject({ status: 'unknown' });
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['cannot-process'] });
    expect(w.log.alarms()).toContain('refund-held');
    putBack();
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F76 has news that came meanwhile applied when it is back', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run(second);
    Object.assign(w.may, { relay: false, sweep: false });
    await w.run(5 * second);
    const putBack = takeOut(w);
    Object.assign(w.may, { relay: true, sweep: true });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    putBack();
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
    expect(w.log.alarms()).not.toContain('notice-quarantined');
  });
});

describe('a credential that can not be read', () => {
  it('F82 makes the return wait, and holds it when it waited too long', async () => {
    const w = await ready({ slow: true });
    const { credential } = w.needs.connections;
    w.needs.connections.credential = async () => {
      throw new Unavailable('connections');
    };
    await w.post(of);
    await w.run(w.needs.tempo.waitForPaymentMs - hour);
    expect(await w.refunds()).toMatchObject([{ status: 'waiting', reasons: ['gateway-silent'] }]);
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-not-found'] });
    expect(w.log.alarms()).toContain('refund-held');
    w.needs.connections.credential = credential;
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });
});

describe('a key of ours', () => {
  it('F76 F93 that somebody took off the refund does not hide its failure', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run(second);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    const { refunds } = w.simulator.state;
    refunds.splice(0, 1, { ...refunds[0]!, metadata: {} });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.log.alarms()).toContain('refund-held');
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
  });

  it('F79 F93 on a refund of a payment that nobody knew is nobody’s success either, and is counted there', async () => {
    const w = await ready();
    w.pay('pi_two', 9000, { silent: true });
    await w.post(of);
    await w.run(hour);
    const refundKey = w.posts()[0]?.key ?? '';
    w.move(w.moved()[0]!.id, { status: 'failed', reason: 'expired_or_canceled_card' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    const copied = w.dashboard('pi_two', 4200, { refundKey });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.log.alarms()).toContain('echo-mismatch');
    expect(w.moved().map((refund) => refund.id)).toEqual([copied]);
    const balances = w.table.dump().state.filter((item) => item.captured !== undefined);
    expect(balances.map((item) => item.available).sort()).toEqual([10_000n, 4800n]);
  });

  it('F79 F93 on a refund of another payment is nobody’s success: it is counted there, and somebody hears of it', async () => {
    let sendings = 0;
    const w = await ready({
      network: ({ method }) => (method === 'POST' && sendings++ === 0 ? 'lost-request' : undefined),
    });
    w.pay('pi_two', 9000, { order: '1002' });
    await w.run(5 * second);
    await w.post(of);
    await w.run(100);
    const { id } = await only(w);
    const refundKey = (await w.events(id)).find((event) => event.type === 'leg.sending')!.key;
    const copied = w.dashboard('pi_two', 4200, { refundKey });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.log.alarms()).toContain('echo-mismatch');
    expect((await w.show(id))?.legs[0]?.gatewayRefunds).toHaveLength(1);
    expect(w.moved().map(({ payment }) => payment)).toEqual(['pi_two', 'pi_one']);
    expect(w.moved().find(({ payment }) => payment === 'pi_two')?.id).toBe(copied);
    expect(w.balance(10_000n)).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
    expect(w.balance(9000n)).toEqual({ available: 4800n, refunded: 4200n, inFlight: undefined });
  });
});

/** What an operator's audit of the whole store says. */
function audited(w: World) {
  const { breaks, balances } = audit(booksOf(w.table.dump()), sha256Hex);
  return { breaks, balances };
}

describe('the audit', () => {
  it('F103 agrees with the balance while a leg has two refunds, and after one of them failed', async () => {
    const w = await ready();
    await w.post(of);
    await w.run(second);
    const refundKey = (await w.events((await only(w)).id)).find((event) => event.type === 'leg.sending')!.key;
    w.faults({ failLater: 1 });
    w.dashboard('pi_one', 4200, { refundKey });
    await w.run(second);
    expect(w.balance()).toEqual({ available: 1600n, refunded: 8400n, inFlight: undefined });
    expect(audited(w)).toEqual({ breaks: [], balances: [] });
    await w.run(minute);
    expect(w.balance()).toEqual({ available: 5800n, refunded: 4200n, inFlight: undefined });
    expect(audited(w)).toEqual({ breaks: [], balances: [] });
  });
});

describe('a capture that has not come yet', () => {
  it('F42 F48 is not held against a return that names no payment: it is held, and goes on when both tenders are known', async () => {
    const w = world();
    w.pay('pi_card', 3000, { order: '1001' });
    await w.run(5 * second);
    await w.post(returned('RMA-1', '42.00'));
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    w.pay('pi_gift', 3000, { order: '1001' });
    await w.run(hour);
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4200n }]);
    expect(w.moved().map(({ payment, amountMinor }) => [payment, amountMinor])).toEqual([
      ['pi_card', 3000],
      ['pi_gift', 1200],
    ]);
  });

  it('F41 is not waited for where the return names the payment it exceeds', async () => {
    const w = world();
    w.pay('pi_card', 3000, { order: '1001' });
    await w.run(5 * second);
    await w.post(returned('RMA-1', '42.00', 'pi_card'));
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'] });
    expect(w.posts()).toEqual([]);
    expect(w.balance()).toMatchObject({ available: 3000n });
  });
});
