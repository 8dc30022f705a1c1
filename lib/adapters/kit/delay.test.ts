import { expect, test } from 'vitest';
import { delaySeconds } from './delay.ts';

test.each([
  [-1, 0],
  [0, 0],
  [1, 1],
  [1000, 1],
  [1001, 2],
  [900_000, 900],
  [900_001, 900],
])('A delay of %d ms is %d whole seconds.', (ms, seconds) => {
  expect(delaySeconds(ms)).toBe(seconds);
});
