import { describe, expect, it } from 'vitest';
import { capabilities } from '../../lib/adapters/gateways/stripe/manifest.ts';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

const isSending = (request: WireRequest) => request.method === 'POST';
const inTurn = (troubles: readonly (NetworkTrouble | undefined)[], of = isSending) => {
  let turn = 0;
  return (request: WireRequest) => (of(request) ? troubles[turn++] : undefined);
};

async function one(options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5000);
  await w.post(returned('RMA-1', '42.00', 'pi_one'));
  return w;
}

const expectOneRefund = async (w: World, posts: number) => {
  expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4200n }]);
  expect(w.moved()).toHaveLength(1);
  expect(w.posts()).toHaveLength(posts);
};
const keys = (w: World) => new Set(w.posts().map((call) => call.key)).size;

describe('a gateway that does not answer', () => {
  it('F57 sends each of ten refunds once when every reply is lost, asks, and finds them', async () => {
    const w = world();
    w.faults({ lostReplies: 10 });
    for (let n = 1; n <= 10; n += 1) w.pay(`pi_${n}`, 10_000, { order: `${n}` });
    await w.run(5000);
    for (let n = 1; n <= 10; n += 1) w.send(returned(`RMA-${n}`, '42.00', `pi_${n}`, { order: `${n}` }));
    await w.run();
    const refunds = await w.refunds();
    expect(refunds.map((refund) => refund.status)).toEqual(Array(10).fill('refunded'));
    expect(w.posts()).toHaveLength(10);
    expect(keys(w)).toBe(10);
    expect(w.moved()).toHaveLength(10);
    const histories = await Promise.all(refunds.map((refund) => w.events(refund.id)));
    expect(histories.every((events) => events.filter((event) => event.type === 'leg.sending').length === 1)).toBe(true);
  });

  it('F57 finds by asking where the webhooks are lost too', async () => {
    const w = await one({ network: inTurn(['lost-reply']) });
    w.faults({ dropWebhooks: 1 });
    await w.run();
    await expectOneRefund(w, 1);
    const [refund] = await w.refunds();
    const accepted = (await w.events(refund!.id)).filter((event) => event.type === 'leg.accepted');
    expect(accepted).toMatchObject([{ source: 'lookup' }]);
    expect(w.reads().length).toBeGreaterThan(0);
  });

  it('F58 repeats under the same key when the request was lost and nothing is found', async () => {
    const w = await one({ network: inTurn(['lost-request', 'lost-request']) });
    await w.run();
    await expectOneRefund(w, 1);
    const sent = (await w.events((await w.refunds())[0]!.id)).filter((event) => event.type === 'leg.sending');
    expect(sent).toMatchObject([
      { sending: 1, epoch: 1 },
      { sending: 2, epoch: 1 },
      { sending: 3, epoch: 1 },
    ]);
    expect(new Set(sent.map((event) => event.key)).size).toBe(1);
  });

  it('F58 repeats under the same key after the gateway was down', async () => {
    const w = await one();
    w.faults({ down: true });
    await w.run(10 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'unknown' }]);
    w.faults({});
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(keys(w)).toBe(1);
    expect(w.moved()).toHaveLength(1);
  });

  it('F59 F63 proves absence twice before a new key when it was unreachable for 25 h', async () => {
    let unreachable = true;
    const asked: number[] = [];
    const posted: number[] = [];
    const w = await one({
      slow: true,
      network: (request) => {
        (isSending(request) ? posted : asked).push(now());
        return unreachable ? 'lost-request' : undefined;
      },
    });
    const now = () => w.clock.now() as number;
    await w.run(25 * hour);
    expect(posted).toHaveLength(1);
    unreachable = false;
    asked.splice(0);
    await w.run(3 * hour);
    expect(posted).toHaveLength(2);
    const proofs = asked.filter((at) => at <= posted[1]!);
    expect(proofs.length).toBeGreaterThanOrEqual(2);
    expect(posted[1]! - proofs[0]!).toBeGreaterThanOrEqual(capabilities.lateArrivalMs);
    await expectOneRefund(w, 1);
    const sent = (await w.events((await w.refunds())[0]!.id)).filter((event) => event.type === 'leg.sending');
    expect(sent).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
    expect(sent[0]!.key).not.toBe(sent[1]!.key);
  });

  /** Its reply was lost and nobody answered for three days: held in doubt. */
  const heldInDoubt = async () => {
    const to = { unreachable: true };
    const first = inTurn(['lost-reply']);
    const network = (request: WireRequest) => first(request) ?? (to.unreachable ? 'lost-request' : undefined);
    const w = await one({ slow: true, network });
    w.pay('pi_two', 10_000, { order: '1002' });
    w.faults({ dropWebhooks: 1 });
    await w.run(72 * hour);
    for (let n = 0; n < 24 && (await w.refunds())[0]?.status !== 'held'; n += 1) await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['no-answer'] }]);
    return { w, to };
  };

  it('F57 whose payment can not be read any more says so once, and not at each look', async () => {
    const { w, to } = await heldInDoubt();
    to.unreachable = false;
    const payments = w.table.dump().state.filter(({ pk }) => String(pk).includes('#payment#'));
    expect(payments).toHaveLength(2);
    const [mine, other] = payments.sort((a, b) => Number(a.available) - Number(b.available));
    const update = { table: 'state', pk: String(mine?.pk) } as const;
    await w.table.write([{ update, set: { sealed: String(other?.sealed) }, only: [{ is: 'present' }] }]);
    const alarms = w.log.alarms().length;
    await w.run(10 * 24 * hour);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['no-answer'] }]);
    expect(
      w.log
        .alarms()
        .slice(alarms)
        .filter((code) => code === 'refund-held'),
    ).toEqual([]);
  });

  it('F57 F91 is asked again within hours for what is held in doubt, where it was silent when that was due', async () => {
    const { w, to } = await heldInDoubt();
    // It is due after 1 and 6 and 21 minutes, 1:21 h and 7:21 h; the next time is a day later.
    await w.run(7.5 * hour);
    to.unreachable = false;
    await w.run(2 * hour);
    await expectOneRefund(w, 1);
  });

  it('F57 F91 is asked on for what a person denied in doubt: what reached the customer is known, though no webhook comes', async () => {
    const { w, to } = await heldInDoubt();
    const [refund] = await w.refunds();
    await w.deny(refund!.id);
    expect(await w.refunds()).toMatchObject([{ status: 'failed', reasons: ['closed-by-person'] }]);
    to.unreachable = false;
    await w.run(2 * hour);
    await expectOneRefund(w, 1);
  });

  it('F59 F63 finds a request that arrived late while the gateway could not be asked for 25 h', async () => {
    let unreachable = true;
    const late = inTurn([{ arrivesAfterMs: capabilities.lateArrivalMs }]);
    const w = await one({
      slow: true,
      network: (request) => late(request) ?? (unreachable ? 'lost-request' : undefined),
    });
    w.faults({ dropWebhooks: 1 });
    await w.run(25 * hour);
    unreachable = false;
    await w.run(3 * hour);
    await expectOneRefund(w, 1);
  });

  it.each(['arrivesAfterMs', 'executedAfterMs'] as const)(
    'F59 has one refund when a request %s up to ten minutes, asked at any time',
    async (how) => {
      for (const ms of [1, 500, 1500, 4000, 20_000, minute, 5 * minute, capabilities.lateArrivalMs]) {
        const w = await one({ network: inTurn([{ [how]: ms } as never]), seed: `late-${ms}` });
        w.faults({ dropWebhooks: 1 });
        await w.run(hour);
        expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
        expect(w.moved()).toHaveLength(1);
        expect(keys(w)).toBe(1);
      }
    },
  );

  it('F63 has one refund when the last request before the end of the window arrives late', async () => {
    const late = capabilities.lateArrivalMs;
    let last = true;
    const w = await one({
      slow: true,
      network: (request) => {
        const before = w.clock.now() < start + 24 * hour;
        if (!isSending(request)) return undefined;
        if (before && w.clock.now() > start + 22 * hour && last) {
          last = false;
          return { arrivesAfterMs: late };
        }
        return before ? 'lost-request' : undefined;
      },
    });
    const start = w.clock.now();
    w.faults({ dropWebhooks: 1 });
    await w.run(27 * hour);
    expect(last).toBe(false);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
  });

  it('stands in front of a person when the gateway says nothing for three days, and goes on when told to', async () => {
    const w = await one({ slow: true });
    w.faults({ down: true });
    await w.run(4 * 24 * hour);
    const [held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['no-answer'] });
    w.faults({});
    await w.approve(held!.id);
    await w.run(3 * hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
  });
});
