import { describe, expect, it } from 'vitest';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

async function ready(options: Parameters<typeof world>[0] = {}, order: { order?: string } = { order: '1001' }) {
  const w = world(options);
  w.pay('pi_one', 100_000, order);
  await w.run(5000);
  return w;
}

async function post(w: World, ...prices: string[]) {
  for (const price of prices) {
    const number = (await w.refunds()).length + 1;
    await w.post(returned(`RMA-${number}`, price, 'pi_one'));
    await w.run(5000);
  }
}

const statuses = async (w: World) => (await w.refunds()).map((refund) => refund.status);
const at = async (w: World, index: number) => (await w.refunds())[index]!;

const endedOf = (w: World) => w.log.lines.flatMap((said) => (said.is === 'ended' ? [said.line] : []));

describe('people', () => {
  it('read in the log how each refund ended, through which account, and how long it took', async () => {
    const w = await ready();
    await post(w, '10.00', '600.00');
    const held = await at(w, 1);
    expect(endedOf(w)).toMatchObject([{ refund: (await at(w, 0)).id, status: 'refunded', connection: 'stripe-demo' }]);
    await w.run(hour);
    await w.deny(held.id);
    await w.run(hour);
    expect(endedOf(w).slice(1)).toMatchObject([{ refund: held.id, status: 'denied', reason: 'by-person' }]);
    expect(endedOf(w)[0]!.tookMs).toBeLessThan(5000);
    expect(endedOf(w)[1]!.tookMs).toBeGreaterThanOrEqual(hour);
  });

  it('are asked above the limit, and nothing is promised before they answer', async () => {
    const w = await ready();
    await post(w, '499.99', '500.01');
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }, { status: 'held', reasons: ['over-limit'] }]);
    await w.deny((await at(w, 1)).id);
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded', 'denied']);
    expect(w.balance()).toMatchObject({ available: 50_001n });
    expect(await w.approve((await at(w, 1)).id)).toMatchObject({ fault: { code: 'not-held' } });
    expect(w.moved()).toHaveLength(1);
  });

  it('are named in the journal when they approve, and their second word changes nothing', async () => {
    const w = await ready({ crowd: true });
    await post(w, '600.00');
    const { id } = await at(w, 0);
    const answers = await Promise.all(['ann', 'bob', 'ann'].map((who) => w.approve(id, who)));
    expect(answers.filter((answer) => answer.is === 'done')).toHaveLength(1);
    await w.run();
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.posts()).toHaveLength(1);
    const actors = w.table.dump().journal.map((item) => JSON.parse(String(item.body)).actor);
    expect(actors.filter((actor) => String(actor).startsWith('person:'))).toHaveLength(1);
  });

  it('F35 F41 are refused when the payment has meanwhile too little, and the refund stays held', async () => {
    const w = await ready();
    await post(w, '600.00', '450.00');
    const { id } = await at(w, 0);
    expect(await w.approve(id)).toMatchObject({ fault: { code: 'not-reservable' } });
    await w.run(day);
    expect(await statuses(w)).toEqual(['held', 'refunded']);
    expect(w.log.alarms()).toContain('hold-overdue');
    expect(w.balance()).toMatchObject({ available: 55_000n });
  });

  it('bind the payment to the order when they approve, as the policy would have', async () => {
    const w = await ready({}, {});
    await post(w, '600.00');
    await w.approve((await at(w, 0)).id);
    await w.run();
    await w.post(returned('RMA-2', '10.00', 'pi_one', { order: '1002' }));
    await w.run();
    expect(await at(w, 1)).toMatchObject({ status: 'held', reasons: ['other-order'] });
    expect(w.moved()).toHaveLength(1);
  });

  it('are refused where another order took the payment while they thought about it', async () => {
    const w = await ready({}, {});
    await post(w, '600.00');
    await w.post(returned('RMA-2', '10.00', 'pi_one', { order: '1002' }));
    await w.run();
    expect(await w.approve((await at(w, 0)).id)).toMatchObject({ is: 'fault' });
    await w.run();
    expect(await statuses(w)).toEqual(['held', 'refunded']);
  });

  it('may approve the payment of another order, where they were told', async () => {
    const w = await ready();
    await w.post(returned('RMA-1', '10.00', 'pi_one', { order: '1002' }));
    await w.run();
    expect(await at(w, 0)).toMatchObject({ status: 'held', reasons: ['other-order'] });
    expect(await w.approve((await at(w, 0)).id)).toEqual({ is: 'done' });
    await w.run();
    expect(await statuses(w)).toEqual(['refunded']);
  });

  it('are told who is not there', async () => {
    const w = await ready();
    expect(await w.approve('rf_0123456789abcdef0123')).toMatchObject({ fault: { code: 'not-found' } });
    expect(await w.deny('rf_0123456789abcdef0123')).toMatchObject({ fault: { code: 'not-found' } });
  });

  it('F90 stop all sending at once, and let it go on', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await post(w, '10.00', '20.00', '30.00');
    await w.run(hour);
    expect(await statuses(w)).toEqual(['approved', 'approved', 'approved']);
    expect(w.posts()).toEqual([]);
    await w.switchSending('running');
    await w.run(5 * minute);
    expect(await statuses(w)).toEqual(['refunded', 'refunded', 'refunded']);
    expect(w.posts()).toHaveLength(3);
  });

  it('F90 do not call back a request under way: its outcome is looked up, and nothing is sent again', async () => {
    const w = await ready({ network: (request) => (request.method === 'POST' ? 'lost-reply' : undefined) });
    w.faults({ dropWebhooks: 1 });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.assess();
    await w.lookAt((await at(w, 0)).id);
    await w.switchSending('stopped');
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.posts()).toHaveLength(1);
  });

  it('F90 leave what was lost unsent while the switch is off', async () => {
    let sendings = 0;
    const w = await ready({
      network: (request) => (request.method === 'POST' && sendings++ === 0 ? 'lost-request' : undefined),
    });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.assess();
    await w.lookAt((await at(w, 0)).id);
    await w.switchSending('stopped');
    await w.run(hour);
    expect(await statuses(w)).toEqual(['unknown']);
    expect(w.posts()).toEqual([]);
    await w.switchSending('running');
    await w.run(hour);
    expect(await statuses(w)).toEqual(['refunded']);
    expect(w.posts()).toHaveLength(1);
  });
});
