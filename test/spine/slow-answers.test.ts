import { expect, it } from 'vitest';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import type { World } from './world.ts';

const hour = 3_600_000;
const payments = ['pi_one', 'pi_2', 'pi_3', 'pi_4'];

/** As the workers that are deployed (`stacks/queues.ts`): long enough for two questions of two requests each, and not for three. */
const lifeMs = 50_000;
const answerMs = 9_000;

/** A refund of four legs that Stripe has not finished and tells nobody about, and from then on it takes its time for each answer. */
async function pendingFor(ms: number): Promise<World> {
  let slow = false;
  const w: World = await ready({
    slow: true,
    lifeMs,
    pendingRate: 1,
    laterMs: ms,
    network: () => void (slow && w.clock.advance(answerMs)),
  });
  for (const payment of payments.slice(1)) w.pay(payment, 1000, { order: '1001' });
  await w.run(5000);
  w.faults({ dropWebhooks: 1 });
  await w.post(returned('RMA-1', '130.00', payments));
  await w.run(60_000);
  expect(w.posts()).toHaveLength(payments.length);
  slow = true;
  return w;
}

const states = async (w: World) => {
  const [refund] = await w.refunds();
  const shown = refund && (await w.show(refund.id));
  return shown?.legs.map(({ state }) => state);
};

it('F76 F87 F91 comes to the end of each leg of a refund, however long the gateway takes for those before it', async () => {
  const w = await pendingFor(2 * hour);
  await w.run(10 * 24 * hour);
  expect(await states(w)).toEqual(['refunded', 'refunded', 'refunded', 'refunded']);
});

it('F76 F87 F91 has each leg in front of a person that the gateway does not finish, those behind slow answers too', async () => {
  const w = await pendingFor(60 * 24 * hour);
  await w.run(20 * 24 * hour);
  expect(await states(w)).toEqual(['held', 'held', 'held', 'held']);
});

it('F41 F87 has a return in front of a person that is more than its payments have, though it takes longer than a life to ask about all of them', async () => {
  let slow = false;
  const w: World = await ready({ slow: true, lifeMs, network: () => void (slow && w.clock.advance(answerMs)) });
  for (const payment of payments.slice(1)) w.pay(payment, 1000, { order: '1001' });
  await w.run(5000);
  slow = true;
  await w.post(returned('RMA-1', '200.00', payments));
  await w.run(10 * 60_000);
  expect((await w.refunds()).map(({ status }) => status)).toEqual(['held']);
});
