import { describe, expect, it } from 'vitest';
import { backoff, embedded, production, type Tempo } from './tempo.ts';
import { day, dayMs, earlier, fromSeconds, instant, iso, later, minute, plus, second } from './time.ts';

describe('an instant', () => {
  it.each([
    ['2026-11-21T23:59:59.999Z', '2026-11-21'],
    ['2026-11-22T00:00:00.000Z', '2026-11-22'],
    ['2028-02-29T12:00:00.000Z', '2028-02-29'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01'],
    ['2026-03-29T01:30:00.000Z', '2026-03-29'],
  ])('F144 %s lies in the UTC day %s', (text, expected) => {
    const at = instant(Date.parse(text));
    expect(iso(at)).toBe(text);
    expect(day(at)).toBe(expected);
    expect(day(plus(at, dayMs))).not.toBe(expected);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53])('is never %d', (ms) =>
    expect(() => instant(ms)).toThrow(RangeError),
  );

  it('is never made from seconds by accident', () => {
    expect(fromSeconds(1_795_000_000)).toBe(1_795_000_000_000);
    expect(() => fromSeconds(0.0001)).toThrow(RangeError);
  });

  it('is earlier or later than another', () => {
    expect(earlier(instant(1), instant(2))).toBe(1);
    expect(later(instant(1), instant(2))).toBe(2);
  });
});

describe('a tempo', () => {
  it.each([
    [0, second],
    [2, 5 * second],
    [3, 5 * second],
    [99, 5 * second],
  ])('after %i tries waits %i ms: the last wait repeats', (tries, wait) => {
    expect(backoff([second, 2 * second, 5 * second], tries)).toBe(wait);
  });

  it.each([
    ['production', production],
    ['embedded', embedded],
  ])('of %s has whole seconds, since an instant has no fractions, and waits that grow', (_, tempo) => {
    const durations = Object.values(tempo).flat();
    expect(durations.filter((ms) => ms < second || ms % second !== 0)).toEqual([]);
    for (const waits of [tempo.askAgainMs, tempo.pollMs, tempo.verifyMs]) {
      expect(waits.length).toBeGreaterThan(2);
      expect(waits).toEqual([...new Set(waits)].sort((a, b) => a - b));
    }
  });

  it('of one machine never waits longer than that of real gateways', () => {
    const longest = (tempo: Tempo) => Object.entries(tempo).map(([name, ms]) => [name, Math.max(...[ms].flat())]);
    const real = new Map(longest(production) as [string, number][]);
    for (const [name, ms] of longest(embedded) as [string, number][])
      expect([name, ms <= real.get(name)!]).toEqual([name, true]);
    expect(Object.keys(embedded)).toEqual(Object.keys(production));
  });

  it('waits even where it says nothing', () => expect(backoff([], 3)).toBe(minute));

  it.each([
    ['production', production],
    ['embedded', embedded],
  ])('F69 of %s lets nobody ask what came of a request that may still run', (_, tempo) => {
    expect(tempo.leaseMs).toBeGreaterThan(tempo.latestStartMs + tempo.gatewayLimitMs);
    expect(Math.min(...tempo.askAgainMs, ...tempo.pollMs)).toBeGreaterThan(0);
  });
});
