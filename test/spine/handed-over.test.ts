import { describe, expect, it } from 'vitest';
import { lookAgain } from '../../lib/app/look-again.ts';
import { correlationId, parseMerchant, parsePaymentId } from '../../lib/domain/ids.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { merchant, stripe, type World, world } from './world.ts';
import { shopify } from './world-shop.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const other = parseMerchant('other')!;

/** From now on the settings say that this connection is another merchant's, until it is given back. */
function handOver(w: World, name: string = stripe): () => void {
  const { connections } = w.needs;
  const { find } = connections;
  connections.find = async (one) => {
    const found = await find(one);
    return found && one === name ? { ...found, merchant: other } : found;
  };
  return () => {
    connections.find = find;
  };
}

/** With a refund that was approved before and not sent. */
async function handedOver(w: World): Promise<() => void> {
  await w.switchSending('stopped');
  await w.post(returned('RMA-1', '10.00', 'pi_one'));
  await w.run(minute);
  const giveBack = handOver(w);
  await w.switchSending('running');
  return giveBack;
}

/** Everything that stands under the other merchant's name. */
const ofOther = (w: World) => {
  const { journal, state } = w.table.dump();
  return [...journal, ...state].filter(({ pk }) => String(pk).startsWith(`${other}#`));
};

describe('a connection that settings have given to another merchant', () => {
  it('F23 pays nothing that was approved for the first one, and goes on when it is given back', async () => {
    const w = await ready({ slow: true });
    const giveBack = await handedOver(w);
    await w.run(day);
    expect(w.posts()).toEqual([]);
    expect(await w.refunds()).toMatchObject([{ status: 'approved' }]);
    giveBack();
    await w.run(day);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
    expect(ofOther(w)).toEqual([]);
  });

  it('F23 has what waits for it in front of a person in the end', async () => {
    const w = await ready({ slow: true });
    await handedOver(w);
    await w.run(5 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['cannot-process'] }]);
    expect(w.posts()).toEqual([]);
  });

  it('F23 is not asked by the first one, whose payments the other one does not learn of', async () => {
    const w = await ready({ slow: true });
    handOver(w);
    const known = w.table.dump().state.find(({ pk }) => String(pk).startsWith(`${merchant}#payment#`));
    const payment = parsePaymentId(String(known?.pk).split('#').at(-1) ?? '')!;
    const author = { actor: 'hand', cause: 'hand', correlation: correlationId('c') };
    expect(await lookAgain(w.needs, { merchant, payment, author })).toBeUndefined();
    expect(ofOther(w)).toEqual([]);
  });

  it('F23 does not have its earlier news taken into the other one’s books', async () => {
    const w = await ready({ slow: true });
    w.pay('pi_two', 10_000, { order: '1002' });
    w.may.relay = false;
    w.may.sweep = false;
    await w.run(minute);
    handOver(w);
    w.may.relay = true;
    w.may.sweep = true;
    await w.run(5 * day);
    expect(ofOther(w)).toEqual([]);
    expect(w.log.alarms()).toContain('notice-quarantined');
  });

  it('F23 has nothing decided on its payments, whether or not the return names them', async () => {
    for (const named of [['pi_one'], []]) {
      const w = await ready({ slow: true });
      handOver(w);
      await w.post(returned('RMA-1', '10.00', named));
      await w.run(minute);
      expect(await w.refunds()).toMatchObject([{ status: 'waiting' }]);
      await w.run(9 * day);
      expect(await w.refunds()).toMatchObject([{ status: 'held' }]);
      expect(w.posts()).toEqual([]);
    }
  });

  it('F23 F44 pays nothing twice that was paid by hand meanwhile, of which the other one heard', async () => {
    const w = await ready({ slow: true, neighbours: ['other'] });
    const giveBack = await handedOver(w);
    await w.run(day);
    w.dashboard('pi_one', 1000);
    await w.run(day / 2);
    giveBack();
    await w.run(day);
    expect(w.moved()).toHaveLength(1);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['refunded-elsewhere'] }]);
    await w.approve((await w.refunds())[0]!.id);
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('F23 F44 promises nothing from a balance that went elsewhere meanwhile, of which the other one heard', async () => {
    const w = await ready({ slow: true, neighbours: ['other'] });
    const giveBack = handOver(w);
    await w.post(returned('RMA-1', '60.00', 'pi_one'));
    await w.run(minute);
    w.dashboard('pi_one', 5000);
    await w.run(day);
    giveBack();
    await w.run(day);
    expect(w.moved()).toHaveLength(1);
    expect(w.posts()).toHaveLength(1);
    expect(await w.refunds()).toMatchObject([{ status: 'denied' }]);
  });

  it('F23 F46 F102 hears when a success is next looked for what the other one heard of its payment', async () => {
    const w = await ready({ slow: true, neighbours: ['other'] });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(minute);
    const giveBack = handOver(w);
    w.dashboard('pi_one', 5000);
    w.dispute('pi_one');
    await w.run(2 * day);
    giveBack();
    await w.run(6 * day);
    expect(w.disputed()).toMatchObject({ disputes: 1n, available: 4000n });
    expect(w.log.alarms()).toContain('dispute-opened');
  });

  it('F23 takes in what its gateway sends again when it is given back, though the other one heard it before', async () => {
    const w = await ready({ slow: true, neighbours: ['other'] });
    const giveBack = handOver(w);
    const id = w.dashboard('pi_one', 5000);
    const object = { object: 'refund', id, amount: 5000, currency: 'eur', payment_intent: 'pi_one', charge: null };
    const told = () => w.tell('refund.created', { ...object, metadata: {}, status: 'succeeded' }, 'evt_told');
    await told();
    await w.run(day);
    giveBack();
    await w.run(day);
    expect(w.balance()).toMatchObject({ available: 10_000n });
    await told();
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 5000n });
  });

  it('F23 is not asked about a return that the first one’s shop told of, nor told of its refund', async () => {
    const w = world({ slow: true, shopSettings: { payOn: 'return-processed' } });
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one');
    await w.run(minute);
    await w.switchSending('stopped');
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
    await w.run(minute);
    const giveBack = handOver(w, shopify);
    await w.switchSending('running');
    w.shop.staff('_returns', { id: 8, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
    await w.run(2 * 60 * minute);
    expect(w.moved()).toHaveLength(1);
    expect(w.shop.told()).toEqual([]);
    giveBack();
    await w.run(2 * day);
    expect(w.shop.told()).toHaveLength(1);
  });
});
