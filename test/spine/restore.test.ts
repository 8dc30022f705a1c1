import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import { parseCurrency } from '../../lib/domain/money.ts';
import { readKey } from '../../lib/domain/refund/key.ts';
import { controlStream } from '../../lib/domain/streams.ts';
import { plus } from '../../lib/domain/time.ts';
import { ofOneSource } from './put-back.ts';
import { returned } from './returned.ts';
import { merchant, type World, world } from './world.ts';

const minute = 60_000;
/** Longer than the gateway remembers a key: inside that time the key alone would keep a second refund from being made. */
const later = 2 * 24 * 60 * minute;

/**
 * At the instant that the tables are put back to, the refund of RMA-1 was approved and not sent. After it, it was sent, the refund of
 * RMA-2 was decided and sent, and somebody refunded 5.00 in the dashboard. Then the tables are restored, under a deployment of that epoch.
 */
async function restored(
  epoch: number,
): Promise<{ w: World; back: () => Promise<unknown>; end: () => Promise<unknown> }> {
  const w = world();
  ofOneSource(w);
  w.pay('pi_one', 10_000, { order: '1001' });
  w.pay('pi_two', 20_000, { order: '1002' });
  await w.run(5000);
  await w.switchAccount('stopped');
  await w.post(returned('RMA-1', '10.00', 'pi_one'));
  await w.run(minute);
  const tables = w.table.dump();
  const since = w.clock.now();
  await w.switchAccount('running');
  await w.run(5 * minute);
  await w.post(returned('RMA-2', '20.00', 'pi_two', { order: '1002' }));
  await w.run(5 * minute);
  w.dashboard('pi_two', 500);
  await w.run(5 * minute);
  expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([1000, 2000, 500]);
  w.clock.advance(later);
  w.table.restore(tables);
  w.needs.restored = epoch;
  // The stop of before was in the tables as they were; whoever restores presses the switches anew.
  await w.switchAccount('running');
  const back = async () => {
    expect(await w.restore.begin(since)).toEqual({ is: 'done' });
    return w.restore.reconcile();
  };
  const end = async () => {
    await w.run(11 * minute);
    return w.restore.end();
  };
  return { w, back, end };
}

/** The account lists one more refund than its simulator can make. */
function alsoRefunded(
  w: World,
  of: { readonly theirs: string; readonly payment: readonly string[]; readonly key?: string },
): void {
  const { gateways } = w.needs;
  const { payment, ...named } = of;
  const evidence = { state: 'succeeded', amountMinor: 100n, currency: parseCurrency('EUR')!, ...named } as const;
  w.needs.gateways = {
    open: async (connection) => {
      const gateway = await gateways.open(connection);
      const refundsSince: typeof gateway.refundsSince = async (query) => {
        const page = await gateway.refundsSince(query);
        return page.is === 'page' ? { ...page, refunds: [...page.refunds, { evidence, payment }] } : page;
      };
      return { ...gateway, refundsSince };
    },
  };
}

describe('tables that were put back to an earlier instant', () => {
  it('F116 F117 pay twice without a restore epoch: that is what it is for', async () => {
    const { w } = await restored(0);
    w.accepted.add('forgotten');
    await w.run(5 * minute);
    expect(w.posts()).toHaveLength(4);
    expect(w.moved().filter(({ amountMinor }) => amountMinor === 1000)).toHaveLength(2);
  });

  it('F116 send nothing before they were reconciled, and say so', async () => {
    const { w } = await restored(1);
    w.accepted.add('forgotten');
    await w.post(returned('RMA-3', '30.00', 'pi_two', { order: '1002' }));
    await w.run(30 * minute);
    expect(w.posts()).toHaveLength(3);
    // What the gateway is asked about is known to be done; what it does not have waits.
    expect(await w.refunds()).toMatchObject([
      { return: 'RMA-1', status: 'refunded' },
      { return: 'RMA-3', status: 'approved' },
    ]);
    expect(w.log.alarms()).toContain('restore-pending');
    expect(await w.restore.state()).toMatchObject({ deployment: 1, journal: 0, since: null });
  });

  it('F116 ask the gateway more and more rarely while nobody reconciles them', async () => {
    const { w } = await restored(1);
    w.accepted.add('forgotten');
    await w.post(returned('RMA-3', '30.00', 'pi_two', { order: '1002' }));
    const asked = async () => {
      const before = w.reads().length;
      await w.run(30 * minute);
      return w.reads().length - before;
    };
    const first = await asked();
    const second = await asked();
    expect(first).toBeGreaterThan(0);
    // The waits have come to their longest, half a minute, and each try is one question.
    expect(second).toBeLessThan(70);
  });

  it('F116 F117 take in what was refunded since, send it no second time, and go on', async () => {
    const { w, back, end } = await restored(1);
    expect(await w.restore.reconcile()).toMatchObject({ fault: { code: 'not-restoring' } });
    expect(await w.restore.end()).toMatchObject({ fault: { code: 'not-restoring' } });
    expect(await back()).toEqual({ is: 'page', recorded: 3, seen: 0, cursor: null });
    expect(await w.restore.end()).toMatchObject({ fault: { code: 'not-reconciled' } });
    expect(await end()).toEqual({ is: 'done' });
    expect(await w.restore.reconcile()).toMatchObject({ recorded: 0, seen: 3 });
    await w.run(5 * minute);
    expect(w.posts()).toHaveLength(3);
    expect(await w.refunds()).toMatchObject([{ return: 'RMA-1', status: 'refunded' }]);
    expect(w.balance(10_000n)).toMatchObject({ available: 9000n, refunded: 1000n });
    expect(w.balance(20_000n)).toMatchObject({ available: 17_500n });
    expect(await w.restore.begin(w.clock.now())).toMatchObject({ fault: { code: 'not-restoring' } });
    await w.post(returned('RMA-3', '30.00', 'pi_two', { order: '1002' }));
    await w.run(5 * minute);
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([1000, 2000, 500, 3000]);
  });

  it('F117 know a forgotten refund again when its return comes again, and send nothing', async () => {
    const { w, back, end } = await restored(1);
    await back();
    await end();
    await w.post(returned('RMA-2', '20.00', 'pi_two', { order: '1002' }));
    await w.run(5 * minute);
    expect(w.posts()).toHaveLength(3);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
    expect(w.balance(20_000n)).toMatchObject({ available: 17_500n, refunded: 2500n });
  });

  it('F116 never go back to an older epoch that a deployment states by mistake, and say which is right', async () => {
    const { w, back, end } = await restored(1);
    await back();
    await end();
    w.needs.restored = 0;
    await w.post(returned('RMA-3', '30.00', 'pi_two', { order: '1002' }));
    await w.run(5 * minute);
    const says = { fault: { code: 'not-restoring', detail: expect.stringContaining('REDRESS_RESTORE_EPOCH=1') } };
    expect(await w.restore.begin(w.clock.now())).toMatchObject(says);
    expect(await w.restore.end()).toMatchObject(says);
    expect(w.log.alarms()).toContain('restore-pending');
    w.needs.restored = 1;
    await w.run(60 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it.each(['while they are reconciled', 'once that has ended'])(
    'F116 give no right to send to a process of the epoch before, %s',
    async (when) => {
      const { w, back, end } = await restored(1);
      w.accepted.add('forgotten');
      await back();
      if (when === 'once that has ended') await end();
      // A function that is still draining, or a deployment that lost the variable.
      w.needs.restored = 0;
      await w.post(returned('RMA-2', '20.00', 'pi_two', { order: '1002' }));
      await w.run(10 * minute);
      expect(w.posts()).toHaveLength(3);
      expect(w.log.alarms()).toContain('restore-pending');
      const says = { fault: { code: 'not-restoring', detail: expect.stringContaining('REDRESS_RESTORE_EPOCH=1') } };
      expect(await w.restore.begin(w.clock.now())).toMatchObject(says);
      w.needs.restored = 1;
      if (when !== 'once that has ended') expect(await w.restore.end()).toEqual({ is: 'done' });
      await w.run(60 * minute);
      expect(w.posts()).toHaveLength(3);
      expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
      await w.post(returned('RMA-3', '30.00', 'pi_two', { order: '1002' }));
      await w.run(5 * minute);
      expect(w.posts()).toHaveLength(4);
    },
  );

  it('F117 hold no leg for want of money that is its own, where a deployment forgets the epoch', async () => {
    const { w, back, end } = await restored(1);
    await back();
    await end();
    w.needs.restored = 0;
    await w.post(returned('RMA-2', '20.00', 'pi_two', { order: '1002' }));
    w.dashboard('pi_two', 16_000);
    await w.run(2 * 60 * minute);
    expect(w.balance(20_000n)?.available).toBeLessThan(0n);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'approved']);
    expect(w.log.alarms()).toContain('restore-pending');
    w.needs.restored = 1;
    await w.run(60 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
    // The fourth is the dashboard's.
    expect(w.posts()).toHaveLength(4);
  });

  it('F44 F117 hold no leg for what somebody else refunded since, where a deployment forgets the epoch', async () => {
    const { w, back, end } = await restored(1);
    await back();
    await end();
    w.needs.restored = 0;
    await w.post(returned('RMA-2', '20.00', 'pi_two', { order: '1002' }));
    await w.run(minute);
    w.dashboard('pi_two', 300);
    await w.run(2 * 60 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'approved']);
    w.needs.restored = 1;
    await w.run(60 * minute);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
    expect(w.posts()).toHaveLength(4);
  });

  it('F62 F117 hold a forgotten refund that comes again with another amount, and never use its key for that', async () => {
    const { w, back, end } = await restored(1);
    await back();
    await end();
    w.accepted.add('forgotten');
    await w.post(returned('RMA-2', '25.00', 'pi_two', { order: '1002' }));
    await w.run(5 * minute);
    expect(w.posts()).toHaveLength(3);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }, { status: 'held', reasons: ['echo-mismatch'] }]);
  });

  it('F117 send what the gateway never had, once, under a key of this restore epoch', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    const tables = w.table.dump();
    const since = w.clock.now();
    w.clock.advance(later);
    w.table.restore(tables);
    w.needs.restored = 1;
    await w.restore.begin(since);
    expect(await w.restore.reconcile()).toEqual({ is: 'page', recorded: 0, seen: 0, cursor: null });
    await w.run(11 * minute);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(5 * minute);
    const [sent, ...more] = w.moved();
    expect(more).toEqual([]);
    expect(readKey(sent?.key ?? '', 'spine', sha256Hex, 1)).toMatchObject({ leg: 1, epoch: 1 });
    expect(readKey(sent?.key ?? '', 'spine', sha256Hex, 0)).toBeUndefined();
  });

  it('F117 with a request of before unanswered end all the same, and send that one once, under the key it had', async () => {
    let lost = true;
    const w = world({ network: (request) => (request.method === 'POST' && lost ? 'lost-request' : undefined) });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(1000);
    const [refund] = await w.refunds();
    const keys = async () => (await w.evidence(refund?.id ?? ''))?.legs.flatMap((leg) => leg.keys);
    const before = await keys();
    const tables = w.table.dump();
    const since = w.clock.now();
    w.dashboard('pi_one', 500);
    w.clock.advance(minute);
    w.table.restore(tables);
    w.needs.restored = 1;
    lost = false;
    await w.restore.begin(since);
    expect(await w.restore.reconcile()).toMatchObject({ recorded: 1 });
    await w.run(11 * minute);
    expect(w.moved()).toHaveLength(1);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.run(60 * minute);
    // F44: it waited, and somebody else refunded meanwhile.
    expect((await w.refunds())[0]).toMatchObject({ status: 'held', reasons: ['refunded-elsewhere'] });
    await w.approve(refund?.id ?? '');
    await w.run(60 * minute);
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([500, 1000]);
    expect((await w.refunds())[0]).toMatchObject({ status: 'refunded' });
    expect(before).toHaveLength(1);
    expect(w.moved()[1]?.key).toBe(before?.[0]);
    expect(w.balance()).toMatchObject({ available: 8500n, refunded: 1500n });
  });

  it('F116 are looked at page by page before they end, and never end on a part of it', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5000);
    const tables = w.table.dump();
    const since = w.clock.now();
    const many = 230;
    for (let number = 0; number < many; number += 1) w.dashboard('pi_one', 1);
    await w.run(minute);
    w.clock.advance(later);
    w.table.restore(tables);
    w.needs.restored = 1;
    await w.restore.begin(since);
    const first = await w.restore.reconcile();
    expect(first).toMatchObject({ recorded: 100, seen: 0 });
    await w.run(11 * minute);
    // What lies on the pages that nobody took in is found by the look, and the look says how much it is only when it has seen all.
    const page = await w.restore.endPage();
    expect(page).toMatchObject({ is: 'page', open: 0 });
    expect(await w.restore.end()).toMatchObject({
      fault: { code: 'not-reconciled', detail: expect.stringMatching(/^130 refunds/) },
    });
    for (let at = first; at.is === 'page' && at.cursor !== null; ) at = await w.restore.reconcile(at.cursor);
    await w.run(5 * minute);
    expect(await w.restore.state()).toMatchObject({ journal: 0 });
    const cursor = page.is === 'page' ? page.cursor : '';
    for (const forged of ['', 'x', cursor.replace('"seen":[]', '"seen":["stripe-demo"]'), `${cursor} `])
      expect(await w.restore.endPage(forged)).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await w.restore.endPage(cursor)).toMatchObject({ is: 'page' });
    expect(await w.restore.state()).toMatchObject({ journal: 0 });
    w.clock.advance(61 * minute);
    expect(await w.restore.endPage(cursor)).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await w.restore.end()).toEqual({ is: 'done' });
    expect(await w.restore.state()).toMatchObject({ journal: 1 });
    expect(w.balance()).toMatchObject({ available: BigInt(10_000 - many), refunded: BigInt(many) });
  });

  it('F116 stay shut while the gateway gives no answer', async () => {
    const { w, back, end } = await restored(1);
    w.accepted.add('forgotten');
    w.faults({ down: true });
    expect(await back()).toMatchObject({ fault: { code: 'unavailable' } });
    expect(await end()).toMatchObject({ fault: { code: 'unavailable' } });
    expect(await w.restore.state()).toMatchObject({ journal: 0 });
  });

  it('F116 end also where a gateway has a refund that names no payment and no key', async () => {
    const { w, back, end } = await restored(1);
    w.accepted.add('forgotten');
    alsoRefunded(w, { theirs: 're_cash', payment: [] });
    await back();
    expect(await end()).toEqual({ is: 'done' });
    expect(w.log.alarms()).toContain('notice-quarantined');
  });

  it('F43 F116 end also where an authorisation was given up, which gateways call a refund of what was never captured', async () => {
    const { w, back, end } = await restored(1);
    w.pay('pi_void', 5000, { order: '1003', voided: true, silent: true });
    alsoRefunded(w, { theirs: 're_void', payment: ['pi_void'] });
    expect(await back()).toMatchObject({ recorded: 4 });
    w.accepted.add('forgotten');
    expect(await end()).toEqual({ is: 'done' });
    expect(w.log.alarms()).not.toContain('notice-quarantined');
  });

  it.each([
    ['that may still be captured', 'pi_open', undefined],
    ['that the gateway does not know', 'pi_gone', undefined],
    ['that was given up, under a key of ours', 'pi_void', true],
  ])(
    'F43 F116 end on a refund of a payment %s only where a person says that it was compared',
    async (_, payment, ours) => {
      const { w, back, end } = await restored(1);
      w.accepted.add('forgotten');
      w.pay('pi_void', 5000, { order: '1003', voided: true, silent: true });
      w.pay('pi_open', 5000, { order: '1004', capturedMinor: 0, silent: true });
      const key = w.moved().find(({ amountMinor }) => amountMinor === 2000)?.key;
      alsoRefunded(w, { theirs: 're_odd', payment: [payment], ...(ours && typeof key === 'string' && { key }) });
      await back();
      const aside = {
        fault: { code: 'not-reconciled', detail: expect.stringMatching(/^1 refund .*put aside.*--put-aside 1/) },
      };
      expect(await end()).toMatchObject(aside);
      expect(w.log.alarms()).toContain('notice-quarantined');
      // Somebody has compared what was put aside, and says how many that were: of what came since, they have seen nothing.
      expect(await w.restore.end(2)).toMatchObject(aside);
      expect(await w.restore.state()).toMatchObject({ journal: 0 });
      expect(await w.restore.end(1)).toEqual({ is: 'done' });
      const said = w.table.dump().journal.filter(({ pk }) => pk === controlStream(merchant));
      expect(said.at(-1)?.body).toContain('"aside":1');
    },
  );

  it('F116 end past nothing that nobody has looked at yet, whatever a person says', async () => {
    const { w, end } = await restored(1);
    w.accepted.add('forgotten');
    expect(await w.restore.begin(plus(w.clock.now(), -2 * later))).toEqual({ is: 'done' });
    await end();
    for (const aside of [undefined, 3])
      expect(await w.restore.end(aside)).toMatchObject({
        fault: { code: 'not-reconciled', detail: expect.stringMatching(/^3 refunds .*not dealt with/) },
      });
    await w.restore.reconcile();
    await w.run(minute);
    expect(await w.restore.end(3)).toMatchObject({ fault: { code: 'not-reconciled' } });
    expect(await w.restore.end()).toEqual({ is: 'done' });
  });
});
