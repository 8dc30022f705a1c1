import { expect, it } from 'vitest';
import type { StreamName } from '../domain/streams.ts';
import { recentNotices } from './recent.ts';

it('knows what was recorded lately, and forgets the oldest beyond its bound', () => {
  const recent = recentNotices(2);
  const [a, b, c] = ['a', 'b', 'c'] as unknown as [StreamName, StreamName, StreamName];
  expect(recent.knows(a)).toBe(false);
  for (const one of [a, b, c]) recent.recorded(one);
  expect([a, b, c].map((one) => recent.knows(one))).toEqual([false, true, true]);
});
