import { describe, expect, it } from 'vitest';
import { line, returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const only = async (w: World) => (await w.refunds())[0]!;
const statuses = async (w: World) => (await w.refunds()).map((refund) => refund.status);

describe('the payments of a return', () => {
  it('F35 F108 allow no more than was captured, of forty concurrent returns, where the gateway would', async () => {
    for (const seed of ['a', 'b', 'c']) {
      const w = world({ crowd: true, seed });
      w.pay('pi_one', 10_000, { order: '1001' });
      await w.run(5000);
      w.faults({ noCap: true });
      for (let n = 1; n <= 40; n += 1) w.send(returned(`RMA-${n}`, '5.00', 'pi_one'));
      await w.run(30 * minute);
      const refunds = await w.refunds();
      expect(refunds.filter((refund) => refund.status === 'refunded')).toHaveLength(20);
      const others = refunds.filter((refund) => refund.status !== 'refunded');
      expect(others.every(({ status, reasons }) => ['held', 'denied'].includes(status) && reasons.length > 0)).toBe(
        true,
      );
      expect(w.moved().reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(10_000);
      expect(w.balance()).toEqual({ available: 0n, refunded: 10_000n, inFlight: undefined });
      for (const { id, status } of others) if (status === 'held') await w.approve(id);
      await w.run(30 * minute);
      expect(w.moved()).toHaveLength(20);
    }
  });

  it('F41 deny more than was ever captured, and never clamp', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.post(returned('RMA-1', '100.01', 'pi_one'));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'], amountMinor: 10_001n });
    expect(w.posts()).toEqual([]);
  });

  it('F41 F42 hold what more may still be captured for, and pay it then', async () => {
    const capturable = {
      answered: (body: string) => body.replace('"amount_capturable": 0', '"amount_capturable": 5000'),
    };
    const w = world({ network: ({ url }) => (url.includes('/payment_intents/') ? capturable : undefined) });
    w.pay('pi_one', 10_000, { order: '1001', capturedMinor: 5000 });
    await w.run(5000);
    await w.post(returned('RMA-1', '80.00', 'pi_one'));
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(minute);
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', amountMinor: 8000n });
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([8000]);
  });

  it('F41 hold what another refund has promised already, and pay it when that one is given up', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '60.00', 'pi_one'));
    await w.run(5000);
    await w.post(returned('RMA-2', '60.00', 'pi_one'));
    await w.run(5000);
    const second = (await w.refunds())[1]!;
    expect(second).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    await w.approve(second.id);
    await w.run(minute);
    expect((await w.refunds())[1]).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    await w.post(returned('RMA-1', '60.00', 'pi_one', { trigger: 'cancelled' }));
    await w.run(minute);
    await w.approve(second.id);
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(await statuses(w)).toEqual(['cancelled', 'refunded']);
  });

  it('may become known later: the return waits, and the capture of its order wakes it', async () => {
    const w = world({ slow: true });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(60 * minute);
    expect(await only(w)).toMatchObject({ status: 'waiting', reasons: ['payment-unknown'] });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(1000);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('F91 are found by asking where no webhook tells of them', async () => {
    const w = world();
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(minute);
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('that never become known put the return before a person, who may let it be looked for again', async () => {
    const w = world();
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(17 * minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-not-found'] });
    await w.approve((await only(w)).id);
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'waiting' });
    w.pay('pi_one', 10_000, { silent: true });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('may be left out where the order has one, or two', async () => {
    const w = world();
    w.pay('pi_one', 1000, { order: '1001' });
    w.pay('pi_two', 5000, { order: '1001' });
    w.pay('pi_three', 50_000, { order: '1002' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00'));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toMatchObject([
      { payment: 'pi_one', amountMinor: 1000 },
      { payment: 'pi_two', amountMinor: 3200 },
    ]);
  });

  it('F48 are used in the listed order, one leg each, and legs end apart', async () => {
    const w = world();
    w.pay('pi_one', 3000, { order: '1001' });
    w.pay('pi_two', 3000, { order: '1001' });
    await w.run(5000);
    w.simulator.openDispute({ payment: 'pi_one' }, w.clock.now());
    await w.post(returned('RMA-1', '42.00', ['pi_two', 'pi_one']));
    await w.run();
    expect(w.moved()).toMatchObject([{ payment: 'pi_two', amountMinor: 3000 }]);
    const { id, status } = await only(w);
    expect(status).toBe('held');
    expect((await w.show(id))?.legs).toMatchObject([
      { leg: 1, amountMinor: 3000n, state: 'refunded' },
      { leg: 2, amountMinor: 1200n, state: 'held' },
    ]);
    await w.deny(id);
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'partly-refunded' });
  });

  it('F48 do not keep each other back: one leg without an answer does not stop the other', async () => {
    let drops = 0;
    const w = world({
      network: (request) =>
        request.body.includes('pi_one') && request.method === 'POST' && drops++ < 3 ? 'lost-request' : undefined,
    });
    w.pay('pi_one', 3000, { order: '1001' });
    w.pay('pi_two', 3000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', ['pi_one', 'pi_two']));
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(2);
  });

  it('of another order are not used without a person', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', 'pi_one', { order: '1002' }));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['other-order'] });
    expect(w.posts()).toEqual([]);
  });

  it('belong to the first order that is paid from them', async () => {
    const w = world();
    w.pay('pi_one', 10_000);
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', 'pi_one', { order: '1001' }));
    await w.run(5000);
    await w.post(returned('RMA-2', '1.00', 'pi_one', { order: '1002' }));
    await w.run();
    expect(await statuses(w)).toEqual(['refunded', 'held']);
  });

  it('are the same under each of their names', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '60.00', 'ch_one'));
    await w.run(5000);
    await w.post(returned('RMA-2', '60.00', 'pi_one'));
    await w.run();
    await w.post(returned('RMA-3', '40.00', ['pi_one', 'ch_one']));
    await w.run();
    expect(await statuses(w)).toEqual(['refunded', expect.stringMatching(/held|denied/), 'refunded']);
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([6000, 4000]);
    const payments = w.table.dump().state.filter((item) => item.captured !== undefined);
    expect(payments).toHaveLength(1);
  });

  it('named at a connection that does not exist are not waited for', async () => {
    const w = world();
    for (const [n, at] of ['nowhere', 'generic-demo'].entries())
      await w.post(returned(`RMA-${n}`, '42.00', 'pi_one', { at }));
    await w.run(5000);
    expect(await w.refunds()).toMatchObject(Array(2).fill({ status: 'held', reasons: ['payment-not-found'] }));
  });

  it('F48 F76 F101 that have what one leg needs are tried again, though another one has it no more', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    w.pay('pi_two', 5000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '120.00', ['pi_one', 'pi_two']));
    await w.run();
    for (const { id } of w.simulator.refunds()) w.move(id, { status: 'failed' });
    await w.run();
    await w.post(returned('RMA-2', '40.00', 'pi_two'));
    await w.run();
    await w.approve((await only(w)).id);
    await w.run();
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4000, 10_000]);
  });

  it('F39 are refunded when a return is stated in their currency, after it was denied for another one', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', 'pi_one', { currency: 'USD' }));
    await w.run();
    await w.deny((await w.refunds())[0]!.id);
    await w.post(returned('RMA-1', '40.00', 'pi_one'));
    await w.run();
    await w.approve((await w.refunds()).at(-1)!.id);
    await w.run();
    expect(w.moved()).toMatchObject([{ amountMinor: 4000 }]);
    // From now on it is a return like any other.
    await w.post({ return: 'RMA-1', payment: 'pi_one', lines: [line('40.00'), line('5.00', 'l2')] });
    await w.run();
    expect(w.moved()).toMatchObject([{ amountMinor: 4000 }, { amountMinor: 500 }]);
  });

  it('F39 F41 are not sent what their return states in another currency by now', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    await w.post(returned('RMA-1', '50.00', 'pi_one', { currency: 'USD' }));
    await w.run();
    await w.switchSending('running');
    await w.run();
    expect(await w.refunds()).toMatchObject([
      { status: 'held', reasons: ['return-shrank'] },
      { status: 'held', amountMinor: 5000n, reasons: ['other-currency'] },
    ]);
    expect(w.moved()).toEqual([]);
  });

  it('F39 F41 owe no less for what a return once stated in another currency', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    await w.post(returned('RMA-1', '50.00', 'pi_one', { currency: 'USD' }));
    await w.run();
    await w.deny((await w.refunds()).at(-1)!.id);
    await w.post({ return: 'RMA-1', payment: 'pi_one', lines: [line('42.00'), line('18.00', 'l2')] });
    await w.run();
    expect((await w.refunds()).at(-1)).toMatchObject({ amountMinor: 1800n });
  });

  it('F39 in another currency are never converted', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', currency: 'USD' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['other-currency'] });
    await w.approve((await only(w)).id);
    await w.run();
    expect(w.posts()).toEqual([]);
  });

  it.each([
    ['JPY', '4200', 4200, 10_000],
    ['KWD', '4.200', 4200, 10_000],
    ['ISK', '42', 42, 100],
    ['HUF', '42.00', 4200, 10_000],
  ])('F38 are refunded in %s as exactly %s', async (currency, price, moved, captured) => {
    const w = world({ approvalLimit: '10000' });
    w.pay('pi_one', captured, { order: '1001', currency });
    await w.post(returned('RMA-1', price, 'pi_one', { currency }));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'refunded', amountMinor: BigInt(moved), currency });
    expect(w.moved()).toMatchObject([{ amountMinor: moved, currency }]);
  });

  it('F38 are not used for an amount that the gateway can not express', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', currency: 'KWD' });
    await w.post(returned('RMA-1', '4.205', 'pi_one', { currency: 'KWD' }));
    await w.run();
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['not-expressible'] });
  });
});
