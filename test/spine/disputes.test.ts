import { describe, expect, it } from 'vitest';
import { booksOf } from '../../lib/adapters/kit/books.ts';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import type { TableCall } from '../../lib/adapters/memory/table.ts';
import { audit as auditBooks } from '../../lib/app/audit.ts';
import type { NetworkTrouble } from './network.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const of = returned('RMA-1', '42.00', 'pi_one');
const only = async (w: World) => (await w.refunds())[0]!;

const types = (w: World) =>
  w.table
    .dump()
    .journal.flatMap((item) => (JSON.parse(String(item.body)).events as { type: string }[]).map((event) => event.type));

const permutations = (of: readonly string[]): string[][] =>
  of.length === 0
    ? [[]]
    : of.flatMap((one, index) => permutations(of.toSpliced(index, 1)).map((rest) => [one, ...rest]));

describe('a dispute', () => {
  it('F46 holds what is not sent yet, and lets it go on by itself when it is won', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const id = w.dispute('pi_one');
    await w.run(1000);
    expect(w.disputed()).toMatchObject({ disputes: 1n, available: 5800n });
    expect(w.log.alarms()).toContain('dispute-opened');
    await w.switchSending('running');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
    expect(w.posts()).toHaveLength(0);
    w.endDispute(id, 'won');
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: [] });
    expect(w.moved()).toHaveLength(1);
  });

  it('F46 takes its amount when it is lost, and leaves what is not sent to a person who knows', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const id = w.dispute('pi_one', { amountMinor: 3000 });
    await w.run(1000);
    await w.switchSending('running');
    await w.run(minute);
    w.endDispute(id, 'lost');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
    expect(w.disputed()).toEqual({ disputes: 0n, chargedBack: 3000n, available: 2800n });
    expect(w.posts()).toHaveLength(0);
    expect(w.log.alarms()).toContain('dispute-lost');
    w.simulator.state.disputes.splice(0);
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('F46 that opens and is lost before anybody looks keeps a leg from being sent all the same', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    w.endDispute(w.dispute('pi_one', { amountMinor: 1000 }), 'lost');
    await w.run(1000);
    await w.switchSending('running');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
    expect(w.posts()).toHaveLength(0);
  });

  it('F46 F45 drives the balance below zero where the customer was refunded and wins', async () => {
    const w = await ready();
    await w.post(of);
    await w.run(minute);
    w.endDispute(w.dispute('pi_one'), 'lost');
    await w.run(minute);
    expect(w.disputed()).toEqual({ disputes: 0n, chargedBack: 10_000n, available: -4200n });
    expect(w.log.alarms()).toContain('payment-overdrawn');
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['charged-back'] });
    await w.post(returned('RMA-2', '1.00', 'pi_one'));
    await w.run(hour);
    expect((await w.refunds())[1]).toMatchObject({ status: 'held' });
    expect((await w.refunds())[1]?.reasons).toContain('charged-back');
  });

  it('F46 marks what was refunded before it, as evidence, and takes the mark back when it is won', async () => {
    const w = await ready();
    await w.post(of);
    await w.run(minute);
    const id = w.dispute('pi_one');
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['disputed'] });
    w.endDispute(id, 'won');
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: [] });
    const events = (await w.events((await only(w)).id)).filter((event) => event.type === 'leg.disputed');
    expect(events).toMatchObject([{ stage: 'open' }, { stage: 'won' }]);
  });

  it('F46 holds a return that comes while it is open, and decides it anew when it ends', async () => {
    for (const [status, expected] of [
      ['won', { status: 'refunded' }],
      ['lost', { status: 'held', reasons: ['charged-back', 'exceeds-available'] }],
    ] as const) {
      const w = await ready();
      const id = w.dispute('pi_one');
      await w.run(1000);
      await w.post(of);
      await w.run(hour);
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
      w.endDispute(id, status);
      await w.run(minute);
      expect(await only(w)).toMatchObject(expected);
      expect(w.moved()).toHaveLength(status === 'won' ? 1 : 0);
    }
  });

  it('F46 F91 is heard of by asking where its webhooks never come: opened by the refusal, ended by the clock', async () => {
    const w = await ready();
    const id = w.dispute('pi_one', { silent: true });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
    expect(w.disputed()).toMatchObject({ disputes: 1n, available: 10_000n });
    w.endDispute(id, 'won', { silent: true });
    await w.run(6 * hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts()).toHaveLength(2);
    expect(w.moved()).toHaveLength(1);
  });

  it('F46 F58 is seen behind a refusal that follows a lost request, too', async () => {
    let sendings = 0;
    const w = await ready({
      network: (request) => (request.method === 'POST' && sendings++ === 0 ? 'lost-request' : undefined),
    });
    const id = w.dispute('pi_one', { silent: true });
    await w.post(of);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
    w.endDispute(id, 'won');
    await w.run(6 * hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });

  it('F46 is known from the first moment of a payment that is learned by asking', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', silent: true });
    w.dispute('pi_one', { silent: true });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
    expect(w.posts()).toHaveLength(0);
    const first = w.table.dump().journal.find((item) => String(item.pk).includes('#payment#'));
    expect(String(first?.body)).toContain('payment.dispute-opened');
  });

  it('F46 F11 F79 is counted once, in whatever order and how often its news comes', async () => {
    for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const w = await ready({ seed, crowd: seed > 'c' });
      w.faults({ duplicateWebhooks: 1, reorderWebhooks: 1 });
      const inquiry = w.dispute('pi_one', { kind: 'inquiry', amountMinor: 2000 });
      const formal = w.dispute('pi_one', { amountMinor: 1000 });
      w.endDispute(formal, 'lost');
      w.endDispute(inquiry, 'won');
      await w.run(hour);
      expect(w.disputed()).toEqual({ disputes: 0n, chargedBack: 1000n, available: 9000n });
      expect(types(w).filter((type) => type === 'payment.dispute-lost')).toHaveLength(1);
    }
  });

  it.each([
    [['warning_needs_response', 'warning_closed', 'needs_response', 'lost'], { disputes: 0n, chargedBack: 4000n }],
    [['warning_closed', 'needs_response', 'under_review'], { disputes: 1n, chargedBack: 0n }],
    [['warning_needs_response', 'needs_response', 'won'], { disputes: 0n, chargedBack: 0n }],
    [['warning_needs_response', 'prevented'], { disputes: 0n, chargedBack: 4000n }],
  ])('F46 F11 comes to the same in every order, and again: %j', async (statuses, balance) => {
    for (const order of permutations(statuses)) {
      const w = await ready();
      for (const [n, status] of [...order, ...order].entries()) {
        const object = {
          object: 'dispute',
          id: 'du_1',
          charge: 'ch_one',
          payment_intent: 'pi_one',
          amount: 4000,
          currency: 'eur',
        };
        await w.tell('charge.dispute.updated', { ...object, status }, `evt_${n}`);
        await w.run(1000);
      }
      expect([order, w.disputed()]).toMatchObject([order, balance]);
    }
  });

  it('F46 that was an inquiry freezes again when it becomes formal under the same id', async () => {
    const w = await ready();
    const id = w.dispute('pi_one', { kind: 'inquiry' });
    await w.run(1000);
    w.endDispute(id, 'won');
    await w.run(1000);
    expect(w.disputed()).toMatchObject({ disputes: 0n });
    const [dispute] = w.simulator.state.disputes;
    dispute!.status = 'needs_response';
    const object = {
      object: 'dispute',
      id,
      charge: 'ch_one',
      payment_intent: 'pi_one',
      amount: 10_000,
      currency: 'eur',
    };
    await w.tell('charge.dispute.updated', { ...object, status: 'needs_response' }, 'evt_formal');
    await w.run(1000);
    expect(w.disputed()).toMatchObject({ disputes: 1n });
    await w.tell('charge.dispute.closed', { ...object, status: 'warning_closed' }, 'evt_old');
    await w.run(1000);
    expect(w.disputed()).toMatchObject({ disputes: 1n });
  });

  it('F46 in money that can not be compared takes all that was captured', async () => {
    const w = await ready();
    const id = w.dispute('pi_one');
    w.endDispute(id, 'lost', { silent: true });
    Object.assign(w.simulator.state.disputes[0]!, { currency: 'usd', amount: 1 });
    await w.run(hour);
    const object = { object: 'dispute', id, charge: 'ch_one', payment_intent: 'pi_one', amount: 1, currency: 'usd' };
    await w.tell('charge.dispute.closed', { ...object, status: 'lost' }, 'evt_lost');
    await w.run(hour);
    expect(w.disputed()).toEqual({ disputes: 0n, chargedBack: 10_000n, available: 0n });
  });

  it('F46 makes a refund fail that is still pending, and pays nobody twice', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001', refundsPending: 'processing' });
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'pending', reasons: ['processing'] });
    w.dispute('pi_one');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held' });
    expect((await only(w)).reasons).toContain('failed-at-gateway');
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held' });
    expect(w.posts()).toHaveLength(1);
  });

  it('F46 can be decided by a person in the meantime, and that stays', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const id = w.dispute('pi_one');
    await w.run(1000);
    await w.switchSending('running');
    await w.run(minute);
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['payment-disputed'] });
    await w.deny((await only(w)).id);
    w.endDispute(id, 'won');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'failed' });
    expect(w.posts()).toHaveLength(0);
  });

  it('F46 F92 marks also what was under way when it came', async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const w = await ready({ crowd: true, network: (request) => (request.method === 'POST' ? { held } : undefined) });
    w.faults({ dropWebhooks: 1 });
    await w.post(of);
    w.may.hints = 0;
    await w.assess();
    const sending = w.lookAt((await only(w)).id);
    while (w.simulator.refunds().length === 0) await Promise.resolve();
    // What the gateway made is in no list yet: the dispute's own look finds nothing to mark.
    const [made] = w.simulator.state.refunds.splice(0);
    w.may.hints = 1;
    w.faults({});
    w.dispute('pi_one');
    await w.run(1000);
    expect(w.disputed()).toMatchObject({ disputes: 1n });
    expect(await only(w)).toMatchObject({ status: 'sending' });
    w.simulator.state.refunds.push(made!);
    answer();
    await sending;
    expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['disputed'] });
  });

  it('F46 is part of what the audit adds up', async () => {
    const w = await ready();
    w.endDispute(w.dispute('pi_one', { amountMinor: 1000 }), 'lost');
    w.dispute('pi_one', { amountMinor: 1000 });
    await w.run(minute);
    const { streams, state } = booksOf(w.table.dump());
    const wrong = (change: object) =>
      auditBooks(
        {
          streams,
          state: new Map(
            [...state].map(([pk, item]) => [pk, item.captured === undefined ? item : { ...item, ...change }]),
          ),
        },
        sha256Hex,
      ).balances.map(({ field, stored, computed }) => [field, stored, computed]);
    expect(wrong({})).toEqual([]);
    expect(wrong({ disputes: 0n })).toEqual([['disputes', 0n, 1n]]);
    expect(wrong({ chargedBack: 0n })).toEqual([['chargedBack', 0n, 1000n]]);
  });

  it('F46 that is lost and that nobody was shown keeps a leg from being sent that a person let go on knowing of an earlier one', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of);
    await w.run(minute);
    const first = w.dispute('pi_one', { amountMinor: 1000 });
    await w.run(1000);
    await w.switchSending('running');
    await w.run(minute);
    w.endDispute(first, 'lost');
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
    await w.switchSending('stopped');
    await w.approve((await only(w)).id);
    await w.run(minute);
    w.endDispute(w.dispute('pi_one', { amountMinor: 4200 }), 'lost');
    await w.run(minute);
    expect(w.disputed()).toMatchObject({ chargedBack: 5200n, available: 600n });
    w.simulator.state.disputes.splice(0);
    await w.switchSending('running');
    await w.run(hour);
    expect(w.moved()).toHaveLength(0);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
  });

  it('F46 F132 that is lost while a person is shown an earlier one is no part of what they say yes to', async () => {
    const w = await ready();
    w.endDispute(w.dispute('pi_one', { amountMinor: 1000 }), 'lost');
    await w.run(minute);
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
    w.endDispute(w.dispute('pi_one', { amountMinor: 4200 }), 'lost');
    await w.run(minute);
    w.simulator.state.disputes.splice(0);
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(w.moved()).toHaveLength(0);
  });

  it.each(['plan', 'leg'] as const)(
    'F46 that is lost after a person was shown an earlier one is shown before a yes to the %s counts',
    async (what) => {
      const w = await ready();
      if (what === 'leg') await w.switchSending('stopped');
      if (what === 'leg') await w.post(of);
      await w.run(minute);
      w.endDispute(w.dispute('pi_one', { amountMinor: 1000 }), 'lost');
      await w.run(minute);
      if (what === 'plan') await w.post(of);
      else await w.switchSending('running');
      await w.run(hour);
      const { id } = await only(w);
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
      w.endDispute(w.dispute('pi_one', { amountMinor: 500 }), 'lost');
      await w.run(minute);
      expect(await w.approve(id)).toMatchObject({ is: 'fault', fault: { code: 'changed' } });
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['charged-back'] });
      w.simulator.state.disputes.splice(0);
      // Both are known now, and it is owed all the same.
      expect(await w.approve(id)).toEqual({ is: 'done' });
      await w.run(hour);
      expect(w.moved()).toHaveLength(1);
    },
  );

  it('F46 that is only feared is recorded and told, and moves nothing', async () => {
    const w = await ready();
    w.warnOfFraud('pi_one');
    await w.run(minute);
    expect(types(w).filter((type) => type === 'payment.fraud-warned')).toHaveLength(1);
    expect(w.log.alarms()).toContain('fraud-warning');
    expect(w.disputed()).toMatchObject({ available: 10_000n });
  });
});

/** One refund, with a dispute that comes at the `at`th of the store's calls and requests to the gateway. */
async function interrupted(at: number, ends: 'won' | 'lost', first?: NetworkTrouble) {
  let steps = -1;
  let dispute: string | undefined;
  const strike = () => {
    if (armed && ++steps === at) dispute = w.dispute('pi_one', { amountMinor: 5000 });
  };
  let armed = false;
  let requests = 0;
  const w: World = world({
    store: (_: TableCall) => void strike(),
    network: (request) => {
      strike();
      return request.method === 'POST' && requests++ === 0 ? first : undefined;
    },
  });
  let frozen = false;
  const late: string[] = [];
  w.table.onInsert((item) => {
    const body = String(item.body);
    if (body.includes('"payment.dispute-opened"')) frozen = true;
    if (frozen && body.includes('"leg.sending"')) late.push(`sent after ${at}`);
    if (body.includes('"payment.dispute-won"')) frozen = false;
  });
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5000);
  armed = true;
  w.send(of);
  await w.run(10 * minute);
  armed = false;
  const before = await only(w);
  const sent = w.moved().length;
  if (dispute !== undefined) w.endDispute(dispute, ends);
  await w.run(3 * hour);
  return { w, dispute, before, sent, after: await only(w), late, steps };
}

describe('a dispute at any moment of a refund', () => {
  const moments = async (first?: NetworkTrouble) => {
    const { steps } = await interrupted(Number.POSITIVE_INFINITY, 'won', first);
    const every = first === undefined ? 1 : 3;
    return [...Array(Math.min(steps + 1, 70)).keys()].filter((at) => at % every === 0);
  };

  it.each([undefined, 'lost-reply', 'lost-request'] as const)(
    'F46 F67 never is followed by a request, and ends with one refund when it is won (%s)',
    async (first) => {
      const wrong: unknown[] = [];
      let held = 0;
      for (const at of await moments(first)) {
        const { w, dispute, before, sent, after, late } = await interrupted(at, 'won', first);
        if (dispute === undefined) continue;
        wrong.push(...late);
        const shown =
          before.status === 'held' || before.status === 'unknown' ? sent === 0 : before.reasons.includes('disputed');
        if (!shown) wrong.push([at, before.status, before.reasons]);
        held += before.status === 'held' ? 1 : 0;
        if (after.status !== 'refunded' || w.moved().length !== 1)
          wrong.push([at, 'after', after.status, after.reasons]);
      }
      expect(wrong).toEqual([]);
      expect(held).toBeGreaterThan(2);
    },
  );

  it.each([undefined, 'lost-reply', 'lost-request'] as const)(
    'F46 F67 sends nothing more when it is lost, and keeps the books (%s)',
    async (first) => {
      const wrong: unknown[] = [];
      for (const at of await moments(first)) {
        const { w, dispute, sent, after, late } = await interrupted(at, 'lost', first);
        if (dispute === undefined) continue;
        wrong.push(...late);
        if (w.moved().length !== sent || !after.reasons.includes('charged-back'))
          wrong.push([at, after.status, after.reasons]);
        if (w.disputed().chargedBack !== 5000n || w.disputed().disputes !== 0n) wrong.push([at, w.disputed()]);
      }
      expect(wrong).toEqual([]);
    },
  );
});
