import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { tableFault, writeFault } from './table-faults.ts';

const canceled = (codes: readonly string[], attempts = 1) => {
  const CancellationReasons = codes.map(
    (Code): CancellationReason => (Code === 'ConditionalCheckFailed' ? { Code, Item: { v: { N: '7' } } } : { Code }),
  );
  return new TransactionCanceledException({ message: 'canceled', $metadata: { attempts }, CancellationReasons });
};

const refused = (...indexes: readonly number[]) => ({
  is: 'refused',
  failed: indexes.map((index) => ({ index, old: { v: 7n } })),
});
const busy = { is: 'busy' };

test.each<readonly [readonly string[], unknown]>([
  [['ConditionalCheckFailed'], refused(0)],
  [['None', 'ConditionalCheckFailed', 'None', 'ConditionalCheckFailed'], refused(1, 3)],
  [['TransactionConflict', 'ConditionalCheckFailed'], refused(1)],
  [['ThrottlingError', 'ConditionalCheckFailed', 'ValidationError'], refused(1)],
  [['None', 'TransactionConflict'], busy],
  [['ThrottlingError', 'None'], busy],
  [['ProvisionedThroughputExceeded', 'TransactionConflict'], busy],
])('F109 A transaction cancelled for %j is judged by its reasons.', (codes, expected) => {
  expect(writeFault(canceled(codes))).toEqual(expected);
});

test.each([[['ValidationError']], [['TransactionConflict', 'ValidationError']], [['ItemCollectionSizeLimitExceeded']]])(
  'F109 A transaction cancelled for %j is our bug, not an outage, and never tried again.',
  (codes) => {
    expect(() => writeFault(canceled(codes))).toThrow('can not carry out');
  },
);

test.each([[[]], [['None']], [['SomethingNew']], [['TransactionConflict', 'SomethingNew']]])(
  'F109 A transaction cancelled for reasons we do not know (%j) is Unavailable.',
  (codes) => {
    expect(() => writeFault(canceled(codes))).toThrow(Unavailable);
  },
);

const named = (name: string, attempts?: number) =>
  Object.assign(new Error('vendor text with pi_secret'), {
    name,
    ...(attempts !== undefined && { $metadata: { attempts } }),
  });

test.each([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'TransactionConflictException',
])('F107 %s is busy at the first attempt; after another one nobody knows whether that one wrote.', (name) => {
  expect(writeFault(named(name, 1))).toEqual(busy);
  expect(() => writeFault(named(name, 2))).toThrow(Unavailable);
  expect(() => writeFault(canceled(['TransactionConflict'], 2))).toThrow(Unavailable);
});

test.each([
  'TimeoutError',
  'InternalServerError',
  'AccessDeniedException',
  'ResourceNotFoundException',
  'ExpiredTokenException',
])('%s is Unavailable, for writes and reads.', (name) => {
  expect(() => writeFault(named(name, 1))).toThrow(Unavailable);
  expect(() => tableFault(named(name, 1))).toThrow(Unavailable);
});

test('F134 No text of the store gets into our errors.', () => {
  expect(() => tableFault(named('ValidationException'))).not.toThrow('pi_secret');
  expect(() => tableFault(named('TimeoutError'))).not.toThrow('pi_secret');
});
