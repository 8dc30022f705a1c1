import { describe, expect, it } from 'vitest';
import { executeWork } from '../../lib/app/execute.ts';
import { plus } from '../../lib/domain/time.ts';
import type { NetworkTrouble } from './network.ts';
import { putBack } from './put-back.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import type { World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30 * day;

/** What is done here is done by a process whose clock is so much ahead; everybody else's is right. */
async function ahead<T>(w: World, ms: number, work: () => Promise<T>): Promise<T> {
  const { clock } = w.needs;
  w.needs.clock = { ...clock, now: () => plus(clock.now(), ms) };
  const done = await work();
  w.needs.clock = clock;
  return done;
}

/** A return whose refund was approved by a clock that is a month ahead. */
async function approvedAhead(network?: () => NetworkTrouble | undefined): Promise<World> {
  const w = await ready({ slow: true, ...(network && { network }) });
  Object.assign(w.may, { relay: false, hints: 0, sweep: false });
  await w.post(returned('RMA-1', '42.00', 'pi_one'));
  await ahead(w, month, () => w.assess());
  return w;
}
const goOn = (w: World) => Object.assign(w.may, { relay: true, hints: 1, sweep: true });

describe('F26 what a clock wrote that was a month ahead', () => {
  it('F84 is in front of a person within days where it was never sent, and is sent when they say yes', async () => {
    const w = await approvedAhead();
    goOn(w);
    const [refund] = await w.refunds();
    await w.lookAt(refund!.id);
    await w.run(4 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['clock-wrong'] }]);
    expect(w.posts()).toEqual([]);
    await w.approve(refund!.id);
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
  });

  it.each([
    ['never arrived', 'lost-request', 0],
    ['was answered, and the answer was lost', 'lost-reply', 1],
  ] as const)(
    'F84 is in front of a person within days where the request %s, and is paid once when they say yes',
    async (_, trouble, moved) => {
      let wrong = true;
      const w = await approvedAhead(() => (wrong ? trouble : undefined));
      w.faults({ dropWebhooks: 1 });
      const [refund] = await w.refunds();
      await executeWork(w.environment(month), w.workOn(refund!.id, 'execute'));
      wrong = false;
      goOn(w);
      await w.lookAt(refund!.id);
      await w.run(4 * day);
      expect(w.moved()).toHaveLength(moved);
      if (moved === 0) {
        expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['clock-wrong'] }]);
        await w.approve(refund!.id);
        await w.run(4 * hour);
      }
      expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
      await w.run(3 * month);
      expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
      expect(w.moved()).toHaveLength(1);
    },
  );

  it('F116 F117 is no end of a restore after which no yes of a person would ever count', async () => {
    const w = await ready();
    w.accepted.add('forgotten');
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '30.00', 'pi_one'));
    await w.run(5 * minute);
    expect(w.moved()).toHaveLength(1);
    await putBack(w, tables, since);
    expect(await ahead(w, month, () => w.restore.end())).toEqual({ is: 'done' });
    await w.post(returned('RMA-2', '10.00', 'pi_one'));
    await w.run(30 * minute);
    const [held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.approve(held!.id);
    await w.run(30 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(2);
  });

  it('F116 F117 is no yes of before the end of a restore that would count after it', async () => {
    const w = await ready();
    w.accepted.add('forgotten');
    const [tables, since] = [w.table.dump(), w.clock.now()];
    await w.post(returned('RMA-1', '30.00', 'pi_one'));
    await w.run(5 * minute);
    await putBack(w, tables, since);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.post(returned('RMA-2', '10.00', 'pi_one'));
    await w.run(30 * minute);
    const [held] = await w.refunds();
    expect(held).toMatchObject({ status: 'held', reasons: ['forgotten-refund'] });
    await w.switchSending('stopped');
    // Longer than it takes until the restore is over.
    await ahead(w, 2 * day + hour, () => w.approve(held!.id));
    const again = w.table.dump();
    await putBack(w, again, w.clock.now() - 4 * day, 2);
    expect(await w.restore.end()).toEqual({ is: 'done' });
    await w.switchSending('running');
    await w.run(day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['forgotten-refund'] }]);
    expect(w.moved()).toHaveLength(1);
  });
});
