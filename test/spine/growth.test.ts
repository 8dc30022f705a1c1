import { expect, it } from 'vitest';
import { dayMs } from '../../lib/domain/time.ts';
import { returned } from './returned.ts';
import { world } from './world.ts';

/** What a few refunds asked of the store. Calls, not time: the same on every machine. */
interface Work {
  calls: number;
  written: number;
  /** Streams that were read whole. */
  readonly streams: string[];
}

it('a refund takes the same calls and rows when the journal holds a hundred times more of them', async () => {
  let work: Work = { calls: 0, written: 0, streams: [] };
  const w = world({
    store: (call) => {
      work.calls += 1;
      if (call.call === 'write') work.written += call.writes.length;
      if (call.call === 'entries') work.streams.push(call.pk);
      return undefined;
    },
  });
  let made = 0;
  const more = async (refunds: number) => {
    work = { calls: 0, written: 0, streams: [] };
    for (const last = made + refunds; made < last; ) {
      made += 1;
      w.pay(`pi_${made}`, 10_000, { order: `order-${made}` });
      await w.run(2000);
      await w.post(returned(`RMA-${made}`, '40.00', `pi_${made}`, { order: `order-${made}` }));
      await w.run(5000);
    }
    // Each is asked about again hours and days later: all of that counts, and none of it for somebody else.
    await w.run(4 * dayMs);
    const lengths = await Promise.all(work.streams.map(async (stream) => (await w.table.entries(stream)).length));
    return { calls: work.calls, written: work.written, read: lengths.reduce((sum, length) => sum + length, 0) };
  };
  await more(1);
  const among1 = await more(1);
  await more(98);
  const among100 = await more(1);
  expect(w.moved()).toHaveLength(101);
  expect(among1.calls).toBeGreaterThan(20);
  expect(among100).toEqual(among1);
});
