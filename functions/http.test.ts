import { expect, it } from 'vitest';
import { fault } from '../lib/domain/fault.ts';
import { problem } from './http.ts';

it('F27 tells a sender when to come again, in whole seconds, and never too early', () => {
  expect(problem(fault('flooded', 'More came than is taken at once.', 1001))).toMatchObject({
    statusCode: 429,
    headers: { 'retry-after': '2' },
  });
  expect(problem(fault('not-found', 'There is none.')).headers).not.toHaveProperty('retry-after');
});
