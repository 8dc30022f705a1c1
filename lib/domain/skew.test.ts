import { describe, expect, it } from 'vitest';
import { type Heard, hear, skewOf } from './skew.ts';
import { minute } from './time.ts';

const heard = (offsets: readonly number[], same?: string): readonly Heard[] =>
  offsets.reduce<readonly Heard[]>((all, offsetMs, index) => hear(all, { message: same ?? `m${index}`, offsetMs }), []);
const times = (count: number, offset: number) => Array.from({ length: count }, () => offset);

describe('the clock of a sender', () => {
  it.each<readonly [string, readonly number[], number]>([
    ['nothing was heard', [], 0],
    ['four messages agree', times(4, -10 * minute), 0],
    ['five messages agree that ours is ahead', times(5, -10 * minute), -10 * minute],
    ['five messages agree that ours is behind', times(5, 10 * minute), 10 * minute],
    ['five of ten agree', [...times(5, 0), ...times(5, 7 * minute)], 7 * minute],
    ['five agreed, and six in time came after', [...times(5, 7 * minute), ...times(6, 0)], 0],
    ['they are late by this and by that', [2, 4, 6, 8, 10, 12, 14].map((late) => -late * minute), 0],
    ['some are early and some are late', [...times(4, -10 * minute), ...times(4, 10 * minute)], 0],
    ['they differ by less than a minute', [-9.5, -10, -10.5, -10, -9.8].map((m) => m * minute), -10 * minute],
    ['it is less than a minute', times(10, 59_000), 0],
    ['it is a minute', times(5, minute), minute],
    ['it is a quarter of an hour', times(5, -15 * minute), -15 * minute],
    ['it is more than a quarter of an hour', times(10, -15 * minute - 1000), 0],
  ])('F26 when %s', (_when, offsets, skew) => expect(skewOf(heard(offsets))).toBe(skew));

  it('F26 is not judged by one message that is repeated', () => {
    expect(skewOf(heard(times(50, -10 * minute), 'same'))).toBe(0);
  });

  it('F26 is not forgotten for messages that are old beyond measure', () => {
    const known = heard(times(5, 7 * minute));
    const after = times(20, -300 * minute).reduce<readonly Heard[]>(
      (all, offsetMs, index) => hear(all, { message: `old${index}`, offsetMs }),
      known,
    );
    expect(after).toEqual(known);
  });
});
