import { describe, expect, it } from 'vitest';
import type { Breaker } from '../domain/breaker.ts';
import { instant, minute, plus } from '../domain/time.ts';
import { believable, fairWeather } from './accounts.ts';

const now = instant(Date.UTC(2026, 11, 31, 23, 59));
const fair = fairWeather(now);
const trouble = { reason: 'failing', opens: 3, since: now, turn: 7 } as const;
const open = (ms: number): Breaker => ({ ...trouble, is: 'open', until: plus(now, ms) });
const ramp = (ms: number): Breaker => ({
  ...trouble,
  is: 'ramp',
  size: 4,
  started: 2,
  finished: 1,
  deadline: plus(now, ms),
});
const most = 15 * minute;

describe('F26 what a clock wrote that was far ahead of ours', () => {
  it('is the weather as it is where it was not', () => {
    const pace = { ...fair.pace, next: { account: plus(now, most), refund: now, read: plus(now, -most) } };
    for (const breaker of [fair.breaker, open(most), ramp(most)]) {
      const weather = { ...fair, breaker, pace };
      expect(believable(weather, now)).toBe(weather);
    }
  });

  it('is over now, and all else stays', () => {
    const far = plus(now, most + 1);
    const near = plus(now, minute);
    const pace = { next: { account: far, refund: near, read: far }, share: 0.5, shrunkAt: far };
    expect(believable({ ...fair, pace }, now)).toEqual({
      ...fair,
      pace: { next: { account: now, refund: near, read: now }, share: 0.5, shrunkAt: now },
    });
    expect(believable({ ...fair, breaker: open(most + 1) }, now)).toEqual({ ...fair, breaker: open(0) });
    expect(believable({ ...fair, breaker: ramp(most + 1) }, now)).toEqual({ ...fair, breaker: ramp(0) });
    const closed: Breaker = { is: 'closed', failures: 2, since: far, turn: 1 };
    expect(believable({ ...fair, breaker: closed }, now)).toEqual({ ...fair, breaker: { ...closed, since: now } });
  });
});
