import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../lib/app/ports/gateway.ts';
import { asGateway } from './as-gateway.ts';
import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');

interface Lagging {
  readonly w: World;
  /** From now on the search shows what is there. */
  readonly show: () => void;
}

/**
 * The simulated gateway as one whose search lags, or that has none: until `show` it shows nothing, and what it does not find is no
 * absence. Its news never comes.
 */
async function lagging(
  rules: Partial<Capabilities>,
  trouble: (posts: number) => NetworkTrouble | undefined,
): Promise<Lagging> {
  let posts = 0;
  const w = world({ slow: true, network: ({ method }) => (method === 'POST' ? trouble(++posts) : undefined) });
  let visible = false;
  asGateway(w, (gateway) => ({
    capabilities: { ...gateway.capabilities, lookup: 'eventual', keyRemembers: 'successes', ...rules },
    endpoint: gateway.endpoint,
    refund: (order) => gateway.refund(order),
    look: (query) => gateway.look(query),
    refundsSince: (query) => gateway.refundsSince(query),
    find: async (query) => {
      const found = await gateway.find(query);
      const shown = found.is === 'found' && visible;
      return shown || rules.lookup === 'authoritative' ? found : { is: 'cannot-tell', why: 'lags' };
    },
  }));
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(minute);
  w.faults({ dropWebhooks: 1 });
  await w.post(of);
  return {
    w,
    show: () => {
      visible = true;
    },
  };
}

const only = async (w: World) => (await w.refunds())[0]!;

describe('a gateway whose search lags', () => {
  it('F64 is asked until the last request can do nothing any more, and then a person is', async () => {
    const { w, show } = await lagging({}, () => 'lost-reply');
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'unknown' });
    show();
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
    expect(w.log.alarms()).not.toContain('refund-held');
  });

  it('F64 F91 is asked on while a person has the hold, and what it finds ends it', async () => {
    const { w, show } = await lagging({}, () => 'lost-reply');
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-proof'] });
    await w.run(2 * day);
    const asked = w.reads().length;
    await w.run(9 * day);
    expect(w.reads().length - asked).toBeGreaterThan(8);
    expect(w.reads().length - asked).toBeLessThan(20);
    show();
    await w.run(1.5 * day);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: [] });
    expect(w.moved()).toHaveLength(1);
    expect(w.posts()).toHaveLength(1);
  });

  it('F91 is asked no more after two weeks, and a person is reminded each day', async () => {
    const { w } = await lagging({}, () => 'lost-reply');
    await w.run(17 * day);
    const asked = w.reads().length;
    const alarms = w.log.alarms().length;
    await w.run(5 * day);
    expect(w.reads()).toHaveLength(asked);
    expect(w.log.alarms().slice(alarms)).toEqual(Array(5).fill('hold-overdue'));
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-proof'] });
  });

  it('F64 does not go on with a mere yes, and does with the word that nothing is there: one press, one refund', async () => {
    const { w } = await lagging({}, (posts) => (posts === 1 ? 'lost-request' : undefined));
    await w.run(2 * hour);
    const { id } = await only(w);
    expect(await w.approve(id)).toMatchObject({ fault: { code: 'not-proved' } });
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-proof'] });
    // It is about what was in doubt when they looked, and about nothing that came into doubt since.
    expect(await w.approveAsAbsent(id, 'blind')).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await w.approveAsAbsent(id, 2)).toMatchObject({ fault: { code: 'changed' } });
    expect(await w.approveAsAbsent(id)).toEqual({ is: 'done' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 5800n, refunded: 4200n });
    const sent = (await w.events(id)).flatMap((event) => (event.type === 'leg.sending' ? [event.epoch] : []));
    expect(sent).toEqual([1, 2]);
  });

  it('F64 is asked once more before it is sent on a person’s word, and what it then shows is taken', async () => {
    const { w, show } = await lagging({}, () => 'lost-reply');
    await w.run(2 * hour);
    show();
    await w.approveAsAbsent((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(1);
    expect(w.moved()).toHaveLength(1);
  });

  it('F64 F103 stops its account once it shows that a person’s word was wrong', async () => {
    const { w, show } = await lagging({}, (posts) => (posts === 1 ? 'lost-reply' : undefined));
    w.accepted.add('surplus').add('vouched');
    await w.run(2 * hour);
    await w.approveAsAbsent((await only(w)).id);
    await w.run(hour);
    expect(w.moved()).toHaveLength(2);
    show();
    await w.run(2 * day);
    expect(w.log.alarms()).toEqual(expect.arrayContaining(['two-refunds-for-one-leg', 'account-stopped']));
    expect((await w.switches()).stoppedAccounts).toEqual(['stripe-demo']);
  });
});

describe('a gateway that takes no keys', () => {
  it('F64 ends with one word of a person, and asks once more before it sends', async () => {
    const rules = { lookup: 'authoritative', keyRemembers: 'nothing' } as const;
    const { w } = await lagging(rules, (posts) => (posts === 1 ? 'lost-request' : undefined));
    await w.run(2 * hour);
    const { id } = await only(w);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-proof'] });
    expect(await w.approve(id)).toMatchObject({ fault: { code: 'not-proved' } });
    const asked = w.reads().length;
    await w.approveAsAbsent(id);
    await w.run(hour);
    expect(w.reads().length).toBeGreaterThan(asked);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });
});
