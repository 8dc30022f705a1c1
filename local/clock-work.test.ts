import type { ScheduledEvent } from 'aws-lambda';
import { expect, it, vi } from 'vitest';
import { startClockWork } from './clock-work.ts';
import { lambda } from './lambda.ts';

const noon = Date.UTC(2026, 10, 21, 12, 0, 0, 250);

/** Patient, since machines are busy at times; each look is cheap. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 240_000, interval: 5 });

function clock(everyMs: number, handler: (event: ScheduledEvent) => Promise<void>) {
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const invoke = lambda({ name: 'sweep', timeoutMs: 5_000 }, handler);
  return { lines, work: startClockWork({ name: 'sweep', everyMs, invoke, now: () => noon, report }) };
}

it('Runs at once and again, with the time of the schedule', async () => {
  const events: ScheduledEvent[] = [];
  const { work } = clock(1, async (event) => void events.push(event));
  await until(() => expect(events.length).toBeGreaterThan(2));
  await work.stop();
  expect(events[0]).toMatchObject({ 'detail-type': 'Scheduled Event', time: '2026-11-21T12:00:00Z' });
});

it('A run that takes longer than its interval is never overtaken, and stop waits for it', async () => {
  const { promise: timeToEnd, resolve: end } = Promise.withResolvers<void>();
  let running = 0;
  let runs = 0;
  const { work } = clock(1, async () => {
    runs += 1;
    running += 1;
    await timeToEnd;
    running -= 1;
  });
  await until(() => expect(running).toBe(1));
  const since = performance.now();
  await until(() => expect(performance.now() - since).toBeGreaterThan(10));
  const stopped = work.stop();
  let hasStopped = false;
  void stopped.then(() => {
    hasStopped = true;
  });
  await new Promise(setImmediate);
  expect(hasStopped).toBe(false);
  end();
  await stopped;
  expect([runs, running]).toEqual([1, 0]);
});

it('A run that throws is reported and followed by the next', async () => {
  let runs = 0;
  const { work, lines } = clock(1, async () => {
    runs += 1;
    if (runs === 1) throw new TypeError('secret');
  });
  await until(() => expect(runs).toBeGreaterThan(1));
  await work.stop();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^sweep threw TypeError/);
  expect(lines[0]).not.toContain('secret');
});

it('Stopping between two runs does not wait for the next', async () => {
  let runs = 0;
  const { work } = clock(3_600_000, async () => {
    runs += 1;
  });
  await until(() => expect(runs).toBe(1));
  await work.stop();
});
