import { describe, expect, it } from 'vitest';
import { executeWork } from '../../lib/app/execute.ts';
import type { Gateway } from '../../lib/app/ports/gateway.ts';
import type { Write } from '../../lib/app/ports/table.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { putBack } from './put-back.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;

/** A refund of 30 out of 100 that the journal forgot with all that led to it; before the tables were put back, and since when. */
async function forgotten(options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  w.accepted.add('forgotten');
  w.pay('pi_a', 10_000, { order: '1001' });
  await w.run(5000);
  const [tables, since] = [w.table.dump(), w.clock.now()];
  await w.post(returned('RMA-1', '30.00', 'pi_a'));
  await w.run(5 * minute);
  expect(w.moved()).toHaveLength(1);
  return { w, tables, since };
}

/** The refund as news tells of it while it was a success, whatever became of it. */
function toldSucceeded(w: World): object {
  const [made] = w.simulator.refunds();
  return {
    object: 'refund',
    id: made?.id,
    amount: 3000,
    currency: 'eur',
    payment_intent: 'pi_a',
    charge: null,
    metadata: { refund_key: made?.key },
    status: 'succeeded',
  };
}

/** The shop withdraws the return, which is looked at at once: the first time, and no other. */
function withdrawing(w: World): () => Promise<void> {
  let withdrawn = false;
  return async () => {
    if (withdrawn) return;
    withdrawn = true;
    await w.post(returned('RMA-1', '30.00', 'pi_a', { trigger: 'cancelled' }));
    for (let turn = 0; turn < 3; turn += 1) await w.assess();
  };
}

/** Withdrawn while the gateway's answer is on its way to whoever asked for this leg. */
function withdrawnWhileAsking(w: World): void {
  const withdraw = withdrawing(w);
  const { gateways } = w.needs;
  const open = async (...of: Parameters<typeof gateways.open>): Promise<Gateway> => {
    const gateway = await gateways.open(...of);
    const find: Gateway['find'] = async (...asked) => {
      const found = await gateway.find(...asked);
      await withdraw();
      return found;
    };
    return { ...gateway, find };
  };
  w.needs.gateways = { open };
}

/** Withdrawn when the adoption is reversed, before the leg has what was adopted; whoever reversed it may be gone by then. */
function withdrawnOnceReversed(w: World, then: 'goes-on' | 'is-gone', when: 'before' | 'after' = 'after'): void {
  const withdraw = withdrawing(w);
  const { table } = w.needs;
  const write: typeof table.write = async (writes) => {
    if (reverses(writes) && when === 'before') await withdraw();
    const written = await table.write(writes);
    if (reverses(writes) && when === 'after') await withdraw();
    if (reverses(writes) && then === 'is-gone') throw new Unavailable('table');
    return written;
  };
  w.needs.table = { ...table, write };
}

const reverses = (writes: readonly Write[]): boolean =>
  writes.some((one) => 'put' in one && String(one.put.body).includes('payment.adoption-reversed'));

/** Another worker takes the same leg as soon as this one is about to reverse the adoption, and may be gone once it has reversed it. */
function anotherIsFirst(w: World, then: 'goes-on' | 'is-gone'): void {
  const { table } = w.needs;
  const first: typeof table.write = async (writes) => {
    const written = await table.write(writes);
    if (then === 'is-gone' && reverses(writes)) throw new Unavailable('table');
    return written;
  };
  const another = { ...w.needs, table: { ...table, write: first } };
  let taken = false;
  const write: typeof table.write = async (writes) => {
    if (!taken && reverses(writes)) {
      taken = true;
      const [refund] = await w.refunds();
      await executeWork(another, w.workOn(refund?.id ?? '', 'execute')).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
      });
    }
    return table.write(writes);
  };
  w.needs.table = { ...table, write };
}

describe('a refund that a restored journal has no leg for', () => {
  it('F53 F117 is counted as made elsewhere where its return is withdrawn while the gateway is asked about it', async () => {
    const { w, tables } = await forgotten();
    w.table.restore(tables);
    w.needs.restored = 1;
    withdrawnWhileAsking(w);
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
    expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
    expect(w.moved()).toHaveLength(1);
  });

  it('F53 F93 F117 is counted as before where it was taken in as made elsewhere already, and that was reversed', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    expect(w.balance()).toMatchObject({ available: 7000n, refunded: 3000n });
    withdrawnOnceReversed(w, 'goes-on');
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
    expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
    // And given back once it fails, whatever older news comes after that.
    const [made] = w.moved();
    w.move(made?.id ?? '', { status: 'failed' });
    await w.run(minute);
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
  });

  it.each(['before', 'after'] as const)(
    'F53 F93 F117 is counted with the withdrawal that comes just %s it was reversed by somebody who died then',
    async (when) => {
      const { w, tables, since } = await forgotten();
      await putBack(w, tables, since);
      withdrawnOnceReversed(w, 'is-gone', when);
      await w.post(returned('RMA-1', '30.00', 'pi_a'));
      await w.run(minute);
      expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
      expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
    },
  );

  it('F53 F117 is counted with the withdrawal as soon as the gateway says what it has', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    withdrawnOnceReversed(w, 'is-gone');
    const { gateways } = w.needs;
    let silent = true;
    w.needs.gateways = {
      open: async (connection) => {
        const gateway = await gateways.open(connection);
        return {
          ...gateway,
          look: (query) => (silent ? Promise.resolve({ is: 'cannot-tell', why: 'silence' }) : gateway.look(query)),
        };
      },
    };
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 10_000n });
    silent = false;
    await w.run(5 * minute);
    expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
  });

  it('F53 F93 F117 is counted by the next news of it where whoever reversed that died before anything else', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    withdrawnOnceReversed(w, 'is-gone');
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
    const object = toldSucceeded(w);
    await w.tell('refund.updated', object, 'evt_again');
    await w.run(minute);
    expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
  });

  it('F76 F93 F117 is given back where it fails after its return was decided anew', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    await w.switchSending('stopped');
    Object.assign(w.may, { hints: 0 });
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.assess();
    expect(w.balance()).toMatchObject({ available: 4000n, refunded: 3000n });
    w.move(w.moved()[0]?.id ?? '', { status: 'failed' });
    Object.assign(w.may, { hints: 1 });
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 7000n, refunded: 0n });
  });

  it.each(['goes-on', 'is-gone'] as const)(
    'F67 F93 F117 is its leg’s where two workers take it at the same moment, and the faster one %s',
    async (then) => {
      const { w, tables, since } = await forgotten();
      await putBack(w, tables, since);
      expect(await w.restore.end()).toEqual({ is: 'done' });
      anotherIsFirst(w, then);
      await w.post(returned('RMA-1', '30.00', 'pi_a'));
      await w.run(minute);
      expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
      expect(w.log.alarms()).not.toContain('two-refunds-for-one-leg');
      expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
      expect(w.moved()).toHaveLength(1);
    },
  );

  it('F11 F93 F117 that failed and was given back is no second one by late news of when it was a success', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    w.move(w.moved()[0]?.id ?? '', { status: 'failed' });
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    await w.post(returned('RMA-1', '30.00', 'pi_a'));
    await w.run(minute);
    await w.tell('refund.updated', toldSucceeded(w), 'evt_late');
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'approved', reasons: [] }]);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(30 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', reasons: [] }]);
    expect(w.log.alarms()).not.toContain('two-refunds-for-one-leg');
    expect(w.balance()).toEqual({ available: 7000n, refunded: 3000n, inFlight: undefined });
  });

  it('F93 F117 is given back by the next look at its payment where the news of its failure never comes', async () => {
    const { w, tables, since } = await forgotten();
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    w.move(w.moved()[0]?.id ?? '', { status: 'failed' }, { silent: true });
    await w.run(minute);
    expect(w.balance()).toMatchObject({ available: 7000n, refunded: 3000n });
    await w.post(returned('RMA-2', '10.00', 'pi_a'));
    await w.run(5 * minute);
    expect(w.balance()).toEqual({ available: 9000n, refunded: 1000n, inFlight: undefined });
    expect(w.log.alarms()).not.toContain('two-refunds-for-one-leg');
  });
});

describe('a cancellation that can not be ended, since its gateway says nothing', () => {
  it('F53 F117 F122 loses no return that is approved again', async () => {
    const gateway = { away: false };
    const { w, tables, since } = await forgotten({ network: () => (gateway.away ? 'lost-request' : undefined) });
    await putBack(w, tables, since);
    gateway.away = true;
    // Three days, so that nobody has to wait for them.
    w.needs.tempo = { ...w.needs.tempo, unknownLimitMs: 20 * minute };
    const again = returned('RMA-1', '30.00', 'pi_a');
    await w.post(again, 'msg_1');
    await w.run(5000);
    await w.post({ ...again, trigger: 'cancelled' }, 'msg_2');
    await w.run(5000);
    expect(await w.refunds()).toMatchObject([{ status: 'cancelled' }]);
    await w.post(again, 'msg_3');
    await w.run(60 * minute);
    expect(w.log.alarms()).toContain('notice-quarantined');
    expect((await w.refunds()).map(({ status, reasons }) => [status, reasons])).toEqual([
      ['cancelled', []],
      ['held', ['return-cancelled']],
    ]);
  });
});
