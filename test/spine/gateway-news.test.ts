import { describe, expect, it } from 'vitest';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');

const only = async (w: World) => (await w.refunds())[0]!;
const eventsOf = async (w: World) => w.events((await only(w)).id);
const keyOf = async (w: World) => (await eventsOf(w)).find((event) => event.type === 'leg.sending')!.key;
describe('what the gateway says later', () => {
  it('F91 is asked for where no webhook ever comes, until the refund is final', async () => {
    const w = await ready({ slow: true, pendingRate: 1, laterMs: 3 * hour });
    w.faults({ dropWebhooks: 1 });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'pending' });
    await w.run(day);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.reads().length).toBeLessThan(10);
    expect(w.posts()).toHaveLength(1);
  });

  it('F77 F91 stands in front of a person where a refund is pending for ever, and ends when it does', async () => {
    const w = world({ slow: true });
    w.pay('pi_one', 10_000, { order: '1001', needsAction: true });
    await w.post(of);
    await w.run(13 * day);
    expect(await only(w)).toMatchObject({ status: 'pending', reasons: ['requires_action'] });
    await w.run(3 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['pending-too-long'] });
    expect(w.log.alarms()).toContain('refund-held');
    expect(w.balance()).toMatchObject({ available: 5800n });
    await w.approve((await only(w)).id);
    await w.run(2 * day);
    expect(await only(w)).toMatchObject({ status: 'pending' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F92 may come before our own record of the answer', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const w = await ready({ crowd: true, network: (request) => (request.method === 'POST' ? { held } : undefined) });
    w.later(2000, answer);
    await w.post(of);
    w.may.hints = 0;
    await w.assess();
    const sending = w.lookAt((await only(w)).id);
    w.may.hints = 1;
    await w.run(1000);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    answer();
    await sending;
    const accepted = (await eventsOf(w)).filter((event) => event.type === 'leg.accepted');
    expect(accepted).toMatchObject([{ source: 'webhook' }]);
  });

  it('F11 F71 F106 may come in any order and any number', async () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const w = await ready({ seed, pendingRate: 1, laterMs: 500, crowd: seed > 'b' });
      w.faults({ duplicateWebhooks: 1, reorderWebhooks: 1, failLater: 1 });
      await w.post(of);
      await w.run();
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
      expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
    }
  });

  it('F76 F101 restores the amount when a refund fails after its success, and tries again under a new key when told to', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run(1000);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 4200n });
    await w.run(day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    expect(w.posts()).toHaveLength(1);
    await w.approve((await only(w)).id);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(new Set(w.posts().map((call) => call.key)).size).toBe(2);
    expect(w.moved()).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 4200n });
  });

  it('F76 F58 repeats the second try too when it was lost, though the first one is still found', async () => {
    let sendings = 0;
    const w = await ready({
      network: (request) => (request.method === 'POST' && sendings++ === 1 ? 'lost-request' : undefined),
    });
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run();
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
    expect(sendings).toBe(3);
  });

  it('F76 ends as failed where the person says no', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run();
    expect(await w.deny((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(day);
    expect(await only(w)).toMatchObject({ status: 'failed' });
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
  });

  it('F76 refuses the second try where the amount was given away meanwhile', async () => {
    const w = await ready();
    w.faults({ failLater: 1 });
    await w.post(of);
    await w.run();
    await w.post(returned('RMA-2', '70.00', 'pi_one'));
    await w.run();
    expect(await w.approve((await only(w)).id)).toMatchObject({ fault: { code: 'not-reservable' } });
    expect((await w.refunds()).map((refund) => refund.status)).toEqual(['held', 'refunded']);
  });

  it('F78 holds where the answer is about another amount', async () => {
    const w = await ready({
      network: (request) =>
        request.method === 'POST' ? { answered: (body) => body.replace(/"amount":\s*4200/, '"amount":42') } : undefined,
    });
    await w.post(of);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['echo-mismatch'] });
    expect(w.log.alarms()).toContain('echo-mismatch');
    expect(w.balance()).toMatchObject({ available: 5800n });
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F78 takes from the payment what the gateway says that it gave back, and says so whoever closes it', async () => {
    const w = await ready({ network: ({ method }) => (method === 'POST' ? 'lost-request' : undefined) });
    await w.post(of);
    await w.run(2000);
    const made = w.dashboard('pi_one', 9000, { refundKey: String(await keyOf(w)) })!;
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['echo-mismatch'] });
    expect(w.balance()).toMatchObject({ available: 1000n, refunded: 9000n });
    const { id } = await only(w);
    await w.deny(id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['closed-by-person'] });
    expect(w.balance()).toMatchObject({ available: 1000n, refunded: 9000n });
    // No more is promised than is left.
    await w.post(returned('RMA-2', '20.00', 'pi_one'));
    await w.run(minute);
    expect((await w.refunds()).find(({ return: name }) => name === 'RMA-2')).toMatchObject({ status: 'denied' });
    w.move(made, { status: 'failed' });
    await w.run(minute);
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
  });

  it('F78 takes an answer about another payment for none, and finds out what became of its own', async () => {
    const body = {
      id: 're_other',
      object: 'refund',
      amount: 4200,
      currency: 'eur',
      status: 'succeeded',
      payment_intent: 'pi_other',
    };
    let posts = 0;
    const w = await ready({
      network: ({ method }) =>
        method === 'POST' && posts++ === 0
          ? { instead: { status: 200, headers: {}, body: JSON.stringify(body) } }
          : undefined,
    });
    await w.post(of);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });

  it.each([
    ['succeeds', {}, 'succeeded'],
    ['fails', { failLater: 1 }, 'failed'],
  ] as const)(
    'F78 F91 shows a person that a refund %s which is held while it is pending, though no webhook comes',
    async (_, faults, state) => {
      const w = await ready({
        slow: true,
        pendingRate: 1,
        laterMs: 3 * hour,
        network: (request) =>
          request.method === 'POST'
            ? { answered: (body) => body.replace(/"amount":\s*4200/, '"amount":42') }
            : undefined,
      });
      w.faults({ dropWebhooks: 1, ...faults });
      await w.post(of);
      await w.run(minute);
      const held = await only(w);
      expect(held).toMatchObject({ status: 'held', reasons: ['echo-mismatch'] });
      await w.run(2 * day);
      const said = (await eventsOf(w)).filter(({ type }) => type === 'leg.accepted' || type === 'leg.failed');
      expect(said.at(-1)).toMatchObject(state === 'failed' ? { type: 'leg.failed' } : { state });
      expect(w.posts()).toHaveLength(1);
      expect(w.reads().length).toBeLessThan(15);
    },
  );

  it('F103 stops and tells when the gateway has two refunds for one leg', async () => {
    const w = await ready();
    w.accepted.add('surplus');
    await w.post(of);
    await w.run();
    w.dashboard('pi_one', 4200, { refundKey: await keyOf(w) });
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['two-refunds'] });
    expect(w.log.alarms()).toContain('two-refunds-for-one-leg');
    expect(w.balance()).toEqual({ available: 1600n, refunded: 8400n, inFlight: undefined });
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts().filter((call) => call.key !== null)).toHaveLength(1);
  });
});
