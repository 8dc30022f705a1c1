import { describe, expect, it } from 'vitest';
import { holds, median, quantile, row } from './row.ts';

describe('a row of the bench', () => {
  it('judges the ratio where it is compared with something, and the value otherwise', () => {
    const compared = row({
      name: 'a.b',
      value: 30,
      unit: 'µs',
      n: 5,
      against: { name: 'a.c', value: 60 },
      goal: '<= 0.5',
    });
    expect(compared).toMatchObject({ value: 30, against: 'a.c', ratio: 0.5, holds: true });
    expect(row({ name: 'a.b', value: 1.2, unit: 's', n: 5, goal: '<= 1' })).toMatchObject({
      ratio: null,
      holds: false,
    });
    expect(row({ name: 'a.b', value: 1.2, unit: 's', n: 5 })).toMatchObject({ goal: null, holds: null });
  });

  it.each([
    [0.5, '<= 0.5', true],
    [0.501, '<= 0.5', false],
    [0.7, '>= 0.7', true],
    [0.69, '>= 0.7', false],
    [1, '= 1', true],
    [Number.NaN, '<= 1', false],
    [Number.POSITIVE_INFINITY, '>= 1', false],
  ])('%d meets the goal %s: %s', (value, goal, expected) => {
    expect(holds(value, goal)).toBe(expected);
  });

  it('is refused with a goal that nobody could judge', () => {
    expect(() => holds(1, 'fast')).toThrow('is no goal');
  });

  it('takes the middle of its observations', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99)).toBe(10);
    expect(median([])).toBeNaN();
  });
});
