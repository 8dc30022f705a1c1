import { describe, expect, it } from 'vitest';
import { ready } from './ready.ts';
import { line, type Returned, returned } from './returned.ts';

const minute = 60_000;
const two = returned('RMA-1', '', 'pi_one', { lines: [line('10.00', 'l1'), line('20.00', 'l2')] });
const one: Returned = { ...two, lines: [line('10.00', 'l1')] };

/** What the return stated first is asked for, and nobody knows what came of that; the gateway says it once it is reached. */
async function inDoubt(network: 'lost-request' | 'lost-reply') {
  let lose = true;
  const w = await ready({ network: ({ url }) => (lose && url.includes('/v1/refunds') ? network : undefined) });
  w.faults({ dropWebhooks: network === 'lost-reply' ? 1 : 0 });
  await w.post(two, 'msg_1');
  await w.run(4000);
  expect(await w.refunds()).toMatchObject([{ status: 'unknown' }]);
  const reach = () => {
    lose = false;
  };
  return { w, reach };
}

type World = Awaited<ReturnType<typeof ready>>;
const amounts = (w: World) => w.moved().map(({ amountMinor }) => amountMinor);
const first = async (w: World) => (await w.refunds())[0]!;

/** While a request for it has no answer, the return says something else. */
describe('a return that changes while its refund is in doubt', () => {
  const changes = [
    ['F41 F59', 'states less', 'return-shrank', one, 'msg_2'],
    ['F53 F59', 'is cancelled', 'return-cancelled', { ...two, trigger: 'cancelled' }, 'msg_2'],
    ['F10 F59', 'has a notice with two contents', 'notice-conflict', one, 'msg_1'],
  ] as const;

  it.each(changes)(
    '%s is not asked for again where it %s and the gateway has nothing',
    async (...[, , why, said, id]) => {
      const { w, reach } = await inDoubt('lost-request');
      await w.post(said, id);
      await w.assess();
      await w.assess();
      reach();
      await w.run(10 * minute);
      expect(amounts(w)).toEqual([]);
      expect(await first(w)).toMatchObject({ status: 'held', reasons: [why] });
      // Whoever says yes knows it.
      await w.approve((await first(w)).id);
      await w.run(10 * minute);
      expect(amounts(w)).toEqual([3000]);
    },
  );

  it.each(changes)('%s is found where it %s and the gateway has it', async (...[, , , said, id]) => {
    const { w, reach } = await inDoubt('lost-reply');
    await w.post(said, id);
    reach();
    await w.run(10 * minute);
    expect(amounts(w)).toEqual([3000]);
    expect(await first(w)).toMatchObject({ status: 'refunded' });
  });

  it('F41 F76 is shown as such to whoever is asked about a refund that failed later', async () => {
    const w = await ready();
    await w.post(two);
    await w.run();
    await w.post(one);
    await w.run();
    w.move(w.moved()[0]!.id, { status: 'failed' });
    await w.run(10 * minute);
    expect(await first(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway', 'return-shrank'] });
    await w.approve((await first(w)).id);
    await w.run(10 * minute);
    expect(await first(w)).toMatchObject({ status: 'refunded' });
  });
});
