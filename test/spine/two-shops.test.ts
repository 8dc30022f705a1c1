import { describe, expect, it } from 'vitest';
import { returned } from './returned.ts';
import { credential, merchant, shop, stripe, stripeSecret, type World, world } from './world.ts';
import { shopify } from './world-shop.ts';

const statuses = async (w: World) => (await w.refunds()).map((refund) => [refund.status, ...refund.reasons]);

/** A merchant with two sources, and an account that takes for the shops named. */
function twoShops(ordersOf?: string): World {
  const account = {
    name: stripe,
    merchant,
    kind: 'gateway' as const,
    platform: 'stripe',
    mode: 'test' as const,
    settings: { baseUrl: 'http://127.0.0.1:1', ...(ordersOf !== undefined && { ordersOf }) },
    verifySecrets: [stripeSecret.reveal()],
    credential: credential.reveal(),
  };
  return world({ connections: [account] });
}

async function paidByNumber(w: World): Promise<World> {
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5000);
  await w.post(returned('RMA-1', '42.00', []));
  await w.run();
  return w;
}

describe('an order number that two shops of a merchant may both have', () => {
  it('pays nothing until a person has looked, where the account may take for either', async () => {
    for (const w of [twoShops(), twoShops(`${shop} ${shopify}`)]) {
      await paidByNumber(w);
      expect(await statuses(w)).toEqual([['held', 'other-shop']]);
      expect(w.posts()).toEqual([]);
      const [held] = await w.refunds();
      expect(await w.approve(held?.id ?? '')).toEqual({ is: 'done' });
      await w.run();
      expect(await statuses(w)).toEqual([['refunded']]);
      expect(w.moved()).toHaveLength(1);
    }
  });

  it('is the shop’s own where the account takes for it alone, or no two orders are called the same', async () => {
    for (const w of [twoShops(shop), twoShops('*')]) {
      await paidByNumber(w);
      expect(await statuses(w)).toEqual([['refunded']]);
    }
  });

  it('finds no payment of an account that takes for another shop', async () => {
    const w = await paidByNumber(twoShops(shopify));
    expect(await statuses(w)).toEqual([['waiting', 'payment-unknown']]);
    await w.run(8 * 24 * 3_600_000);
    expect(await statuses(w)).toEqual([['held', 'payment-not-found']]);
    expect(w.posts()).toEqual([]);
  });

  it('does not matter where the return names its payment', async () => {
    const w = twoShops();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    expect(await statuses(w)).toEqual([['refunded']]);
  });
});
