import { expect, it } from 'vitest';
import { type Instant, instant, plus } from '../domain/time.ts';
import { evenStarts } from './starts.ts';

it('keeps requests of one kind as far apart as their rate asks for, and lets nobody wait for long', async () => {
  let now: Instant = instant(1_000_000);
  const waits: number[] = [];
  const starts = evenStarts({ clock: { now: () => now }, pause: async (ms) => void waits.push(ms) });
  for (let n = 0; n < 10; n += 1) await starts('a refund', 10);
  expect(waits).toEqual([100, 200, 300, 400, 500, 600, 600, 600, 600]);
  await starts('a read', 20);
  expect(waits).toHaveLength(9);
  now = plus(now, 1000);
  await starts('a refund', 10);
  expect(waits).toHaveLength(9);
});
