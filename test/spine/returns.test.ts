import { describe, expect, it } from 'vitest';
import { parseConnection } from '../../lib/domain/ids.ts';
import { ready } from './ready.ts';
import { bodyOf, line, type Returned } from './returned.ts';
import { credential, merchant, stripe, stripeSecret, type World, world } from './world.ts';

const minute = 60_000;
const first: Returned = { return: 'RMA-1', payment: 'pi_one', lines: [line('20.00', 'a')] };
const second: Returned = { ...first, lines: [line('20.00', 'a'), line('15.00', 'b', 2)] };

const stripeTwo = {
  name: parseConnection('stripe-two')!,
  kind: 'gateway',
  platform: 'stripe',
  mode: 'test',
  settings: { baseUrl: 'http://127.0.0.1:1' },
} as const;

async function posted(...all: Returned[]) {
  const w = await ready();
  for (const one of all) {
    await w.post(one);
    await w.run();
  }
  return w;
}

describe('what a return owes', () => {
  it('pays two parcels of one return as two refunds, each its part', async () => {
    const w = await posted(first, second);
    expect(await w.refunds()).toMatchObject([
      { status: 'refunded', amountMinor: 2000n },
      { status: 'refunded', amountMinor: 1500n },
    ]);
    expect(w.moved().map((refund) => refund.amountMinor)).toEqual([2000, 1500]);
  });

  it('F4 F5 never pays for an older state of the return that is sent again under a new id, however often', async () => {
    const w = await posted(first, second, first, first, second, first, second);
    expect(w.moved().map((refund) => refund.amountMinor)).toEqual([2000, 1500]);
    const held = (await w.refunds()).slice(2);
    expect(held).toMatchObject([{ status: 'held', reasons: ['return-shrank'], amountMinor: 0n }]);
    expect(await w.approve(held[0]!.id)).toMatchObject({ fault: { code: 'nothing-to-pay' } });
    expect(await w.deny(held[0]!.id)).toEqual({ is: 'done' });
    await w.run();
    expect(w.posts()).toHaveLength(2);
  });

  it('F5 still knows what was promised a year later', async () => {
    const w = await posted(first, second);
    await w.run(365 * 24 * 60 * minute);
    await w.post(first);
    await w.post(second);
    await w.run();
    expect(w.posts()).toHaveLength(2);
  });

  it('F11 F12 pays the later state when it comes first, and nothing for the earlier one', async () => {
    const w = await posted(second, first);
    expect(w.moved().map((refund) => refund.amountMinor)).toEqual([3500]);
  });

  it('holds a return that became smaller, and pays what grows beyond what was promised', async () => {
    const two = line('20.00', 'a', 2);
    const w = await posted(
      { ...first, lines: [two] },
      { ...first, lines: [line('10.00', 'a', 1)] },
      { ...first, lines: [two, line('15.00', 'b')] },
    );
    const [, held, grown] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['return-shrank'], amountMinor: 0n });
    expect(grown).toMatchObject({ status: 'refunded', amountMinor: 1500n });
  });

  describe('that states less while its refund is not sent', () => {
    const two: Returned = { ...first, lines: [line('20.00', 'a', 2)] };
    const one: Returned = { ...first, lines: [line('10.00', 'a', 1)] };
    /** A person sees it before anything is paid, and what they say yes to is paid. */
    const isHeld = async (w: World, reasons: readonly string[]) => {
      const [refund] = await w.refunds();
      expect(refund).toMatchObject({ status: 'held', amountMinor: 2000n });
      expect(refund?.reasons).toEqual(reasons);
      expect(w.posts()).toEqual([]);
      await w.approve(refund!.id);
      await w.run();
      expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([2000]);
    };

    it('F41 holds it for that as well where it is held', async () => {
      const w = await ready({ approvalLimit: '1.00' });
      for (const of of [two, one, two]) {
        await w.post(of);
        await w.run();
      }
      await isHeld(w, ['over-limit', 'return-shrank']);
    });

    it('F41 holds it where it waits for its payment', async () => {
      const w = world();
      for (const of of [two, one]) {
        await w.post(of);
        await w.run();
      }
      w.pay('pi_one', 10_000, { order: '1001' });
      await w.run();
      await isHeld(w, ['return-shrank']);
    });

    it('F41 holds it where it waits for its turn', async () => {
      const w = await ready();
      await w.switchSending('stopped');
      for (const of of [two, one]) {
        await w.post(of);
        await w.run();
      }
      await w.switchSending('running');
      await w.run();
      await isHeld(w, ['return-shrank']);
    });

    it('F41 F46 holds it where it waits for the end of a dispute, also when that ends well', async () => {
      const w = await ready();
      await w.switchSending('stopped');
      await w.post(two);
      await w.run();
      const dispute = w.dispute('pi_one');
      await w.run(1000);
      await w.switchSending('running');
      await w.run();
      await w.post(one);
      await w.run();
      w.endDispute(dispute, 'won');
      await w.run();
      await isHeld(w, ['payment-disputed', 'return-shrank']);
    });
  });

  it('holds a return whose price changed', async () => {
    const w = await posted(first, { ...first, lines: [line('30.00', 'a')] });
    expect(w.moved().map((refund) => refund.amountMinor)).toEqual([2000]);
    const [, held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['return-changed'], amountMinor: 1000n });
    expect(await w.approve(held!.id)).toEqual({ is: 'done' });
    await w.run();
    expect(w.moved().map((refund) => refund.amountMinor)).toEqual([2000, 1000]);
  });

  it('holds a return that changes its order or its currency', async () => {
    const other = await posted(first, { ...second, order: '1002' });
    expect((await other.refunds())[1]).toMatchObject({ status: 'held', amountMinor: 1500n });
    expect((await other.refunds())[1]?.reasons).toContain('other-order');
    const foreign = await posted(first, { ...second, currency: 'USD' });
    expect((await foreign.refunds())[1]?.reasons).toContain('other-currency');
    expect(foreign.moved()).toHaveLength(1);
  });

  it('only records that goods were received', async () => {
    const w = await posted({ ...first, trigger: 'received' });
    expect(await w.refunds()).toEqual([]);
    const notices = w.table.dump().state.filter((item) => item.kind === 'return');
    expect(notices).toMatchObject([{ status: 'done' }]);
    await w.post(first);
    await w.run();
    expect(w.moved()).toHaveLength(1);
  });

  it('F55 refunds nothing where fees reach the amount, and only the rest where more comes back', async () => {
    const fees = [{ kind: 'restocking', amount: '25.00' }];
    const w = await posted({ ...first, fees });
    expect(await w.refunds()).toEqual([]);
    await w.post({ ...second, fees });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 1000n }]);
  });

  it('F53 cancels a refund that is not sent yet and gives its amount back', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(first);
    await w.run(2000);
    expect(w.balance()).toMatchObject({ available: 8000n });
    await w.post({ ...first, trigger: 'cancelled' });
    await w.run(2000);
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    expect(w.posts()).toEqual([]);
  });

  it('F53 says that it is too late once a request was allowed', async () => {
    const w = await posted(first, { ...first, trigger: 'cancelled' });
    const [refund] = await w.refunds();
    expect(refund).toMatchObject({ status: 'refunded' });
    expect((await w.events(refund!.id)).map((event) => event.type)).toContain('refund.cancel-refused');
    expect(w.balance()).toMatchObject({ available: 8000n, refunded: 2000n });
  });

  it('F53 asks a person before it pays what the gateway only said "not now" to when the return was cancelled', async () => {
    const w = await ready();
    w.faults({ rateLimit: 1 });
    await w.post(first);
    await w.run(2000);
    await w.post({ ...first, trigger: 'cancelled' });
    await w.run(2000);
    w.faults({});
    await w.run(60 * minute);
    const [refund] = await w.refunds();
    expect(refund).toMatchObject({ status: 'held', reasons: ['return-cancelled'] });
    expect(w.moved()).toEqual([]);
    await w.approve(refund!.id);
    await w.run();
    expect(w.moved()).toHaveLength(1);
  });

  it.each([0, 25])(
    'F53 asks a person before it asks again for what was in doubt when the return was cancelled, and is not there, %i h later',
    async (hours) => {
      let reachable = false;
      const w = await ready({ slow: true, network: () => (reachable ? undefined : 'lost-request') });
      await w.post(first);
      await w.run(2000);
      await w.post({ ...first, trigger: 'cancelled' });
      await w.run(hours * 60 * minute);
      expect(await w.refunds()).toMatchObject([{ status: 'unknown' }]);
      reachable = true;
      await w.run(2 * 60 * minute);
      const [refund] = await w.refunds();
      expect(refund).toMatchObject({ status: 'held', reasons: ['return-cancelled'] });
      expect(w.moved()).toEqual([]);
      await w.approve(refund!.id);
      await w.run(2 * 60 * minute);
      expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
      expect(w.moved()).toHaveLength(1);
    },
  );

  it('F53 F57 finds what was in doubt when the return was cancelled, and did arrive', async () => {
    let replies = 0;
    const w = await ready({ slow: true, network: () => (replies++ === 0 ? 'lost-reply' : undefined) });
    w.faults({ dropWebhooks: 1 });
    await w.post(first);
    await w.run(2000);
    await w.post({ ...first, trigger: 'cancelled' });
    await w.run(60 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
  });

  it('F48 F53 asks a person before it pays the part of a cancelled return that another account was not asked for', async () => {
    const two = { ...stripeTwo, merchant, verifySecrets: [stripeSecret.reveal()], credential: credential.reveal() };
    const w = await ready({ connections: [two] });
    w.pay('pi_two', 5000, { silent: true });
    await w.switchAccount('stopped', two.name);
    const both: Returned = { ...first, payment: ['pi_one', 'pi_two'], lines: [line('120.00', 'a')] };
    const says = (trigger: 'approved' | 'cancelled') => {
      const body = JSON.parse(bodyOf({ ...both, trigger }, stripe));
      body.data.payments[1].connection = two.name;
      return w.postSigned(JSON.stringify(body), trigger);
    };
    await says('approved');
    await w.run();
    await says('cancelled');
    await w.run();
    await w.switchAccount('running', two.name);
    await w.run(60 * minute);
    const [refund] = await w.refunds();
    expect(refund).toMatchObject({ status: 'held', reasons: ['return-cancelled'] });
    expect(w.moved().map(({ payment, amountMinor }) => [payment, amountMinor])).toEqual([['pi_one', 10_000]]);
  });

  it('F53 cancels a refund that waits or is held', async () => {
    const waits = world();
    await waits.post(first);
    await waits.run(2000);
    await waits.post({ ...first, trigger: 'cancelled' });
    await waits.run(2000);
    waits.pay('pi_one', 10_000, { order: '1001' });
    await waits.run();
    expect(await waits.refunds()).toMatchObject([{ status: 'cancelled' }]);
    const held = await ready({ approvalLimit: '1.00' });
    await held.post(first);
    await held.run(2000);
    await held.post({ ...first, trigger: 'cancelled' });
    await held.run();
    expect(await held.refunds()).toMatchObject([{ status: 'cancelled' }]);
    const [refund] = await held.refunds();
    expect(await held.approve(refund!.id)).toMatchObject({ fault: { code: 'not-held' } });
  });

  it('F53 asks a person before it pays for a return that was cancelled, whichever came first', async () => {
    const cancelled: Returned = { ...first, trigger: 'cancelled' };
    for (const order of [
      [cancelled, first],
      [cancelled, cancelled, first, first],
    ]) {
      const w = await posted(...order);
      const refunds = await w.refunds();
      expect(refunds).toMatchObject([{ status: 'held', reasons: ['return-cancelled'], amountMinor: 2000n }]);
      expect(w.posts()).toEqual([]);
      await w.approve(refunds[0]!.id);
      await w.run();
      expect(w.moved()).toHaveLength(1);
    }
  });

  it('F53 races cancel and approval side by side without paying a cancelled refund', async () => {
    for (let wait = 0; wait < 12; wait += 1) {
      const w = await ready({ crowd: true, seed: `race-${wait}` });
      w.send(first);
      if (wait > 6) await w.run(wait - 6);
      w.send({ ...first, trigger: 'cancelled' });
      await w.run();
      const [refund] = await w.refunds();
      expect(['held', 'refunded', 'cancelled']).toContain(refund?.status);
      expect(w.moved()).toHaveLength(refund?.status === 'refunded' ? 1 : 0);
    }
  });
});
