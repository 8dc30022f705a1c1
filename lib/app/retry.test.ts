import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededIds } from '../adapters/memory/world.ts';
import { seeded } from '../domain/refund/given.ts';
import { chanceOf, insist, jittered } from './retry.ts';

/** Insists on what succeeds at try number `at`; says what came of it, how often it was tried and how long it paused. */
async function insisting(at: number, tries?: number) {
  const pauses: number[] = [];
  let tried = 0;
  const once = async () => {
    tried += 1;
    return tried === at ? 'done' : undefined;
  };
  const pause = async (ms: number) => void pauses.push(ms);
  const result = await insist({ pause, ids: seededIds('retry') }, once, tries);
  return { result, tried, pauses };
}

describe('trying again', () => {
  it('ends with the first result, without a pause after it', async () => {
    expect(await insisting(1)).toEqual({ result: 'done', tried: 1, pauses: [] });
    const third = await insisting(3);
    expect(third).toMatchObject({ result: 'done', tried: 3 });
    expect(third.pauses).toHaveLength(2);
  });

  it('is given up after eight tries, or as many as are asked for', async () => {
    expect(await insisting(9)).toMatchObject({ result: undefined, tried: 8 });
    expect(await insisting(8)).toMatchObject({ result: 'done', tried: 8 });
    expect(await insisting(3, 2)).toMatchObject({ result: undefined, tried: 2 });
  });

  it('takes what is false or nothing for a result too', async () => {
    const needs = { pause: () => Promise.reject(new Error('paused')), ids: seededIds('retry') };
    expect(await insist<unknown>(needs, async () => false)).toBe(false);
    expect(await insist<unknown>(needs, async () => null)).toBe(null);
  });

  it('pauses twice as long each time, less up to a half of it', async () => {
    const { pauses } = await insisting(9);
    pauses.forEach((ms, attempt) => {
      expect(ms).toBeGreaterThanOrEqual(5 * 2 ** attempt);
      expect(ms).toBeLessThanOrEqual(10 * 2 ** attempt);
    });
    expect(new Set(pauses.map((ms, attempt) => ms / 2 ** attempt)).size).toBeGreaterThan(3);
  });
});

describe('chance', () => {
  const drawn = Array.from({ length: 400 }, (_, n) => chanceOf(seededIds(String(n))));
  it('lies in [0, 1) and is spread over all of it', () => {
    expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
    for (const tenth of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      expect(drawn.filter((one) => Math.floor(one * 10) === tenth).length).toBeGreaterThan(10);
    }
  });

  it('follows from every character of an id', () => {
    expect(new Set(['aa', 'ab', 'bb', 'bc'].map((text) => chanceOf({ random: () => text }))).size).toBe(4);
    expect(chanceOf({ random: () => '' })).toBe(0);
  });

  it('spreads a wait evenly over its second half', () => {
    const waits = ['a', 'a0', '0a0'].map((text) => jittered({ random: () => text }, 970));
    expect(waits).toEqual([485, 725, 965]);
  });

  it('shortens a wait to no less than its half, in whole milliseconds', () => {
    const within = fc.property(fc.integer({ min: 0, max: 100_000 }), fc.string({ maxLength: 32 }), (ms, text) => {
      const wait = jittered({ random: () => text }, ms);
      expect(Number.isInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThanOrEqual(ms / 2);
      expect(wait).toBeLessThanOrEqual(Math.max(ms, Math.ceil(ms / 2)));
    });
    fc.assert(within, { ...seeded, numRuns: 100 });
  });
});
