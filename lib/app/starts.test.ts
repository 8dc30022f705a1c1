import { expect, it } from 'vitest';
import { type Instant, instant, plus } from '../domain/time.ts';
import { evenStarts } from './starts.ts';

it('keeps requests of one kind apart at a little more than their rate, and lets nobody wait for long', async () => {
  let now: Instant = instant(1_000_000);
  const waits: number[] = [];
  const starts = evenStarts({ clock: { now: () => now }, pause: async (ms) => void waits.push(ms) });
  const refund = () => starts.start('a refund', { perSecond: 10, limit: 11 });
  for (let n = 0; n < 10; n += 1) await refund();
  expect(waits).toEqual([90, 180, 270, 360, 450, 540, 600, 600, 600]);
  await starts.start('a read', { perSecond: 20, limit: 21 });
  expect(waits).toHaveLength(9);
  now = plus(now, 1000);
  await refund();
  expect(waits).toHaveLength(9);
});

it('F61 counts from when a request really started, and says for how long those take that wait', async () => {
  let now: Instant = instant(1_000_000);
  const started: number[] = [];
  const late = [0, 0, 0, 700];
  const sleeping: (() => void)[] = [];
  const pause = async (ms: number) => {
    now = plus(now, ms + (late[started.length] ?? 0));
  };
  const starts = evenStarts({ clock: { now: () => now }, pause });
  for (let n = 0; n < 9; n += 1) {
    await starts.start('a refund', { perSecond: 4, limit: 4 });
    started.push(now - 1_000_000);
  }
  for (let n = 4; n < 9; n += 1) expect(started[n]! - started[n - 4]!).toBeGreaterThan(1000);
  expect(started[4]).toBeGreaterThan(1000);

  const waiting = evenStarts({ clock: { now: () => now }, pause: () => new Promise((wake) => sleeping.push(wake)) });
  const all = Array.from({ length: 4 }, () => waiting.start('a refund', { perSecond: 4, limit: 4 }));
  expect(waiting.waitMs('a refund')).toBe(1000);
  await all[0];
  expect(waiting.waitMs('a refund')).toBe(750);
  for (const wake of sleeping) wake();
  await Promise.all(all);
  expect(waiting.waitMs('a refund')).toBe(0);
});

it('F61 lets nobody wait for the vendor’s limit for longer than a right to send is good, and nobody of another kind at all', async () => {
  let now: Instant = instant(1_000_000);
  const pause = async (ms: number) => {
    now = plus(now, ms);
  };
  const starts = evenStarts({ clock: { now: () => now }, pause });
  for (let n = 0; n < 2; n += 1) await starts.start('a refund', { perSecond: 1000, limit: 1 });
  expect(now - 1_000_000).toBe(600);
  expect(starts.waitMs('a read')).toBe(0);
});

it('F61 takes a limit that is no whole number for as many in as much of a second', async () => {
  let now: Instant = instant(1_000_000);
  const pause = async (ms: number) => {
    now = plus(now, ms);
  };
  const starts = evenStarts({ clock: { now: () => now }, pause });
  const kind = { perSecond: 1000, limit: 2.5 };
  await starts.start('a refund', kind);
  now = plus(now, 500);
  for (let n = 0; n < 2; n += 1) await starts.start('a refund', kind);
  // Two in 800 ms, and 25 ms for the way.
  expect(now - 1_000_000).toBe(825);
});

it('F61 counts a request from when it left, however long after its start that was', async () => {
  let now: Instant = instant(1_000_000);
  const pause = async (ms: number) => {
    now = plus(now, ms);
  };
  const starts = evenStarts({ clock: { now: () => now }, pause });
  const kind = { perSecond: 100, limit: 2 };
  const left = await starts.start('a refund', kind);
  now = plus(now, 80);
  left();
  now = plus(now, 420);
  await starts.start('a refund', kind);
  await starts.start('a refund', kind);
  // A second after 80 ms, and not after the start; nobody waits for more than 600 ms.
  expect(now - 1_000_000).toBeGreaterThan(1080);
});
