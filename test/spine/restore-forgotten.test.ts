import { describe, expect, it } from 'vitest';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { parseConnection } from '../../lib/domain/ids.ts';
import { ofOneSource, putBack } from './put-back.ts';
import { bodyOf, returned } from './returned.ts';
import { credential, merchant, shopSecret, stripe, stripeSecret, type World, world } from './world.ts';

const minute = 60_000;
/** Longer than the gateway remembers a key. */
const later = 2 * 24 * 60 * minute;

/** Everything after `since` is forgotten, asked for again, and dealt with as the runbook says. */
async function restoredTo(w: World, tables: ReturnType<World['table']['dump']>, since: number): Promise<void> {
  w.accepted.add('forgotten');
  await putBack(w, tables, since);
  expect(await w.restore.end()).toEqual({ is: 'done' });
}

const paid = (w: World) => w.moved().reduce((all, { amountMinor }) => all + amountMinor, 0);

describe('a refund that a restored journal forgot, and that is decided otherwise than before', () => {
  it.each([
    ['on the other payment of its order', 5000, 5000, { order: '1001' }],
    ['partly on the other payment of its order', 8000, 5000, { order: '1001' }],
    ['on the other payment that it names', 5000, 5000, {}],
  ])('F116 F117 %s is in front of a person instead of paid twice', async (_, first, second, known) => {
    const w = world();
    w.pay('pi_a', first, known);
    w.pay('pi_b', second, known);
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '50.00', ['pi_a', 'pi_b']));
    await w.run(5 * minute);
    expect(paid(w)).toBe(5000);
    await restoredTo(w, tables, since);
    await w.post(returned('RMA-1', '50.00', ['pi_a', 'pi_b']));
    await w.run(30 * minute);
    expect(paid(w)).toBe(5000);
    expect(await w.refunds()).toMatchObject([{ status: 'held' }]);
    expect(w.log.alarms()).toContain('refund-held');
  });

  it('F116 F117 is looked for also where the restore ends while it is on its way to be sent', async () => {
    const w = world();
    w.accepted.add('forgotten');
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001' });
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '50.00', ['pi_a', 'pi_b']));
    await w.run(5 * minute);
    await putBack(w, tables, since);
    await w.post(returned('RMA-1', '50.00', ['pi_a', 'pi_b']));
    await w.run(5 * minute);
    const { gate } = w.needs;
    let ended: unknown;
    w.needs.gate = {
      ...gate,
      enter: async (of, call, mostWaitMs) => {
        const entered = await gate.enter(of, call, mostWaitMs);
        if (call === 'refund') ended ??= await w.restore.end();
        return entered;
      },
    };
    await w.run(30 * minute);
    // With the look before it, nobody is on the way while the restore is open.
    expect(ended).toBeUndefined();
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(30 * minute);
    expect(paid(w)).toBe(5000);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
  });

  it('F116 F117 on a payment that nothing leads to any more is in front of a person instead of paid twice', async () => {
    const w = world();
    w.pay('pi_a', 5000);
    w.pay('pi_b', 5000);
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-0', '10.00', 'pi_a'));
    await w.run(minute);
    await w.post(returned('RMA-1', '20.00'));
    await w.run(5 * minute);
    expect(paid(w)).toBe(3000);
    await restoredTo(w, tables, since);
    await w.post(returned('RMA-2', '5.00', 'pi_b'));
    await w.run(5 * minute);
    // Its order has one payment now, and that is not the one it was paid on.
    await w.post(returned('RMA-1', '20.00'));
    await w.run(30 * minute);
    expect(paid(w)).toBe(3500);
    const found = (await w.refunds()).find((one) => one.return === 'RMA-1');
    expect(found).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
  });

  it('F41 F76 F117 is in front of a person where nothing is left for it, and not denied', async () => {
    const w = world();
    w.pay('pi_a', 5000, { order: '1001' });
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '50.00', 'pi_a'));
    await w.run(5 * minute);
    await restoredTo(w, tables, since);
    expect(w.balance()).toMatchObject({ available: 0n });
    await w.post(returned('RMA-1', '50.00', 'pi_a'));
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['exceeds-available'] }]);
    // What was paid fails after all: nobody has said no to the customer yet.
    w.move(w.moved()[0]?.id ?? '', { status: 'failed' });
    await w.run(5 * minute);
    const { id } = (await w.refunds())[0]!;
    await w.approve(id);
    await w.run(30 * minute);
    expect({ paid: paid(w), refunds: await w.refunds() }).toMatchObject({
      paid: 5000,
      refunds: [{ status: 'refunded' }],
    });
  });

  it('F117 under the number of one that was cancelled is in front of a person, who may let it go', async () => {
    const w = world();
    w.pay('pi_a', 10_000, { order: '1001' });
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    await w.post(returned('RMA-1', '30.00', 'pi_a', { trigger: 'cancelled' }));
    await w.run(minute);
    await w.switchSending('running');
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(5 * minute);
    for (const { id, status } of await w.refunds()) if (status === 'held') await w.approve(id);
    await w.run(5 * minute);
    expect(paid(w)).toBe(3000);
    await restoredTo(w, tables, since);
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(30 * minute);
    expect(paid(w)).toBe(3000);
    const [held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.approve(held?.id ?? '');
    await w.run(30 * minute);
    expect(paid(w)).toBe(6000);
    // Another return of the same order is another matter, where no other source can have stated the same parcel.
    await w.post(returned('RMA-2', '10.00', 'pi_a'));
    await w.run(30 * minute);
    expect((await w.refunds()).find((one) => one.return === 'RMA-2')?.reasons).toEqual(['forgotten-refund']);
    ofOneSource(w);
    await w.post(returned('RMA-3', '10.00', 'pi_a'));
    await w.run(30 * minute);
    expect(paid(w)).toBe(7000);
  });

  it('F117 waits while its gateway does not say, and then is in front of a person', async () => {
    let deaf = false;
    const w = world({ slow: true, network: ({ method }) => (deaf && method === 'GET' ? 'lost-reply' : undefined) });
    w.pay('pi_a', 5000, { order: '1001' });
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await restoredTo(w, tables, since);
    deaf = true;
    await w.post(returned('RMA-1', '10.00', 'pi_a'));
    await w.run(4 * 24 * 60 * minute);
    expect(paid(w)).toBe(0);
    expect(await w.refunds()).toMatchObject([{ status: 'held' }]);
  });

  it('F76 F117 takes the place of one that is known and whose failure was forgotten, and nobody takes them for two', async () => {
    const w = world();
    w.pay('pi_a', 10_000, { order: '1001' });
    w.faults({ failLater: 1 });
    await w.run(5000);
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(1000);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.run(later);
    const [failed] = await w.refunds();
    expect(failed).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    w.faults({});
    await w.approve(failed?.id ?? '');
    await w.run(5 * minute);
    expect(w.moved()).toHaveLength(1);
    await restoredTo(w, tables, since);
    await w.run(30 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
    expect(await w.switches()).toEqual({ sending: 'running', stoppedAccounts: [] });
    expect(w.log.alarms()).not.toContain('two-refunds-for-one-leg');
    expect(w.moved()).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 7000n, refunded: 3000n });
  });

  it('F11 F117 is no second one by late news of its first try, whose failure was forgotten too', async () => {
    const w = world();
    w.pay('pi_a', 10_000, { order: '1001' });
    w.faults({ failLater: 1 });
    await w.run(5000);
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(later);
    const [first] = w.simulator.refunds();
    expect(first).toMatchObject({ status: 'failed' });
    w.faults({});
    await restoredTo(w, tables, since);
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
    const object = {
      object: 'refund',
      id: first?.id,
      amount: 3000,
      currency: 'eur',
      payment_intent: 'pi_a',
      charge: null,
      metadata: { refund_key: first?.key },
    };
    await w.tell('refund.updated', { ...object, status: 'succeeded' }, 'evt_late');
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
    expect(await w.switches()).toEqual({ sending: 'running', stoppedAccounts: [] });
    expect(w.log.alarms()).not.toContain('two-refunds-for-one-leg');
    expect(w.moved()).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 7000n, refunded: 3000n });
  });

  it('F117 can not be looked for at an account that has left the settings: a person looks, once', async () => {
    const two = parseConnection('stripe-two')!;
    const settings = { baseUrl: 'http://127.0.0.1:1' };
    const secrets = { verifySecrets: [stripeSecret.reveal()], credential: credential.reveal() };
    const other = {
      name: two,
      merchant,
      kind: 'gateway',
      platform: 'stripe',
      mode: 'test',
      settings,
      ...secrets,
    } as const;
    const w = world({ connections: [other] });
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001', silent: true });
    await w.run(5000);
    await w.post(returned('RMA-0', '10.00', 'pi_b', { at: two }));
    await w.run(35 * minute);
    w.needs.restored = 1;
    await w.restore.begin(w.clock.now());
    await w.restore.reconcile();
    await w.run(11 * minute);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    const { find } = w.needs.connections;
    w.needs.connections = { ...w.needs.connections, find: async (name) => (name === two ? undefined : find(name)) };
    await w.post(returned('RMA-1', '20.00', 'pi_a'));
    await w.run(5 * minute);
    const mine = async () => (await w.refunds()).find((one) => one.return === 'RMA-1')!;
    expect(await mine()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.approve((await mine()).id);
    await w.run(30 * minute);
    expect(await mine()).toMatchObject({ status: 'refunded' });
    expect(paid(w)).toBe(3000);
  });
});

const other = parseConnection('generic-two')!;

/** A merchant with one more source, and the refund of the first one's RMA-1 of 50.00, which a restored journal forgot. */
async function ofTwoSources(): Promise<{
  w: World;
  otherPosts: (name: string, payment: string, order?: string) => Promise<void>;
}> {
  const settings = { name: other, merchant, kind: 'source', platform: 'generic', mode: 'test', settings: {} } as const;
  const w = world({ connections: [{ ...settings, verifySecrets: [shopSecret.reveal()] }] });
  w.pay('pi_a', 10_000, { order: '1001' });
  w.pay('pi_b', 10_000, { order: '1002' });
  await w.run(5000);
  const [tables, since] = [w.table.dump(), w.clock.now()];
  await w.post(returned('RMA-1', '50.00', 'pi_a'));
  await w.run(5 * minute);
  expect(paid(w)).toBe(5000);
  await restoredTo(w, tables, since);
  const otherPosts = async (name: string, payment: string, order = '1001') => {
    const body = bodyOf(returned(name, '50.00', payment, { order }), stripe);
    await w.postTo('source', body, sign(body, { secret: shopSecret, id: `msg_${name}`, at: w.clock.now() }), other);
  };
  return { w, otherPosts };
}

describe('an order of two sources, of which a restored journal forgot which one it was refunded for', () => {
  const of = async (w: World, name: string) => (await w.refunds()).find((one) => one.return === name);

  it('F116 F117 is not refunded for the other one before a person has compared the two', async () => {
    const { w, otherPosts } = await ofTwoSources();
    await otherPosts('R-77', 'pi_a');
    await w.run(30 * minute);
    expect(paid(w)).toBe(5000);
    expect(await of(w, 'R-77')).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.approve((await of(w, 'R-77'))?.id ?? '');
    await w.run(30 * minute);
    expect(await of(w, 'R-77')).toMatchObject({ status: 'refunded' });
    expect(paid(w)).toBe(10_000);
  });

  it('F116 F117 is not refunded for the other one where the first one told its return again, before or after', async () => {
    for (const order of ['first', 'last', 'at once']) {
      const { w, otherPosts } = await ofTwoSources();
      if (order === 'first') await w.post(returned('RMA-1', '50.00', 'pi_a'));
      if (order === 'first') await w.run(5 * minute);
      await otherPosts('R-77', 'pi_a');
      if (order === 'last') await w.run(5 * minute);
      if (order !== 'first') await w.post(returned('RMA-1', '50.00', 'pi_a'));
      await w.run(30 * minute);
      expect([order, paid(w)]).toEqual([order, 5000]);
      expect(await of(w, 'R-77')).toMatchObject({ status: 'held' });
    }
  });

  it('F117 asks nobody about another order, or about what is known again', async () => {
    const { w, otherPosts } = await ofTwoSources();
    await otherPosts('R-78', 'pi_b', '1002');
    await w.post(returned('RMA-1', '50.00', 'pi_a'));
    await w.run(5 * minute);
    await w.post(returned('RMA-2', '10.00', 'pi_a'));
    await w.run(5 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded', 'refunded']);
    expect(paid(w)).toBe(11_000);
  });
});
