import { describe, expect, it } from 'vitest';
import { returned } from './returned.ts';
import { tableTroubles } from './trouble.ts';
import { audited, type World, type WorldOptions, world } from './world.ts';
import type { ShopTrouble } from './world-shop.ts';

const hour = 3_600_000;
const shopSettings = { payOn: 'return-processed' };

/** A shop whose returns are paid when they were processed; one mug of two for 24.00 came back. */
function processed(options: WorldOptions = {}, more: object = {}): World {
  const w = world({ shopSettings, ...options });
  w.pay('pi_one', 4800, { order: '1001' });
  w.shop.sell(1001, 'pi_one');
  w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }], ...more });
  return w;
}

const amounts = (w: World) => w.moved().map((refund) => refund.amountMinor);
const words = async (w: World) => {
  const [refund] = await w.refunds();
  return refund === undefined ? [] : (await w.events(refund.id)).map((event) => event.type);
};

describe('a return that was processed', () => {
  it('is paid, and the shop gets one record that moved no money', async () => {
    const w = processed();
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 2400n, reasons: [] }]);
    expect(amounts(w)).toEqual([2400]);
    const [refund] = await w.refunds();
    expect(w.shop.told()).toMatchObject([{ amountMinor: 0, reference: expect.stringContaining(refund?.id ?? '') }]);
    expect((await words(w)).slice(-2)).toEqual(['refund.telling', 'refund.told']);
    // What is due from now on is only the look whether the success still stands.
    expect(refund?.dueAt).toBeGreaterThan(w.clock.now());
  });

  it('is not paid again for the record that we wrote: its own webhook is nothing new', async () => {
    const w = processed();
    await w.run(24 * hour);
    expect(w.shopWebhooks.map(({ headers }) => headers['x-shopify-topic'])).toEqual([
      'returns/process',
      'refunds/create',
    ]);
    expect(await w.refunds()).toHaveLength(1);
    expect(w.shop.told()).toHaveLength(1);
  });

  it('further is paid for what more came back, with a record of its own', async () => {
    const w = processed();
    await w.run();
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 2 }] });
    await w.run();
    expect(amounts(w)).toEqual([2400, 2400]);
    expect(w.shop.told()).toHaveLength(2);
  });

  it('without anything processed is only recorded', async () => {
    const w = processed({}, { lines: [{ id: 1, quantity: 2 }] });
    await w.run();
    expect(await w.refunds()).toEqual([]);
  });

  it('at another amount than the shop’s own calculation waits for a person', async () => {
    const w = world({ shopSettings });
    w.pay('pi_one', 4800, { order: '1001' });
    w.shop.sell(1001, 'pi_one', { suggests: '23.00' });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['quote-differs'] }]);
  });

  it.each([['is paid'], ['is told of, and nobody answers']])(
    'F41 is not paid again for a record of the same goods that staff writes beside it before it %s',
    async (when) => {
      const silent: ShopTrouble | undefined = when === 'is paid' ? undefined : 'lost-request';
      const w = processed({ shopNetwork: (_, operation) => (/^RedressT/.test(operation) ? silent : undefined) });
      if (when !== 'is paid') await w.run();
      w.shop.staff('_refunds', { order: 1001, lines: [{ id: 1, quantity: 1 }] });
      await w.run();
      expect(await w.refunds()).toContainEqual(
        expect.objectContaining({ status: 'held', reasons: ['beside-return'], amountMinor: 2400n }),
      );
      expect(w.moved().length).toBeLessThan(2);
    },
  );

  it('leaves a record of other goods of its order to be paid', async () => {
    const w = world({ shopSettings });
    w.pay('pi_one', 4800, { order: '1001' });
    const piece = { quantity: 1, price: '20.00', tax: '4.00' };
    w.shop.sell(1001, 'pi_one', {
      lines: [
        { id: 1, ...piece },
        { id: 2, ...piece },
      ],
    });
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1, processed: 1 }] });
    await w.run();
    w.shop.staff('_refunds', { order: 1001, lines: [{ id: 2, quantity: 1 }] });
    await w.run();
    expect(amounts(w)).toEqual([2400, 2400]);
  });

  it('F41 for which the customer gets other goods waits for a person, as soon as something of it is owed', async () => {
    const w = processed({}, { exchanged: true, lines: [{ id: 1, quantity: 2 }] });
    await w.run();
    expect(await w.refunds()).toEqual([]);
    w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['exchanged'], amountMinor: 2400n }]);
    expect(w.posts()).toEqual([]);
  });

  it('and refunded by the shop itself is not paid beside it, and gets no second record', async () => {
    const w = processed({}, { silent: true });
    w.shop.staff('_refunds', { order: 1001, return: 7, lines: [{ id: 1, quantity: 1 }], moved: '24.00' });
    await w.run();
    expect(w.moved()).toEqual([]);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['moved-by-shop'], amountMinor: 0n }]);
    expect(w.shop.told()).toEqual([]);
  });

  it.each([{}, { adjusted: '24.00' }])(
    'F41 and refunded by the shop itself by amount, without goods, is not paid beside it (%j)',
    async (correction) => {
      const w = processed({}, { lines: [{ id: 1, quantity: 2 }] });
      w.shop.staff('_refunds', { order: 1001, return: 7, lines: [], moved: '24.00', ...correction });
      w.shop.staff('_returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 2, processed: 1 }] });
      await w.run();
      expect(w.moved()).toEqual([]);
      expect((await w.refunds()).at(-1)).toMatchObject({ status: 'held', reasons: ['moved-by-shop'] });
    },
  );

  it('with a strange reference of our form in a record waits for a person', async () => {
    const w = processed({}, { silent: true });
    const note = 'rf_0123456789abcdef0123-told-01234567';
    w.shop.staff('_refunds', { order: 1001, return: 7, lines: [{ id: 1, quantity: 1 }], note });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['strange-reference'] }]);
  });
});

describe('telling the shop', () => {
  const firstTell = (trouble: ShopTrouble) => {
    let tells = 0;
    return (_: unknown, operation: string) => (operation === 'RedressTell' && tells++ === 0 ? trouble : undefined);
  };

  it.each<ShopTrouble>(['lost-request', 'lost-reply', 'kill-before', 'kill-after', { arrivesAfterMs: 20_000 }])(
    'leaves one record when the first request is %s',
    async (trouble) => {
      const w = processed({ shopNetwork: firstTell(trouble) });
      await w.run(hour);
      expect(w.shop.told()).toHaveLength(1);
      expect((await words(w)).at(-1)).toBe('refund.told');
    },
  );

  it('asks before it repeats: a lost reply is never a second request', async () => {
    const w = processed({ shopNetwork: firstTell('lost-reply') });
    await w.run(hour);
    expect(w.shop.asked('RedressTell')).toBe(1);
  });

  it('leaves one record, whatever goes wrong at any one call to the store', async () => {
    const flow = async (at: number, trouble: (typeof tableTroubles)[number] | undefined) => {
      let calls = 0;
      const writes: boolean[] = [];
      const w = processed({
        store: ({ call }) => {
          writes.push(call === 'write');
          return calls++ === at ? trouble : undefined;
        },
      });
      await w.run(180_000);
      return { w, writes };
    };
    const { writes } = await flow(-1, undefined);
    await audited();
    const wrong: string[] = [];
    for (const [at, isWrite] of writes.entries()) {
      for (const trouble of isWrite ? tableTroubles : (['lost-request', 'kill-before'] as const)) {
        const { w } = await flow(at, trouble);
        const [told, moved] = [w.shop.told().length, w.moved().length];
        const last = (await words(w)).at(-1);
        if (told !== 1 || moved !== 1 || last !== 'refund.told')
          wrong.push(`${trouble} at ${at}: ${told} told, ${moved} moved, ${last}`);
        await audited();
      }
    }
    expect(wrong).toEqual([]);
  });

  it('two workers at once write one record', async () => {
    const w = processed({ crowd: true });
    w.may.hints = 3;
    await w.run(hour);
    expect(w.shop.told()).toHaveLength(1);
  });

  it('after the window of its key asks, and tells again where the shop has nothing', async () => {
    let down = true;
    const w = processed({
      slow: true,
      shopNetwork: (_, operation) => (down && /Tell|Told/.test(operation) ? 'lost-request' : undefined),
    });
    await w.run(30 * hour);
    expect(w.shop.told()).toEqual([]);
    down = false;
    await w.run(2 * hour);
    expect(w.shop.told()).toHaveLength(1);
  });

  it('for too long without an answer is given up aloud; the refund stands', async () => {
    const shopNetwork = (_: unknown, operation: string) =>
      /Tell|Told/.test(operation) ? ('lost-request' as const) : undefined;
    const w = processed({ slow: true, shopNetwork });
    await w.run(80 * hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: ['shop-not-told'] }]);
    expect(w.log.lines).toContainEqual(expect.objectContaining({ code: 'tell-failed' }));
    expect(w.shop.told()).toEqual([]);
  });

  it('F84 does not wait for the gateway: its breaker is open, and the shop is told', async () => {
    let down = true;
    const w = processed({
      slow: true,
      shopNetwork: (_, operation) => (down && /Tell|Told/.test(operation) ? 'lost-request' : undefined),
    });
    w.pay('pi_two', 9000, { order: '2002' });
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    w.faults({ down: true });
    for (let n = 0; n < 8; n += 1) await w.post(returned(`RMA-${n}`, '1.00', 'pi_two', { order: '2002' }));
    // Past the age at which the success is looked for: that look waits for the gateway.
    await w.run(26 * hour);
    down = false;
    await w.run(2 * hour);
    expect(w.shop.told()).toHaveLength(1);
    expect((await words(w)).at(-1)).toBe('refund.told');
  });

  it('goes on for days without the gateway being asked more often than without it', async () => {
    const reads = async (silent: boolean) => {
      let shopAsked = 0;
      const lost = (operation: string) => {
        if (!silent || !/Tell|Told/.test(operation)) return undefined;
        shopAsked += 1;
        return 'lost-request' as const;
      };
      const w = processed({ slow: true, shopNetwork: (_, operation) => lost(operation) });
      await w.run(60 * hour);
      return [w.reads().length, shopAsked];
    };
    const [asked, told] = await reads(true);
    const [askedOtherwise] = await reads(false);
    expect(asked).toBe(askedOtherwise);
    expect(told).toBeGreaterThan(40);
    expect(told).toBeLessThan(90);
  });

  it('that the shop refuses is given up aloud, and not tried again', async () => {
    const w = processed();
    await w.run(2000);
    // All of it is refunded in the shop by then.
    w.shop.staff('_refunds', { order: 1001, lines: [{ id: 1, quantity: 2 }], silent: true, moved: '48.00' });
    await w.run(hour);
    expect((await w.refunds())[0]?.reasons).toEqual(['shop-not-told']);
    expect(w.shop.asked('RedressTell')).toBe(1);
  });

  it('F101 of a refund that failed later is left as it is: the hold is what people see', async () => {
    const w = processed();
    w.faults({ failLater: 1 });
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['failed-at-gateway'] }]);
    expect(w.shop.told().length).toBeLessThanOrEqual(1);
  });

  it('F101 given up because the refund failed, it is told once the person’s second try has paid', async () => {
    let down = true;
    const shopNetwork: WorldOptions['shopNetwork'] = (_, operation) =>
      down && operation === 'RedressTell' ? 'lost-request' : undefined;
    const w = processed({ slow: true, laterMs: 300_000, shopNetwork });
    w.faults({ failLater: 1 });
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['failed-at-gateway', 'shop-not-told'] }]);
    expect(w.shop.told()).toEqual([]);
    const asked = (await words(w)).filter((word) => word === 'refund.telling').length;
    expect(asked).toBeGreaterThan(0);
    down = false;
    await w.approve((await w.refunds())[0]!.id);
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
    expect(w.shop.told()).toHaveLength(1);
    expect((await words(w)).filter((word) => word === 'refund.telling')).toHaveLength(asked + 1);
  });
});
