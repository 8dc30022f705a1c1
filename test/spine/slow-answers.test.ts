import { expect, it } from 'vitest';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import type { World } from './world.ts';

const hour = 3_600_000;
const day = 24 * hour;
const payments = ['pi_one', 'pi_2', 'pi_3', 'pi_4'];

/** A worker lives so long (`stacks/queues.ts`): for three questions of one such request each, and not for four. */
const lifeMs = 50_000;
const answerMs = 14_000;

/** A refund of four legs that Stripe has not finished and tells nobody about, and from then on it takes its time for each answer. */
async function pendingFor(laterMs: number): Promise<World> {
  let slow = false;
  const w: World = await ready({
    slow: true,
    lifeMs,
    pendingRate: 1,
    laterMs,
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
  return shown?.legs.map(({ state }) => state) ?? [];
};

it('F76 F87 F91 comes to the end of each leg of a refund, however long the gateway takes for those before it', async () => {
  const w = await pendingFor(2 * hour);
  await w.run(5 * day);
  expect(await states(w)).toEqual(['refunded', 'refunded', 'refunded', 'refunded']);
});

it('F76 F87 F91 hears of any leg that ended, behind others that the gateway does not finish', async () => {
  const w = await pendingFor(60 * day);
  const ended = w.moved().at(-1);
  w.move(ended?.id ?? '', { status: 'succeeded' });
  await w.run(9 * day);
  expect((await states(w)).sort()).toEqual(['pending', 'pending', 'pending', 'refunded']);
});

it('F41 F87 has a return in front of a person that is more than its payments have, though it takes longer than a life to ask about all of them', async () => {
  let slow = false;
  // Each question is two requests.
  const w: World = await ready({ slow: true, lifeMs, network: () => void (slow && w.clock.advance(9000)) });
  for (const payment of payments.slice(1)) w.pay(payment, 1000, { order: '1001' });
  await w.run(5000);
  slow = true;
  await w.post(returned('RMA-1', '200.00', payments));
  await w.run(10 * 60_000);
  expect((await w.refunds()).map(({ status }) => status)).toEqual(['held']);
});
