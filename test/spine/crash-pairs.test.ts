import { describe, expect, it } from 'vitest';
import { chanceFrom } from '../../lib/adapters/kit/simulator.ts';
import { type Flow, singleTroubles, wrongWith } from './crashes.ts';
import { returned } from './returned.ts';
import { world } from './world.ts';

/** More runs on a machine that has the time: `SPINE_PAIRS=5000`. */
const pairs = Number(process.env.SPINE_PAIRS ?? 60);

describe('a store and processes that fail again and again', () => {
  it.each<Flow>(['plain', 'lost reply'])(
    'F66 end with one refund, whatever goes wrong at two calls (%s)',
    async (flow) => {
      const chance = chanceFrom(`pairs of ${flow}`);
      const singles = await singleTroubles(flow);
      const pick = (label: string) => singles[Math.floor(chance(label) * singles.length)]!;
      const wrong: string[] = [];
      for (let n = 0; n < pairs; n += 1) {
        const [first, [offset, trouble]] = [pick(`first ${n}`), pick(`second ${n}`)];
        wrong.push(...(await wrongWith(flow, new Map([first, [first[0] + 1 + (offset % 12), trouble]]))));
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(['kill-before', 'kill-after'] as const)(
    'F66 F88 end with one refund when the sender is gone (%s the request)',
    async (how) => {
      for (const deaths of [1, 2, 3]) {
        let sendings = 0;
        const w = world({ network: (request) => (request.method === 'POST' && sendings++ < deaths ? how : undefined) });
        w.pay('pi_one', 10_000, { order: '1001' });
        await w.run(5000);
        w.send(returned('RMA-1', '42.00', 'pi_one'));
        await w.run(180_000);
        expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
        expect(w.moved()).toHaveLength(1);
        expect(w.posts()).toHaveLength(1);
        expect(sendings).toBe(how === 'kill-after' ? 1 : deaths + 1);
      }
    },
  );

  it('F71 take a write that was done, and that the SDK repeated, for the success it was', async () => {
    const w = world({ store: ({ call }) => (call === 'write' ? 'sdk-retry' : undefined) });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    expect(await w.post(returned('RMA-1', '42.00', 'pi_one'))).toMatchObject({ is: 'recorded' });
    await w.run(1000);
    const [refund] = await w.refunds();
    const events = (await w.events(refund!.id)).map((event) => event.type);
    expect(events).toEqual(['refund.requested', 'refund.approved', 'leg.sending', 'leg.accepted']);
  });

  it('F66 ends with one refund when whoever asks the gateway is gone each time', async () => {
    let asked = 0;
    const w = world({
      network: (request) => (request.method === 'POST' ? 'lost-reply' : asked++ < 4 ? 'kill-after' : undefined),
    });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    w.faults({ dropWebhooks: 1 });
    w.send(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(300_000);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.posts()).toHaveLength(1);
  });
});
