import { expect, it } from 'vitest';
import { failedPositions } from './batch-response.ts';

const batch = ['a', 'b', 'c'];
const named = (...ids: unknown[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

it.each([
  ['nothing', null, []],
  ['an empty object', {}, []],
  ['no list', { batchItemFailures: null }, []],
  ['an empty list', named(), []],
  ['one name', named('b'), [1]],
  ['names in another order, one twice', named('c', 'a', 'c'), [0, 2]],
  ['a name of another batch', named('a', 'x'), 'all'],
  ['an empty name', named(''), 'all'],
  ['a name that is missing', { batchItemFailures: [{}] }, 'all'],
  ['null for a failure', { batchItemFailures: [null] }, 'all'],
  ['no list but a word', { batchItemFailures: 'b' }, 'all'],
])('F73: an answer with %s fails what Lambda would take for failed', (_what, result, failed) => {
  expect(failedPositions({ is: 'returned', result }, batch)).toEqual(failed);
});

it('F73: a throw and a timeout fail the whole batch', () => {
  expect(failedPositions({ is: 'threw', error: new Error() }, batch)).toBe('all');
  expect(failedPositions({ is: 'timed-out', afterMs: 1 }, batch)).toBe('all');
});
