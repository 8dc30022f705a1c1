import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, full, hasToken, spent, waitMs } from './flood.ts';
import { instant, plus } from './time.ts';

const now = instant(1_000_000);
const rate = { perSecond: 3, burst: 5 };

describe('a bucket', () => {
  it('F27 gives a burst at once, and then no more', () => {
    let bucket = full(rate, now);
    for (let taken = 0; taken < 5; taken += 1) {
      expect(hasToken(bucket)).toBe(true);
      bucket = spent(bucket);
    }
    expect(hasToken(bucket)).toBe(false);
    expect(waitMs(bucket, rate)).toBe(1000);
  });

  it.each([
    [0, 0],
    [333, 0],
    [334, 1],
    [1000, 3],
    [60_000, 5],
    [-60_000, 0],
  ])('F27 an empty one has, after %i ms, %i tokens', (ms, tokens) => {
    const bucket = filled({ milliTokens: 0, at: now }, rate, plus(now, ms));
    expect(Math.floor(bucket.milliTokens / 1000)).toBe(tokens);
  });

  it('F27 says how long to wait, and then there is one', () => {
    const slow = { perSecond: 1, burst: 1 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), (milliTokens) => {
        const bucket = { milliTokens, at: now };
        return hasToken(filled(bucket, slow, plus(now, waitMs(bucket, slow))));
      }),
    );
  });

  it('F27 never gives more than a burst and what has run in since, however it is asked', () => {
    const steps = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 700 }), asks: fc.integer({ min: 0, max: 9 }) }));
    fc.assert(
      fc.property(steps, (all) => {
        let [bucket, at, given] = [full(rate, now), now, 0];
        for (const { ms, asks } of all) {
          at = plus(at, ms);
          for (let ask = 0; ask < asks; ask += 1) {
            bucket = filled(bucket, rate, at);
            if (!hasToken(bucket)) break;
            bucket = spent(bucket);
            given += 1;
          }
        }
        return given <= rate.burst + ((at - now) * rate.perSecond) / 1000;
      }),
    );
  });
});
