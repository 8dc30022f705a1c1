import { expect, test } from 'vitest';
import { randomBytes, randomSource } from './random.ts';

test('Each byte is handed out once, also where one filling ends.', () => {
  let filled = 0;
  const source = randomSource((bytes) => {
    filled += 1;
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at % 255) + 1;
  });
  const seen = Array.from({ length: 4096 / 32 }, () => source(32).toString('hex')).join('');
  expect(filled).toBe(1);
  expect(Buffer.from(seen, 'hex')).toEqual(Buffer.from(Array.from({ length: 4096 }, (_, at) => (at % 255) + 1)));
  source(4000);
  expect(filled).toBe(2);
  // 96 are left, which are too few, and what was handed out before is never part of it.
  expect(source(97)).toEqual(Buffer.from(Array.from({ length: 97 }, (_, at) => at + 1)));
  expect(filled).toBe(3);
});

test('What was handed out does not change afterwards.', () => {
  const first = randomBytes(32);
  const kept = first.toString('hex');
  for (let n = 0; n < 300; n += 1) randomBytes(32);
  expect(first.toString('hex')).toBe(kept);
});

test('Ten thousand are ten thousand different ones.', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => randomBytes(16).toString('hex'))).size).toBe(10_000);
});

test('More than it has at once is a bug of its caller.', () => {
  expect(() => randomBytes(4097)).toThrow(RangeError);
});
