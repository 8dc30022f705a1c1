import { describe, expect, it } from 'vitest';
import { sign } from '../../lib/adapters/sources/shopify/sign.ts';
import { assessWork } from '../../lib/app/assess.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { returned } from './returned.ts';
import { type World, type WorldOptions, world } from './world.ts';
import { shopifySecret } from './world-shop.ts';

const day = 24 * 3_600_000;

/** A shop with one order of two mugs for 48.00, captured at Stripe. */
function sold(options: WorldOptions = {}): World {
  const w = world(options);
  w.pay('pi_one', 4800, { order: '1001' });
  w.shop.sell(1001, 'pi_one');
  return w;
}

const oneMug = { order: 1001, lines: [{ id: 1, quantity: 1 }] };
const statuses = async (w: World) => (await w.refunds()).map((refund) => refund.status);
const amounts = (w: World) => w.moved().map((refund) => refund.amountMinor);
const outcomes = (w: World) =>
  w.table
    .dump()
    .journal.filter((item) => String(item.pk).includes('#notice#shopify-demo#'))
    .flatMap((item) => [...String(item.body).matchAll(/"outcome":"([a-z-]+)"/g)].map((match) => match[1]));

/** A success is looked at again at a few ages, whatever comes in meanwhile. */
const withoutCheck = <T extends { readonly dueAt: number | null }>({ dueAt: _, ...rest }: T) => rest;

describe('a refund record of a Shopify shop', () => {
  it('is paid once, at the amount that the shop confirms', async () => {
    const w = sold();
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(await w.refunds()).toMatchObject([
      { status: 'refunded', amountMinor: 2400n, return: expect.stringMatching(/^refund\//) },
    ]);
    expect(amounts(w)).toEqual([2400]);
    expect(w.shop.told()).toEqual([]);
  });

  it('of a return raises what was promised for that return', async () => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run();
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run();
    expect(await w.refunds()).toMatchObject([
      { return: 'gid://shopify/Return/7', amountMinor: 2400n, status: 'refunded' },
      { return: 'gid://shopify/Return/7', amountMinor: 2400n, status: 'refunded' },
    ]);
  });

  it('less what a return costs, and with its shipping', async () => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1, fee: '3.00' }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7, shipping: { amount: '5.00', tax: '1.00' } });
    await w.run();
    expect(amounts(w)).toEqual([2700]);
  });

  it('whose prices contain their tax pays the tax once', async () => {
    const w = world();
    w.pay('pi_one', 4000, { order: '1001' });
    w.shop.sell(1001, 'pi_one', {
      taxesIncluded: true,
      transactions: [{ gateway: 'stripe', reference: 'pi_one', amount: '40.00' }],
    });
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(amounts(w)).toEqual([2000]);
  });

  it('F48 is paid on the order’s payment where the shop names none', async () => {
    const w = world();
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, undefined);
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(amounts(w)).toEqual([2400]);
  });

  it('F48 of an order that something unknown paid in part waits for a person', async () => {
    const w = world();
    w.pay('pi_one', 2400, { order: '1001' });
    const transactions = [
      { gateway: 'stripe', reference: 'pi_one', amount: '24.00' },
      { gateway: 'gift_card', reference: 'x', amount: '24.00' },
    ];
    w.shop.sell(1001, undefined, { transactions });
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['unknown-tender'] }]);
  });
});

describe('money that the shop moved itself', () => {
  it.each(['SUCCESS', 'PENDING'])('is adopted and never paid again (%s)', async (status) => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '24.00', status });
    await w.run();
    expect(await w.refunds()).toEqual([]);
    expect(w.moved()).toEqual([]);
    expect(outcomes(w)).toEqual(status === 'SUCCESS' ? ['nothing-owed'] : []);
    Object.assign(w.shop.simulator.state.refunds[0]!, { status: 'SUCCESS' });
    await w.run(day);
    expect(w.moved()).toEqual([]);
    expect(outcomes(w)).toEqual(['nothing-owed']);
  });

  it('F77 that stays under way is asked for less and less often, and is in front of a person after a fortnight', async () => {
    let asked = 0;
    const w = sold({
      slow: true,
      shopNetwork: () => {
        asked += 1;
        return undefined;
      },
    });
    w.shop.staff('_refunds', { ...oneMug, moved: '24.00', status: 'PENDING' });
    await w.run(13 * day);
    expect(asked).toBeLessThan(25);
    expect(w.log.alarms()).toEqual([]);
    await w.run(2 * day);
    expect(w.log.lines).toContainEqual(
      expect.objectContaining({
        code: 'notice-quarantined',
        about: expect.objectContaining({ code: 'pending-too-long' }),
      }),
    );
    expect(w.moved()).toEqual([]);
  });

  it.each(['SUCCESS', 'PENDING'])(
    'F77 holds what is not sent yet of its return, also by amount: %s',
    async (status) => {
      const w = sold();
      w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1 }] });
      await w.switchSending('stopped');
      w.shop.staff('_refunds', { ...oneMug, return: 7 });
      await w.run();
      expect(await statuses(w)).toEqual(['approved']);
      w.shop.staff('_refunds', { order: 1001, return: 7, lines: [], moved: '24.00', status });
      await w.run();
      await w.switchSending('running');
      await w.run();
      expect((await w.refunds())[0]).toMatchObject({ status: 'held', reasons: ['moved-by-shop'] });
      expect(amounts(w)).toEqual([]);
    },
  );

  it('F53 that is under way keeps no return from being cancelled', async () => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7, moved: '24.00', status: 'PENDING' });
    w.shop.staff('_returns', { id: 7, order: 1001, status: 'CANCELED', lines: [{ id: 1, quantity: 1 }] });
    await w.run();
    expect(outcomes(w)).toContain('return-cancelled');
  });

  it('F76 that was under way is looked at again, since the shop tells nobody when it fails', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '24.00', status: 'PENDING' });
    await w.run();
    Object.assign(w.shop.simulator.state.refunds[0]!, { status: 'FAILURE' });
    await w.run(40 * day);
    expect([await w.refunds(), w.log.alarms()]).not.toEqual([[], []]);
  });

  it('is paid by us where the shop’s own transaction failed', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '24.00', status: 'FAILURE' });
    await w.run();
    expect(amounts(w)).toEqual([2400]);
  });

  it('beside an unpaid record of the same return leaves that one owed', async () => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7, moved: '24.00' });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run();
    expect(amounts(w)).toEqual([2400]);
  });

  it('in part waits for a person, with the rest as its amount', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '10.00' });
    await w.run();
    const [held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['moved-by-shop'], amountMinor: 1400n });
    await w.approve(held?.id ?? '');
    await w.run();
    expect(amounts(w)).toEqual([1400]);
  });

  it('less a correction that explains the rest is all of it', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '20.00', adjusted: '4.00' });
    await w.run();
    expect(await w.refunds()).toEqual([]);
  });

  it.each([
    ['by amount, without goods', { lines: [], moved: '24.00' }, {}, 2400n],
    [
      'by amount, with the correction that the shop books for it',
      { lines: [], moved: '24.00', adjusted: '24.00' },
      {},
      2400n,
    ],
    ['for all of it, in one record', { moved: '48.00' }, {}, 2400n],
    ['in parts, more in one record than it states and less in another', { moved: '36.00' }, { moved: '12.00' }, 1200n],
    ['with something on top', { moved: '34.00', adjusted: '10.00' }, {}, 2400n],
  ])('%s, may be the money of another record of the return: a person looks', async (_, first, second, amountMinor) => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7, ...first });
    w.shop.staff('_refunds', { ...oneMug, return: 7, ...second });
    await w.run();
    expect(w.moved()).toEqual([]);
    expect((await w.refunds()).at(-1)).toMatchObject({ status: 'held', reasons: ['moved-by-shop'], amountMinor });
  });

  it('more than its record states, with nothing else to pay, is the affair of the shop', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, moved: '30.00', adjusted: '6.00' });
    await w.run();
    expect(await w.refunds()).toEqual([]);
    expect(outcomes(w)).toEqual(['nothing-owed']);
  });

  it('a correction without money waits for a person', async () => {
    const w = sold();
    w.shop.staff('_refunds', { ...oneMug, adjusted: '4.00' });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['adjusted-by-shop'], amountMinor: 2000n }]);
  });
});

describe('a captured Shopify body', () => {
  const paid = async () => {
    const w = sold();
    w.shop.staff('_refunds', oneMug);
    await w.run();
    const [captured] = w.shopWebhooks;
    if (captured === undefined) throw new Error('nothing was delivered');
    return { w, captured };
  };

  it.each([
    ['another topic', { 'x-shopify-topic': 'returns/approve' }],
    ['a topic that is not ours', { 'x-shopify-topic': 'orders/paid' }],
    ['another topic in the newer headers', { 'shopify-topic': 'returns/process' }],
    ['another shop', { 'x-shopify-shop-domain': 'other.myshopify.com' }],
    ['another delivery id', { 'x-shopify-webhook-id': 'other' }],
    ['another event id and time', { 'x-shopify-event-id': 'e', 'x-shopify-triggered-at': '2030-01-01T00:00:00Z' }],
  ])('F3 F4 F127 replayed with %s changes nothing', async (_how, headers) => {
    const { w, captured } = await paid();
    const before = (await w.refunds()).map(withoutCheck);
    const received = await w.postShop(captured.body, { ...captured.headers, ...headers });
    expect(['seen', 'quarantined']).toContain(received.is);
    await w.run(day);
    expect((await w.refunds()).map(withoutCheck)).toEqual(before);
    expect(amounts(w)).toEqual([2400]);
  });

  it('F127 of a return, in the very words of an earlier state, makes us ask once more', async () => {
    const w = sold({ shopSettings: { payOn: 'return-processed' } });
    const body = JSON.stringify({
      id: 7,
      admin_graphql_api_id: 'gid://shopify/Return/7',
      status: 'open',
      order: { id: 1001, admin_graphql_api_id: 'gid://shopify/Order/1001' },
      return_line_items: [{ id: 1, quantity: 2 }],
    });
    const post = (event: string) =>
      w.postShop(body, {
        ...sign(body, shopifySecret),
        'x-shopify-topic': 'returns/update',
        'x-shopify-event-id': event,
      });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }], silent: true });
    await post('approved');
    await w.run();
    expect(amounts(w)).toEqual([]);
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 2 }], silent: true });
    expect(await post('processed')).toMatchObject({ is: 'recorded' });
    expect(await post('processed')).toMatchObject({ is: 'seen' });
    await post('an attacker’s own');
    await w.run(day);
    expect(amounts(w)).toEqual([4800]);
  });

  it('F12 that is faster than what the shop answers from is asked for again', async () => {
    const w = sold();
    await w.run();
    w.shop.staff('_refunds', { ...oneMug, silent: true });
    const hidden = w.shop.simulator.state.refunds.splice(0);
    const body = JSON.stringify({
      admin_graphql_api_id: `gid://shopify/Refund/${hidden[0]?.id}`,
      return: null,
      refund_line_items: [],
      transactions: [],
    });
    await w.postShop(body, { ...sign(body, shopifySecret), 'x-shopify-topic': 'refunds/create' });
    await w.run(5000);
    w.shop.simulator.state.refunds.push(...hidden);
    await w.run();
    expect(amounts(w)).toEqual([2400]);
  });

  it('F127 that came first with another topic does not stand in the way of the real one', async () => {
    const w = sold();
    const refund = w.shop.staff('_refunds', { ...oneMug, silent: true });
    expect(refund).toBeDefined();
    const body = JSON.stringify({
      admin_graphql_api_id: `gid://shopify/Refund/${w.shop.simulator.state.refunds[0]?.id}`,
      return: null,
      refund_line_items: [],
      transactions: [],
    });
    const signed = sign(body, shopifySecret);
    expect(await w.postShop(body, { ...signed, 'x-shopify-topic': 'returns/cancel' })).toEqual({ is: 'quarantined' });
    expect(await w.postShop(body, { ...signed, 'x-shopify-shop-domain': 'other.myshopify.com' })).toEqual({
      is: 'quarantined',
    });
    expect(await w.postShop(body, { ...signed, 'x-shopify-topic': 'refunds/create' })).toMatchObject({
      is: 'recorded',
    });
    await w.run();
    expect(amounts(w)).toEqual([2400]);
  });

  it('F5 F8 F12 of an old state, a day late, comes to the present one', async () => {
    const w = sold();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7, silent: true });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run(day);
    const again = w.shopWebhooks.map(({ body, headers }) => w.postShop(body, headers));
    await Promise.all(again);
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4800n }]);
    expect(amounts(w)).toEqual([4800]);
  });

  it('F1 with another secret is refused', async () => {
    const { w, captured } = await paid();
    const forged = sign(captured.body, new Secret('some_other_client_secret'));
    expect(await w.postShop(captured.body, forged)).toMatchObject({ is: 'fault', fault: { code: 'bad-signature' } });
  });
});

describe('a shop that is asked back', () => {
  it('F23 and has no such return pays nothing, and somebody hears of it', async () => {
    const w = sold();
    const body = JSON.stringify({
      admin_graphql_api_id: 'gid://shopify/Return/99',
      status: 'open',
      return_line_items: [],
    });
    await w.postShop(body, sign(body, shopifySecret));
    await w.run();
    expect(await w.refunds()).toEqual([]);
    expect(outcomes(w)).toEqual(['quarantined']);
    expect(w.log.lines).toContainEqual(expect.objectContaining({ code: 'notice-quarantined' }));
  });

  it('and is down for hours is asked again, and pays then', async () => {
    const w = sold();
    w.shop.simulator.setFaults({ ...w.shop.simulator.state.faults, down: true });
    w.shop.staff('_refunds', oneMug);
    await w.run(5 * 3_600_000);
    expect(await w.refunds()).toEqual([]);
    w.shop.simulator.setFaults({ ...w.shop.simulator.state.faults, down: false });
    await w.run(3_600_000);
    expect(amounts(w)).toEqual([2400]);
  });

  it('and never answers is in front of a person in bounded time', async () => {
    const w = sold({ shopCredential: 'shpat_of_somebody_else' });
    w.shop.staff('_refunds', oneMug);
    await w.run(4 * day);
    expect(await w.refunds()).toEqual([]);
    expect(outcomes(w)).toEqual(['quarantined']);
  });

  it('and throttles, fails and loses answers pays once', async () => {
    const w = sold();
    w.shop.simulator.setFaults({
      ...w.shop.simulator.state.faults,
      rateLimit: 0.4,
      errorRate: 0.3,
      duplicateWebhooks: 1,
      reorderWebhooks: 0.5,
    });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run(600_000);
    expect(amounts(w).reduce((all, one) => all + one, 0)).toBe(4800);
  });

  it('by several notices of one return at once owes each part once', async () => {
    const w = sold({ crowd: true });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run(600_000);
    expect(await statuses(w)).not.toContain('held');
    expect(amounts(w).reduce((all, one) => all + one, 0)).toBe(4800);
  });

  /** A return of two mugs with a record of one; while the shop answers about it, staff writes `record`, and that notice is taken first. */
  function answeredBefore(record: object): World {
    let asked = 0;
    const meanwhile = async () => {
      const known = new Set(w.table.dump().state.map((item) => item.pk));
      w.shop.staff('_refunds', { order: 1001, return: 7, ...record, silent: true });
      const id = w.shop.simulator.state.refunds[1]?.id;
      const body = JSON.stringify({ id, return: { id: 7 }, refund_line_items: [], transactions: [] });
      // Its own message is the one that is taken here.
      w.may.relay = false;
      await w.postShop(body, sign(body, shopifySecret));
      w.may.relay = true;
      const [notice] = w.table.dump().state.filter((item) => item.kind === 'return' && !known.has(item.pk));
      await assessWork(w.needs, { ...w.workOn('rf_x', 'assess'), stream: String(notice?.pk) as never });
    };
    const w: World = sold({
      shopNetwork: (_, operation) => (operation === 'RedressRefund' && asked++ === 0 ? { meanwhile } : undefined),
    });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2 }], silent: true });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    return w;
  }

  it('F12 and answered before another notice was taken is asked anew: an old answer is no shrunken return', async () => {
    const w = answeredBefore({ lines: oneMug.lines });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4800n }]);
  });

  it.each(['SUCCESS', 'PENDING'])(
    'F12 F77 and answered before it began to move money itself, which another notice said since, is asked anew: %s',
    async (status) => {
      const w = answeredBefore({ lines: [], moved: '24.00', status });
      await w.run();
      expect(amounts(w)).toEqual([]);
      Object.assign(w.shop.simulator.state.refunds[1]!, { status: 'SUCCESS' });
      await w.run(day);
      expect(amounts(w)).toEqual([]);
      expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['moved-by-shop'] }]);
    },
  );

  it('F77 and began to move that very money while it answered, which somebody else has heard, is asked anew', async () => {
    let asked = 0;
    const meanwhile = async () => {
      Object.assign(w.shop.simulator.state.refunds[0]!, { moved: 2400, status: 'PENDING' });
      const [notice] = w.table.dump().state.filter((item) => item.kind === 'return');
      await assessWork(w.needs, { ...w.workOn('rf_x', 'assess'), stream: String(notice?.pk) as never });
    };
    const w: World = sold({
      shopNetwork: (_, operation) => (operation === 'RedressRefund' && asked++ === 0 ? { meanwhile } : undefined),
    });
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(await w.refunds()).toEqual([]);
    Object.assign(w.shop.simulator.state.refunds[0]!, { status: 'FAILURE' });
    await w.run(day);
    expect(amounts(w)).toEqual([2400]);
  });

  it('F53 and cancelled the return cancels what is not sent', async () => {
    const w = sold({ approvalLimit: '1.00' });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1 }] });
    w.shop.staff('_refunds', { ...oneMug, return: 7 });
    await w.run();
    expect(await statuses(w)).toEqual(['held']);
    w.shop.staff('_returns', { id: 7, order: 1001, status: 'CANCELED' });
    await w.run();
    expect(await statuses(w)).toEqual(['cancelled']);
  });

  it('F56 leaves what it said on the record, without the payment’s name', async () => {
    const w = sold();
    w.shop.staff('_refunds', oneMug);
    await w.run();
    const said = w.table
      .dump()
      .journal.map((item) => String(item.body))
      .filter((body) => body.includes('notice.confirmed'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('"priceMinor":"2000"');
  });
});

describe('money that the shop moved by itself', () => {
  it('F41 beside any return waits for a person when the return is processed: it may be for the same goods', async () => {
    const w = sold({ shopSettings: { payOn: 'return-processed' } });
    await w.run();
    // Staff refunds a mug from the order's page, through the shop's own account.
    w.dashboard('pi_one', 2400);
    w.shop.staff('_refunds', { ...oneMug, moved: '24.00' });
    await w.run();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1, processed: 1 }] });
    await w.run();
    expect((await w.refunds()).map(({ status, reasons }) => ({ status, reasons }))).toEqual([
      { status: 'held', reasons: ['moved-by-shop'] },
    ]);
    expect(amounts(w)).toEqual([2400]);
  });

  it('F41 is explained by the fees of its return once, not in each of its records', async () => {
    const w = sold();
    const lines = [{ id: 1, quantity: 2, processed: 2, fee: '5.00' }];
    w.shop.staff('_returns', { id: 7, order: 1001, lines, silent: true });
    w.shop.staff('_refunds', { ...oneMug, return: 7, moved: '19.00', silent: true });
    w.shop.staff('_refunds', { ...oneMug, return: 7, moved: '19.00' });
    await w.run();
    expect(await statuses(w)).toEqual(['held']);
    expect(amounts(w)).toEqual([]);
  });
});

describe('one source per order', () => {
  it('a second source for the same order waits for a person, who may say yes', async () => {
    const w = sold();
    w.shop.staff('_refunds', oneMug);
    await w.run();
    w.send(returned('RMA-1', '10.00', 'pi_one'));
    await w.run();
    const held = (await w.refunds()).find((refund) => refund.status === 'held');
    expect(held).toMatchObject({ reasons: ['other-source'], amountMinor: 1000n });
    expect(amounts(w)).toEqual([2400]);
    await w.approve(held?.id ?? '');
    await w.run();
    expect(amounts(w)).toEqual([2400, 1000]);
  });

  it('also where the first one learned its payment on its own', async () => {
    const w = world();
    w.pay('pi_one', 4800, { order: '1001', silent: true });
    w.shop.sell(1001, 'pi_one');
    w.send(returned('RMA-1', '10.00', 'pi_one'));
    await w.run();
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }, { status: 'held', reasons: ['other-source'] }]);
  });

  it('two that decide at once are not both approved', async () => {
    const w = sold({ crowd: true });
    w.send(returned('RMA-1', '10.00', 'pi_one'));
    w.shop.staff('_refunds', oneMug);
    await w.run();
    expect((await statuses(w)).sort()).toEqual(['held', 'refunded']);
  });

  it('a hold from before another source was first can’t be approved unseen', async () => {
    const w = sold({ approvalLimit: '15.00' });
    w.shop.staff('_refunds', oneMug);
    await w.run();
    w.send(returned('RMA-1', '10.00', 'pi_one'));
    await w.run();
    const [held] = await w.refunds();
    expect(await w.approve(held?.id ?? '')).toMatchObject({ is: 'fault', fault: { code: 'changed' } });
    expect((await w.show(held?.id ?? ''))?.reasons).toContain('other-source');
    expect(await w.approve(held?.id ?? '')).toEqual({ is: 'done' });
    await w.run();
    expect(amounts(w)).toEqual([1000, 2400]);
  });
});
