import { describe, expect, it } from 'vitest';
import { chanceFrom, noFaults, parseFaults } from './simulator.ts';

describe('faults', () => {
  it('are none where nothing is said, and exactly what is said elsewhere', () => {
    expect(parseFaults({})).toEqual(noFaults);
    expect(parseFaults({ lostReplies: 2, errorRate: 0.5, down: true })).toEqual({
      ...noFaults,
      lostReplies: 2,
      errorRate: 0.5,
      down: true,
    });
  });

  it.each([
    [null],
    [[]],
    ['down'],
    [{ lostReply: 1 }],
    [{ __proto__: null, constructor: 1 }],
    [{ lostReplies: -1 }],
    [{ lostReplies: 1.5 }],
    [{ errorRate: 2 }],
    [{ errorRate: '1' }],
    [{ down: 1 }],
    [{ delayMs: Number.POSITIVE_INFINITY }],
  ])('are refused in words when they are no faults: %j', (given) => {
    expect(parseFaults(given)).toMatch(/^[a-zA-Z0-9 ]+$/);
  });
});

describe('chance', () => {
  it('is keyed: the same label draws the same, whatever was drawn before', () => {
    const [one, two] = [chanceFrom('seed'), chanceFrom('seed')];
    one('something else');
    expect(one('a')).toBe(two('a'));
    expect(one('a')).not.toBe(one('b'));
    expect(chanceFrom('other')('a')).not.toBe(one('a'));
  });

  it('is spread over [0, 1)', () => {
    const chance = chanceFrom('seed');
    const drawn = Array.from({ length: 2000 }, (_, at) => chance(`${at}`));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.filter((one) => one < 0.25).length / 2000).toBeCloseTo(0.25, 1);
  });
});
