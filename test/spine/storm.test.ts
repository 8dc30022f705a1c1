import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceFrom } from '../../lib/adapters/kit/simulator.ts';
import { final } from '../../lib/domain/refund/status.ts';
import { returned } from './returned.ts';
import { tableTroubles } from './trouble.ts';
import { audited, type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

/** More on a machine that has the time: `SPINE_STORMS=2000`. */
const numRuns = Number(process.env.SPINE_STORMS ?? 40);

const payments = ['pi_one', 'pi_two'] as const;
const payment = fc.constantFrom(...payments);
const someReturn = fc.record({
  do: fc.constant('return' as const),
  name: fc.constantFrom('RMA-1', 'RMA-2', 'RMA-3', 'RMA-4'),
  price: fc.constantFrom('5.00', '20.00', '60.00', '501.00'),
  on: fc.constantFrom<readonly string[]>([], ['pi_one'], ['pi_two'], ['pi_two', 'ch_one']),
  trigger: fc.constantFrom('approved' as const, 'approved' as const, 'approved' as const, 'cancelled' as const),
  order: fc.constantFrom('1001', '1001', '1001', '1002'),
});
const someFaults = fc.record({
  do: fc.constant('faults' as const),
  faults: fc.record(
    {
      lostReplies: fc.constantFrom(1, 2),
      errorRate: fc.constant(0.3),
      rateLimit: fc.constant(0.4),
      failLater: fc.constant(1),
      duplicateWebhooks: fc.constant(0.5),
      reorderWebhooks: fc.constant(0.5),
      dropWebhooks: fc.constant(0.5),
      down: fc.boolean(),
      noCap: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
});
const happening = fc.oneof(
  { weight: 5, arbitrary: someReturn },
  { weight: 3, arbitrary: someFaults },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 1500, 10_000, 5 * minute) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('decide' as const), which: fc.nat(9), yes: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('dashboard' as const),
      payment,
      amountMinor: fc.constantFrom(100, 2000, 9000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('switch' as const),
      to: fc.constantFrom('stopped' as const, 'running' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('hints' as const), copies: fc.constantFrom(0, 1, 2), relay: fc.boolean() }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const storm = fc.record({
  seed: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  crowd: fc.boolean(),
  pendingRate: fc.constantFrom(0, 0.5),
  storeTrouble: fc.constantFrom(0, 0.05, 0.2),
  happenings: fc.array(happening, { minLength: 4, maxLength: 25 }),
});

async function happens(w: World, one: Happening): Promise<void> {
  switch (one.do) {
    case 'return':
      return w.send(returned(one.name, one.price, one.on, { trigger: one.trigger, order: one.order }));
    case 'faults':
      if (one.faults.noCap) w.accepted.add('overdrawn');
      if (one.faults.dropWebhooks) w.accepted.add('unheard');
      return w.faults(one.faults);
    case 'wait':
      return w.run(one.ms);
    case 'decide': {
      const held = (await w.refunds()).filter((refund) => refund.status === 'held');
      const chosen = held[one.which % Math.max(1, held.length)];
      if (chosen !== undefined) await (one.yes ? w.approve(chosen.id) : w.deny(chosen.id));
      return;
    }
    case 'dashboard':
      w.dashboard(one.payment, one.amountMinor);
      return;
    case 'switch':
      await w.switchSending(one.to);
      return;
    case 'hints':
      w.may.hints = one.copies;
      w.may.relay = one.relay;
  }
}

describe('a storm', () => {
  it('F35 F45 F66 F67 F93 ends with every refund final or before a person, and books that agree with the gateway', async () => {
    await fc.assert(
      fc.asyncProperty(storm, async ({ seed, crowd, pendingRate, storeTrouble, happenings }) => {
        const chance = chanceFrom(seed);
        const troubles = crowd ? tableTroubles.slice(0, 4) : tableTroubles;
        let calls = 0;
        const store = () => {
          calls += 1;
          const troubled = stormy && chance(`trouble ${calls}`) < storeTrouble;
          return troubled ? troubles[Math.floor(chance(`which ${calls}`) * troubles.length)] : undefined;
        };
        let stormy = false;
        const w = world({ seed, crowd, pendingRate, store });
        w.pay('pi_one', 10_000, { order: '1001' });
        w.pay('pi_two', 10_000);
        stormy = true;
        for (const one of happenings) await happens(w, one).catch(() => undefined);
        stormy = false;
        w.may.hints = 1;
        w.may.relay = true;
        w.faults({});
        await w.switchSending('running');
        await w.run(3 * hour);
        const unfinished = (await w.refunds()).filter(({ status }) => !final.has(status) && status !== 'held');
        expect(unfinished).toEqual([]);
        await audited();
      }),
      { seed: 20_261_121, numRuns },
    );
  });
});
