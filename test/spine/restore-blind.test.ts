import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../lib/app/ports/gateway.ts';
import { asGateway } from './as-gateway.ts';
import { putBack } from './put-back.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const of = returned('RMA-1', '42.00', 'pi_one', { order: '1001' });

/** The simulated gateway as one that nobody can ask for certain: what it does not find is no absence. */
function blind(w: World, lookup: Capabilities['lookup']): void {
  asGateway(w, (gateway) => ({
    capabilities: { ...gateway.capabilities, lookup },
    endpoint: gateway.endpoint,
    refund: (order) => gateway.refund(order),
    look: async () => ({ is: 'cannot-tell', why: 'lists nothing' }),
    refundsSince: (query) => gateway.refundsSince(query),
    find: async () => ({ is: 'cannot-tell', why: 'lists nothing' }),
  }));
}

/** One refund that was paid, which the tables forgot; the same return is told again. */
async function forgotten(lookup: Capabilities['lookup']): Promise<World> {
  const w = world({ slow: true });
  w.accepted.add('forgotten');
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(minute);
  const [tables, since] = [w.table.dump(), w.clock.now()];
  await w.post(of);
  await w.run(5 * minute);
  expect(w.moved()).toHaveLength(1);
  await putBack(w, tables, since);
  blind(w, lookup);
  expect(await w.restore.end()).toEqual({ is: 'done' });
  await w.post(of);
  await w.run(30 * minute);
  return w;
}

describe('a restored journal, and a gateway that can not be asked for certain', () => {
  it('F64 F117 a person is shown at once that what lists nothing may have paid it already', async () => {
    const w = await forgotten('none');
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
    expect(w.moved()).toHaveLength(1);
  });

  it('F64 F117 and in some days for what a list that lags does not show', async () => {
    const w = await forgotten('eventual');
    expect(await w.refunds()).toMatchObject([{ status: 'approved' }]);
    await w.run(4 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
    expect(w.moved()).toHaveLength(1);
  });

  it.each(['none', 'eventual'] as const)(
    'F117 what a person compared is sent once, where the lookup is %s',
    async (lookup) => {
      const w = await forgotten(lookup);
      await w.post(returned('RMA-2', '10.00', 'pi_one', { order: '1001' }));
      await w.run(4 * day);
      const other = async () => (await w.refunds()).find((one) => one.return === 'RMA-2')!;
      expect(await other()).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
      await w.approve((await other()).id);
      await w.run(30 * minute);
      expect(await other()).toMatchObject({ status: 'refunded' });
      expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4200, 1000]);
    },
  );
});
