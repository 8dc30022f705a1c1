import { describe, expect, it } from 'vitest';
import { adopt } from '../../lib/app/adopt.ts';
import { assessWork } from '../../lib/app/assess.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { learnPayment } from '../../lib/app/learn-payment.ts';
import { paymentNamed } from '../../lib/app/payments.ts';
import type { Write } from '../../lib/app/ports/table.ts';
import { correlationId } from '../../lib/domain/ids.ts';
import { eur } from '../../lib/domain/refund/given.ts';
import { ready } from './ready.ts';
import { line, returned } from './returned.ts';
import { merchant, stripe, type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '10.00', 'pi_one');

const only = async (w: World) => (await w.refunds())[0]!;
const amounts = (w: World) => w.moved().map(({ amountMinor }) => amountMinor);
const held = (...reasons: string[]) => ({ status: 'held', reasons });
const elsewhere = { is: 'fault', fault: { code: 'changed' } };

/** One payment, whose requests or questions about refunds get lost as long as `lost` says. */
async function losing(lost: (method: string) => 'lost-request' | 'lost-reply' | undefined, more: object = {}) {
  const trouble = { on: true };
  const w = await ready({
    ...more,
    network: ({ method, url }) => (trouble.on && url.includes('/v1/refunds') ? lost(method) : undefined),
  });
  return { w, trouble };
}

/** Somebody pays as much in the dashboard, and whoever says yes after that is told so first: once. */
async function shownOnce(w: World, yes: (id: string) => Promise<unknown>) {
  const { id } = await only(w);
  w.dashboard('pi_one', 1000);
  await w.run(minute);
  expect(await yes(id)).toMatchObject(elsewhere);
  await w.run(minute);
  expect(amounts(w)).toEqual([1000]);
  expect((await only(w)).reasons).toContain('refunded-elsewhere');
  return id;
}

describe('a refund that somebody makes by hand while ours has no answer', () => {
  it.each(['plain', 'absent'] as const)('F44 F57 is shown before a yes to the doubt counts: %s', async (word) => {
    const { w, trouble } = await losing((method) => (method === 'POST' ? 'lost-request' : undefined), { slow: true });
    await w.post(of);
    await w.run(3.1 * day);
    expect(await only(w)).toMatchObject(held('no-answer'));
    trouble.on = false;
    const yes = (id: string) => (word === 'plain' ? w.approve(id) : w.approveAsAbsent(id));
    const id = await shownOnce(w, yes);
    expect(await only(w)).toMatchObject(held('no-answer', 'refunded-elsewhere'));
    // It was for something else, and this one is owed beside it.
    expect(await yes(id)).toEqual({ is: 'done' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(amounts(w)).toEqual([1000, 1000]);
  });

  it('F44 is shown to whoever decides on another refund of that payment', async () => {
    const { w, trouble } = await losing((method) => (method === 'POST' ? 'lost-reply' : 'lost-request'), {
      approvalLimit: '15.00',
    });
    w.faults({ dropWebhooks: 1 });
    await w.post(of);
    await w.run(20_000);
    await w.post(returned('RMA-2', '20.00', 'pi_one'));
    await w.run(20_000);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['unknown', 'held']);
    w.faults({});
    w.dashboard('pi_one', 2000);
    await w.run(minute);
    const { id } = (await w.refunds())[1]!;
    expect(await w.approve(id)).toMatchObject(elsewhere);
    await w.deny(id);
    trouble.on = false;
    await w.run(hour);
    expect(amounts(w)).toEqual([1000, 2000]);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'denied']);
  });

  it('F44 F93 F45 that turns out to be ours is given back, also where it left less than nothing', async () => {
    const { w, trouble } = await losing((method) => (method === 'POST' ? 'lost-reply' : 'lost-request'));
    w.faults({ dropWebhooks: 1 });
    await w.post(returned('RMA-1', '60.00', 'pi_one'));
    await w.run(10_000);
    const { id, amountMinor } = w.moved()[0]!;
    // News of it without our key: somebody took it off at the gateway.
    const bare = { object: 'refund', id, amount: amountMinor, currency: 'eur', status: 'succeeded', metadata: {} };
    await w.tell('refund.created', { ...bare, payment_intent: 'pi_one', charge: 'ch_one' }, 'evt_bare');
    await w.run(5000);
    expect(w.balance()).toMatchObject({ available: -2000n, refunded: 6000n });
    expect(w.log.alarms()).toContain('payment-overdrawn');
    trouble.on = false;
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.balance()).toEqual({ available: 4000n, refunded: 6000n, inFlight: undefined });
    expect(w.posts()).toHaveLength(1);
  });

  it('F93 waits under a key of ours: until that leg has its answer it may be its own', async () => {
    const { w, trouble } = await losing((method) => (method === 'POST' ? 'lost-request' : undefined));
    w.pay('pi_two', 5000, { order: '1002' });
    trouble.on = false;
    await w.post(returned('RMA-0', '20.00', 'pi_two', { order: '1002' }));
    await w.run(minute);
    const refundKey = w.posts()[0]!.key!;
    trouble.on = true;
    await w.post(of);
    await w.run(minute);
    w.dashboard('pi_one', 1000, { refundKey });
    await w.run(minute);
    expect(w.balance(10_000n)).toMatchObject({ available: 9000n, refunded: 0n });
    trouble.on = false;
    await w.run(hour);
    expect(w.balance(10_000n)).toEqual({ available: 8000n, refunded: 2000n, inFlight: undefined });
  });
});

describe('what somebody refunded by hand', () => {
  it('F44 is shown each time there is more of it, and never twice', async () => {
    const w = await ready({ approvalLimit: '1.00' });
    await w.post(of);
    await w.run(minute);
    const id = await shownOnce(w, w.approve);
    w.dashboard('pi_one', 500);
    await w.run(minute);
    expect(await w.approve(id)).toMatchObject(elsewhere);
    expect(await only(w)).toMatchObject(held('over-limit', 'refunded-elsewhere'));
    expect(await w.approve(id)).toEqual({ is: 'done' });
    await w.run(minute);
    expect(amounts(w)).toEqual([1000, 500, 1000]);
  });

  it.each(['before', 'after'] as const)(
    'F41 F44 is shown where its return states less meanwhile: %s its approval',
    async (when) => {
      const w = await ready({ approvalLimit: when === 'before' ? '1.00' : '100.00' });
      if (when === 'after') await w.switchSending('stopped');
      const lines = [line('10.00', 'l1'), line('20.00', 'l2')];
      await w.post({ ...of, lines });
      await w.run(minute);
      w.dashboard('pi_one', 500);
      await w.run(minute);
      if (when === 'after') await w.switchSending('running');
      await w.run(minute);
      const { id } = await only(w);
      if (when === 'before') expect(await w.approve(id)).toMatchObject(elsewhere);
      expect((await only(w)).reasons).toContain('refunded-elsewhere');
      await w.run(minute);
      w.dashboard('pi_one', 3000);
      await w.run(minute);
      // Nobody was told of those 30.00, and this hold is about something else.
      await w.post({ ...of, lines: lines.slice(0, 1) });
      await w.run(minute);
      expect((await only(w)).reasons).toContain('return-shrank');
      expect(await w.approve(id)).toMatchObject(elsewhere);
      expect(await w.approve(id)).toEqual({ is: 'done' });
      await w.run(minute);
      expect(amounts(w)).toEqual([500, 3000, 3000]);
    },
  );
});

describe('a leg that waited while somebody refunded by hand', () => {
  /** It is held once, and goes on with the yes of whoever was told why. */
  async function goesOnOnce(w: World, paid: readonly number[]) {
    expect(await only(w)).toMatchObject(held('refunded-elsewhere'));
    expect(amounts(w)).toEqual(paid);
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(amounts(w)).toEqual([...paid, 1000]);
  }

  it('F44 F90 for the end of a stop is held before it is sent', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(10 * minute);
    w.dashboard('pi_one', 1000);
    await w.run(10 * minute);
    await w.switchSending('running');
    await w.run(10 * minute);
    await goesOnOnce(w, [1000]);
  });

  it('F44 F57 for the gateway to answer is held before it is asked for again', async () => {
    const { w, trouble } = await losing((method) => (method === 'POST' ? 'lost-request' : undefined));
    await w.post(of);
    await w.run(minute);
    w.dashboard('pi_one', 1000);
    trouble.on = false;
    await w.run(10 * minute);
    await goesOnOnce(w, [1000]);
  });

  it('F44 F46 for an inquiry to end is held when it is won, whether it was approved before or by that', async () => {
    for (const before of [true, false]) {
      const w = await ready();
      if (before) await w.switchSending('stopped');
      if (before) await w.post(of);
      await w.run(minute);
      const inquiry = w.dispute('pi_one', { kind: 'inquiry' });
      await w.run(minute);
      await (before ? w.switchSending('running') : w.post(of));
      await w.run(3 * minute);
      expect(await only(w)).toMatchObject(held('payment-disputed'));
      // The usual answer to an inquiry.
      w.dashboard('pi_one', 1000);
      await w.run(minute);
      w.endDispute(inquiry, 'won');
      await w.run(10 * minute);
      await goesOnOnce(w, [1000]);
    }
  });

  it('F44 for its payment, which became known by that, is held after a yes: nobody saw a plan', async () => {
    const mute = { on: true };
    const w = world({ network: ({ method }) => (mute.on && method === 'GET' ? 'lost-request' : undefined) });
    w.pay('pi_one', 10_000, { silent: true });
    await w.post(of);
    await w.run(20 * minute);
    expect(await only(w)).toMatchObject(held('payment-not-found'));
    mute.on = false;
    w.dashboard('pi_one', 1000);
    await w.run(minute);
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(2 * minute);
    await goesOnOnce(w, [1000]);
  });

  it('F44 F90 is sent all the same where that was given back, or came before its approval', async () => {
    const w = await ready();
    w.dashboard('pi_one', 500);
    await w.run(minute);
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const failed = w.dashboard('pi_one', 1000)!;
    w.move(failed, { status: 'failed' });
    await w.run(minute);
    await w.switchSending('running');
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });
});

describe('a payment that is not known yet', () => {
  it('F44 and becomes known by what somebody refunded is shown before a yes counts', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    await w.post(returned('RMA-1', '10.00'));
    await w.run(20 * minute);
    const id = await shownOnce(w, w.approve);
    expect(await only(w)).toMatchObject(held('payment-not-found', 'refunded-elsewhere'));
    expect(await w.approve(id)).toEqual({ is: 'done' });
    await w.run(2 * minute);
    expect(amounts(w)).toEqual([1000, 1000]);
  });

  it('F44 F90 and of which somebody refunded a part long before the return is refunded after a stop, too', async () => {
    // The gateway takes its time to answer.
    const w: World = world({ network: () => void w.clock.advance(300) });
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    w.faults({ dropWebhooks: 1 });
    w.dashboard('pi_one', 500);
    await w.run(hour);
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(10 * minute);
    await w.switchSending('running');
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(amounts(w)).toEqual([500, 1000]);
  });

  it('F44 and of which somebody refunded a part long before the return is refunded without a word', async () => {
    const mute = { on: true };
    const w = world({ network: ({ method }) => (mute.on && method === 'GET' ? 'lost-request' : undefined) });
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    w.faults({ dropWebhooks: 1 });
    w.dashboard('pi_one', 500);
    await w.run(hour);
    await w.post(of);
    await w.run(5 * minute);
    expect(await only(w)).toMatchObject({ status: 'waiting' });
    mute.on = false;
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(amounts(w)).toEqual([500, 1000]);
  });
});

describe('a refund by hand right after an approval', () => {
  it('F26 F44 is shown, though the clock of whoever approved was ahead by less than a minute', async () => {
    const w = await ready({ slow: true });
    await w.switchSending('stopped');
    w.may.hints = 0;
    w.may.sweep = false;
    await w.post(of);
    await w.run(1000);
    const notice = w.table.dump().state.find(({ kind }) => kind === 'return')!;
    const work = { ...w.workOn('', 'assess'), stream: notice.pk as ReturnType<World['workOn']>['stream'] };
    await assessWork(w.environment(50_000), work);
    expect(await only(w)).toMatchObject({ status: 'approved' });
    w.may.hints = 1;
    w.may.sweep = true;
    await w.run(20_000);
    w.dashboard('pi_one', 1000);
    await w.run(hour);
    await w.switchSending('running');
    await w.run(hour);
    expect(amounts(w)).toEqual([1000]);
    expect(await only(w)).toMatchObject(held('refunded-elsewhere'));
  });
});

describe('a refund by hand that is counted between the look at a payment and the right to send', () => {
  const author = { actor: 'test', cause: 'test', correlation: correlationId('c') };
  const byHand = (theirs: string) => ({ theirs, state: 'succeeded', amountMinor: 1000n, currency: eur }) as const;

  /** It is counted right before the first right is written. */
  async function inBetween(w: World, count: () => Promise<unknown>) {
    const { table } = w.needs;
    let counted = false;
    const isRight = (one: Write) => 'put' in one && String(one.put.body).includes('leg.sending');
    const write = async (writes: readonly Write[]) => {
      if (!counted && writes.some(isRight)) {
        counted = true;
        await count();
      }
      return table.write(writes);
    };
    await executeWork({ ...w.needs, table: { ...table, write } }, w.workOn((await only(w)).id, 'execute'));
    expect(counted).toBe(true);
  }

  /** Approved on the payments that are known, and let go with nobody there but the one who is about to send it. */
  async function aboutToSend(known: readonly string[]) {
    const w = world();
    for (const name of known) w.pay(name, 5000, { order: '1001' });
    await w.run(5000);
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '20.00', known));
    await w.run(minute);
    Object.assign(w.may, { relay: false, sweep: false, hints: 0 });
    await w.switchSending('running');
    return { w, connection: (await w.connections.find(stripe))! };
  }

  async function isShownFirst(w: World) {
    expect(await only(w)).toMatchObject(held('refunded-elsewhere'));
    Object.assign(w.may, { relay: true, sweep: true, hints: 1 });
    await w.run(hour);
    expect(amounts(w)).toEqual([1000]);
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(minute);
    expect(amounts(w)).toEqual([1000, 2000]);
  }

  it.each(['pi_a', 'pi_b'])('F44 F67 is shown before anything is sent: %s', async (name) => {
    const { w, connection } = await aboutToSend(['pi_a', 'pi_b']);
    const payment = (await paymentNamed(w.needs, { merchant, connection: stripe }, name))!;
    await inBetween(w, () => adopt(w.needs, { connection, payment, author }, byHand(w.dashboard(name, 1000)!)));
    await isShownFirst(w);
  });

  it('F44 F67 is shown before anything is sent, too, where its payment became known with it', async () => {
    const { w, connection } = await aboutToSend(['pi_a']);
    await inBetween(w, async () => {
      w.pay('pi_b', 5000, { order: '1001', silent: true });
      const captures = [{ theirs: 'ch_b', amountMinor: 5000n, currency: eur, at: w.clock.now() }];
      const refunds = [byHand(w.dashboard('pi_b', 1000)!)];
      await learnPayment(w.needs, connection, { names: ['pi_b'], captures, refunds, order: '1001' }, author);
    });
    await isShownFirst(w);
  });
});

describe('a refund by hand on the other payment of an order', () => {
  it('F44 F48 holds nothing where it came before the decision, though the return names only the first', async () => {
    const w = world();
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001' });
    await w.run(5000);
    w.dashboard('pi_b', 2000);
    await w.run(minute);
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '20.00', 'pi_a'));
    await w.run(hour);
    await w.switchSending('running');
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('F44 F48 is shown too', async () => {
    const w = world({ approvalLimit: '1.00' });
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '20.00', ['pi_a', 'pi_b']));
    await w.run(minute);
    w.dashboard('pi_b', 2000);
    await w.run(minute);
    expect(await w.approve((await only(w)).id)).toMatchObject(elsewhere);
    expect(await only(w)).toMatchObject(held('over-limit', 'refunded-elsewhere'));
    expect(await w.approve((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(2 * minute);
    expect(amounts(w)).toEqual([2000, 2000]);
  });
});

describe('a payment to which something comes between every look and the right to send', () => {
  it('F44 F67 F91 leaves its refund in front of a person in bounded time', async () => {
    const w = await ready({ slow: true });
    const connection = (await w.connections.find(stripe))!;
    const payment = (await paymentNamed(w.needs, { merchant, connection: stripe }, 'pi_one'))!;
    const target = { connection, payment, author: { actor: 'test', cause: 'test', correlation: correlationId('c') } };
    const before = { ...w.needs };
    let moves = 0;
    /** One that failed at once, so that nobody need see it. */
    const move = () =>
      adopt(before, target, { theirs: `re_by_hand_${++moves}`, state: 'failed', amountMinor: 1n, currency: eur });
    const isRight = (one: Write) => 'put' in one && String(one.put.body).includes('leg.sending');
    const write = async (writes: readonly Write[]) => {
      if (moves < 1000 && writes.some(isRight)) await move();
      return before.table.write(writes);
    };
    Object.assign(w.needs, { table: { ...before.table, write } });
    await w.post(of);
    await w.run(5 * 24 * hour);
    expect(moves).toBeLessThan(1000);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['not-sent'] });
    expect(amounts(w)).toEqual([]);
  });
});

describe('a refund by hand that was counted by a clock that is a year ahead', () => {
  it('F26 F44 F91 keeps nobody from asking for the other legs of what it holds', async () => {
    const w = world({ pendingRate: 1, laterMs: 100 * 24 * hour });
    w.pay('pi_a', 5000, { order: '1001' });
    w.pay('pi_b', 5000, { order: '1001' });
    await w.run(5000);
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '80.00', ['pi_a', 'pi_b']));
    await w.run(minute);
    const dispute = w.dispute('pi_a');
    await w.run(minute);
    await w.switchSending('running');
    await w.run(minute);
    const [sent] = w.simulator.refunds();
    expect([sent?.amountMinor, (await w.events((await only(w)).id)).at(-1)?.type]).toEqual([3000, 'leg.accepted']);
    const connection = (await w.connections.find(stripe))!;
    const payment = (await paymentNamed(w.needs, { merchant, connection: stripe }, 'pi_b'))!;
    const author = { actor: 'test', cause: 'test', correlation: correlationId('c') };
    w.faults({ dropWebhooks: 1 });
    const theirs = w.dashboard('pi_b', 1000)!;
    const evidence = { theirs, state: 'succeeded', amountMinor: 1000n, currency: eur } as const;
    await adopt(w.environment(365 * 24 * hour), { connection, payment, author }, evidence);
    w.endDispute(dispute, 'won');
    await w.run(minute);
    expect((await only(w)).reasons).toContain('refunded-elsewhere');
    w.move(sent!.id, { status: 'succeeded' }, { silent: true });
    await w.run(2 * 24 * hour);
    expect((await w.events((await only(w)).id)).at(-1)).toMatchObject({
      type: 'leg.accepted',
      leg: 2,
      state: 'succeeded',
    });
  });
});
