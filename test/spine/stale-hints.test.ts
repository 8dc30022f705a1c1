import { describe, expect, it } from 'vitest';
import { executeWork } from '../../lib/app/execute.ts';
import { parseConnection } from '../../lib/domain/ids.ts';
import type { Work } from '../../lib/domain/refund/work.ts';
import { credential, merchant, stripe, stripeSecret, type World, world } from './world.ts';

const minute = 60_000;
const two = parseConnection('stripe-two')!;
const connections = [
  {
    name: two,
    merchant,
    kind: 'gateway',
    platform: 'stripe',
    mode: 'test',
    settings: { baseUrl: 'http://127.0.0.1:1' },
    verifySecrets: [stripeSecret.reveal()],
    credential: credential.reveal(),
  },
] as const;

/** One approved refund of 50.00 with a leg at each of two accounts; none is sent yet, and no hint goes by itself. */
async function atTwo(): Promise<{ w: World; id: string; work: Work }> {
  const w = world({ connections });
  w.pay('pi_one', 3000, { order: '1001', silent: true });
  w.pay('pi_two', 2000, { order: '1001', silent: true });
  const of = {
    type: 'return.approved',
    data: {
      return: 'RMA-1',
      order: '1001',
      currency: 'EUR',
      payments: [
        { connection: stripe, reference: 'pi_one' },
        { connection: two, reference: 'pi_two' },
      ],
      lines: [{ id: 'l1', sku: 'sku', quantity: 1, price: '50.00', tax: '0', reason: 'size', condition: 'new' }],
    },
  };
  Object.assign(w.may, { relay: false, sweep: false, hints: 0 });
  await w.postSigned(JSON.stringify(of), 'msg_1');
  await w.assess();
  const { id } = (await w.refunds())[0]!;
  expect(await w.show(id)).toMatchObject({ legs: [{ connection: stripe }, { connection: two }] });
  await hintsOf(w);
  return { w, id, work: w.workOn(id, 'execute') };
}

/** What was sent to the queues since the last time, and is handed over to nobody. */
async function hintsOf(w: World): Promise<readonly Work[]> {
  const before = w.hinted.length;
  await w.run(1);
  return w.hinted.slice(before);
}
const sendingsOf = async (w: World, id: string) => (await w.show(id))?.legs.map(({ sendings }) => sendings);

describe('a hint to execute', () => {
  it('that names an account the refund has no work at goes to each account where it has, and sends nothing', async () => {
    const { w, id, work } = await atTwo();
    const elsewhere = parseConnection('stripe-gone')!;
    expect(await executeWork(w.needs, { ...work, connection: elsewhere })).toBe('done');
    expect(w.posts()).toEqual([]);
    expect(await hintsOf(w)).toEqual([
      { ...work, connection: stripe },
      { ...work, connection: two },
    ]);
    expect(await sendingsOf(w, id)).toEqual([0, 0]);
  });

  it('that names an account which is done with goes to the one that is not, and those two end there', async () => {
    const { w, id, work } = await atTwo();
    await executeWork(w.needs, { ...work, connection: stripe });
    expect(await sendingsOf(w, id)).toEqual([1, 0]);
    await hintsOf(w);
    await executeWork(w.needs, { ...work, connection: stripe });
    expect(w.posts()).toHaveLength(1);
    const moved = await hintsOf(w);
    expect(moved).toEqual([{ ...work, connection: two }]);
    for (const one of moved) await executeWork(w.needs, one);
    expect(await sendingsOf(w, id)).toEqual([1, 1]);
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([3000, 2000]);
  });

  it('that comes when nothing is to be executed any more is sent on to nobody', async () => {
    const { w, work } = await atTwo();
    await executeWork(w.needs, work);
    expect(w.posts()).toHaveLength(2);
    await hintsOf(w);
    for (const connection of [stripe, two, parseConnection('stripe-gone')!])
      expect(await executeWork(w.needs, { ...work, connection })).toBe('done');
    expect(w.posts()).toHaveLength(2);
    expect(await hintsOf(w)).toEqual([]);
  });

  it('for one leg is about that leg also where it was sent on', async () => {
    const { w, id, work } = await atTwo();
    await executeWork(w.needs, { ...work, leg: 2, connection: parseConnection('stripe-gone')! });
    const moved = await hintsOf(w);
    for (const one of moved) await executeWork(w.needs, one);
    expect(await sendingsOf(w, id)).toEqual([0, 1]);
  });

  it('F61 for a leg that is not due yet sends nothing, however often it comes', async () => {
    const { w, id, work } = await atTwo();
    w.faults({ rateLimit: 1 });
    await executeWork(w.needs, { ...work, connection: stripe });
    expect(await sendingsOf(w, id)).toEqual([1, 0]);
    w.faults({});
    const asked = w.posts().length;
    for (let time = 0; time < 5; time += 1) await executeWork(w.needs, { ...work, connection: stripe });
    expect(w.posts()).toHaveLength(asked);
    expect(await sendingsOf(w, id)).toEqual([1, 0]);
    Object.assign(w.may, { relay: true, sweep: true, hints: 1 });
    await w.run(5 * minute);
    expect(
      w
        .moved()
        .map(({ amountMinor }) => amountMinor)
        .sort(),
    ).toEqual([2000, 3000]);
  });
});
