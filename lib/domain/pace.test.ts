import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshPace, type Pace, type Rates, rateAt, reserve, shareAt, shrink } from './pace.ts';
import { seeded, t0 } from './refund/given.ts';
import { type Instant, minute, plus, second } from './time.ts';

const live: Rates = { perEndpoint: 25, perAccount: 100 };
const sandbox: Rates = { perEndpoint: 25, perAccount: 25 };

/** Whoever always wants more, in chunks of `count`, for a second at a time. */
function slotsWithin(ms: number, rates: Rates, count: number, from: Pace = freshPace(t0)): Instant[] {
  const slots: Instant[] = [];
  let pace = from;
  let now = t0;
  while (now < plus(t0, ms)) {
    const taken = reserve(pace, rates, { endpoint: 'refund', count, now });
    pace = taken.pace;
    slots.push(...taken.slots);
    now = taken.slots.at(-1) ?? now;
  }
  return slots.filter((at) => at < plus(t0, ms));
}
const mostInASecond = (slots: readonly Instant[]) =>
  Math.max(0, ...slots.map((at) => slots.filter((other) => other >= at && other < at + second).length));

describe('the pace of an account', () => {
  it.each([1, 2, 5])('reaches 95 %% of the limit and never exceeds it in any second (chunks of %i)', (count) => {
    const slots = slotsWithin(minute, live, count);
    expect(slots.length).toBeGreaterThanOrEqual(0.95 * 25 * 60);
    expect(mostInASecond(slots)).toBeLessThanOrEqual(25);
  });

  it('asks both kinds of endpoints within the limit of the account', () => {
    let pace = freshPace(t0);
    const slots: Instant[] = [];
    for (let n = 0; n < 200; n += 1) {
      const taken = reserve(pace, sandbox, { endpoint: n % 2 === 0 ? 'refund' : 'read', count: 3, now: t0 });
      pace = taken.pace;
      slots.push(...taken.slots);
    }
    expect(mostInASecond(slots)).toBeLessThanOrEqual(25);
  });

  it('keeps the endpoints apart where the account allows more', () => {
    const { pace } = reserve(freshPace(t0), live, { endpoint: 'refund', count: 4, now: t0 });
    const [first] = reserve(pace, live, { endpoint: 'read', count: 1, now: t0 }).slots;
    expect(first! - t0).toBeLessThan(50);
  });

  it('does not save up what was not used', () => {
    const later = plus(t0, minute);
    const { slots } = reserve(freshPace(t0), live, { endpoint: 'refund', count: 10, now: later });
    expect(slots[0]).toBe(later);
    expect(slots[9]! - later).toBeGreaterThan(350);
  });

  it('F61 goes a little slower for a moment when the gateway says too many, once for those that were under way together', () => {
    const once = shrink(freshPace(t0), t0);
    expect(shareAt(once, t0)).toBe(15 / 16);
    expect(shareAt(shrink(once, plus(t0, 900)), t0)).toBe(15 / 16);
    expect(shareAt(once, plus(t0, 2.5 * second))).toBe(1);
    expect(shareAt(shrink(once, plus(t0, 5 * second)), plus(t0, 5 * second))).toBe(15 / 16);
  });

  it('F61 halves when the gateway says so again before it is whole, however many processes hear it, and not below an eighth', () => {
    const once = shrink(freshPace(t0), t0);
    const again = plus(t0, 2 * second);
    expect(shareAt(shrink(once, again), again)).toBe(shareAt(once, again) / 2);
    const late = plus(t0, 2.5 * second - 1);
    expect(shareAt(shrink(once, late), late)).toBe(shareAt(once, late) / 2);
    let pace = once;
    for (let n = 1; n < 20; n += 1) pace = shrink(pace, plus(t0, n * second));
    expect(shareAt(pace, plus(t0, 19 * second))).toBeCloseTo(1 / 8, 1);
    expect(rateAt(pace, live, plus(t0, 19 * second + 2 * minute))).toBeCloseTo(24.25);
  });

  it.each([
    [undefined, 0],
    [0, 0],
    [-5, 0],
    [Number.NaN, 0],
    [1500.2, 1501],
    [30 * second, 30 * second],
    [1e300, minute],
  ])('F61 with Retry-After of %s ms asks nobody for %i ms', (retryAfterMs, wait) => {
    const pace = shrink(freshPace(t0), t0, retryAfterMs);
    const [first] = reserve(pace, live, { endpoint: 'read', count: 1, now: t0 }).slots;
    expect(first! - t0).toBe(wait);
  });

  it('F61 stays within the limits whatever happens', () => {
    const step = fc.record({
      endpoint: fc.constantFrom('refund' as const, 'read' as const),
      count: fc.integer({ min: 1, max: 5 }),
      waitMs: fc.integer({ min: 0, max: 400 }),
      limited: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let pace = freshPace(t0);
        let now = t0;
        const slots: Instant[] = [];
        for (const { endpoint, count, waitMs, limited } of steps) {
          now = plus(now, waitMs);
          if (limited) pace = shrink(pace, now);
          const taken = reserve(pace, sandbox, { endpoint, count, now });
          pace = taken.pace;
          slots.push(...taken.slots);
          expect(rateAt(pace, sandbox, now)).toBeGreaterThanOrEqual(24 / 8);
        }
        expect(mostInASecond(slots)).toBeLessThanOrEqual(25);
      }),
      seeded,
    );
  });
});

describe('the pace in full', () => {
  const fresh = freshPace(t0);
  const next = (at: number) => ({ account: plus(t0, at), refund: t0, read: t0 });

  it('begins at once, at the whole rate', () => {
    expect(fresh).toEqual({ next: { account: t0, refund: t0, read: t0 }, share: 1, shrunkAt: t0 });
    expect(rateAt(fresh, live, t0)).toBe(0.97 * 25);
    expect(rateAt(fresh, { perEndpoint: 50, perAccount: 20 }, t0)).toBe(0.97 * 20);
  });

  it('gives slots that are even at the endpoint, and moves the account by as many of its own', () => {
    const rates = { perEndpoint: 10, perAccount: 40 };
    const [step, accountStep] = [second / 9.7, second / 38.8];
    const { pace, slots } = reserve(fresh, rates, { endpoint: 'refund', count: 3, now: t0 });
    expect(slots).toEqual([0, 1, 2].map((n) => Math.ceil(t0 + n * step)));
    expect(pace).toMatchObject({ share: 1, shrunkAt: t0, next: { read: t0 } });
    expect(pace.next.refund - t0).toBeCloseTo(3 * step, 3);
    expect(pace.next.account - t0).toBeCloseTo(3 * accountStep, 3);
    const more = reserve(pace, rates, { endpoint: 'read', count: 1, now: t0 });
    expect(more.slots).toEqual([Math.ceil(pace.next.account)]);
    expect(more.pace.next.refund).toBe(pace.next.refund);
    expect(reserve(pace, rates, { endpoint: 'refund', count: 1, now: t0 }).slots).toEqual([
      Math.ceil(pace.next.refund),
    ]);
  });

  it('comes back by a fortieth of the rate a second, and never beyond it', () => {
    const half: Pace = { ...fresh, share: 0.5 };
    expect(shareAt(half, t0)).toBe(0.5);
    expect(shareAt(half, plus(t0, 10 * second))).toBe(0.75);
    expect(shareAt(half, plus(t0, 20 * second))).toBe(1);
    expect(shareAt(half, plus(t0, 21 * second))).toBe(1);
    expect(shareAt(half, plus(t0, -second))).toBe(0.5);
  });

  it('F61 asks half as often at half the share', () => {
    const half: Pace = { ...fresh, share: 0.5 };
    expect(rateAt(half, live, t0)).toBe((0.97 * 25) / 2);
    const [first, second_] = reserve(half, live, { endpoint: 'refund', count: 2, now: t0 }).slots;
    expect(second_! - first!).toBe(Math.ceil(second / ((0.97 * 25) / 2)));
  });

  it('F61 shrinks once in a second, and moves the account each time that it is asked to wait', () => {
    const once = shrink(fresh, plus(t0, 100), 50);
    expect(once).toEqual({ next: next(150), share: 15 / 16, shrunkAt: plus(t0, 100) });
    expect(shrink(once, plus(t0, 1099), 500)).toEqual({ ...once, next: next(1599) });
    expect(shrink(once, plus(t0, 1100))).toMatchObject({ next: next(1100), shrunkAt: plus(t0, 1100) });
    expect(shrink(once, plus(t0, 1100)).share).toBeCloseTo((15 / 16 + 1 / 40) / 2, 6);
    expect(shrink({ ...fresh, share: 1 / 8 }, plus(t0, -1)).share).toBe(1 / 8);
    // It is not asked for sooner than it was to be.
    expect(shrink({ ...fresh, next: next(5000) }, t0, 10).next).toEqual(next(5000));
  });
});
