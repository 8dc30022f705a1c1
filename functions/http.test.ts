import { expect, it, vi } from 'vitest';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import { fault } from '../lib/domain/fault.ts';
import { answering, problem } from './http.ts';

it('F27 tells a sender when to come again, in whole seconds, and never too early', () => {
  expect(problem(fault('flooded', 'More came than is taken at once.', 1001))).toMatchObject({
    statusCode: 429,
    headers: { 'retry-after': '2' },
  });
  expect(problem(fault('not-found', 'There is none.')).headers).not.toHaveProperty('retry-after');
});

it('F21 F29 asks a sender to come again where something did not answer, and hides no bug', async () => {
  const answer = await answering(() => Promise.reject(new Unavailable('connections')), vi.fn());
  expect(answer).toMatchObject({ statusCode: 503, headers: { 'content-type': 'application/problem+json' } });
  await expect(answering(() => Promise.reject(new RangeError('a bug')), vi.fn())).rejects.toThrow('a bug');
});
