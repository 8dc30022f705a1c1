import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Written } from '../../app/ports/table.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { fromAttributeValues } from './attributes.ts';

/** Codes of a whole request, and of one part of a transaction, that say "not now": nothing was written. */
const notNow: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ThrottlingException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

/** Codes that say that we asked for something impossible: a bug, not an outage, and asking again changes nothing. */
const ourBug: ReadonlySet<string> = new Set([
  'ValidationException',
  'ValidationError',
  'SerializationException',
  'ItemCollectionSizeLimitExceeded',
  'IdempotentParameterMismatchException',
]);

/**
 * What a failed write means. The reasons of a cancelled transaction are looked at one by one (F109): a condition that did not
 * hold outweighs a conflict elsewhere in it. `busy` claims that nothing was written, so it is said after a first attempt only:
 * when the SDK has tried before, the reply to an earlier attempt may have been lost, and the answer is `Unavailable`.
 */
export function writeFault(error: unknown): Written {
  if (error instanceof TransactionCanceledException) {
    const reasons = error.CancellationReasons ?? [];
    const failed = reasons.flatMap((reason, index) =>
      reason.Code === 'ConditionalCheckFailed' ? [refusal(reason, index)] : [],
    );
    if (failed.length > 0) return { is: 'refused', failed };
    const codes = reasons.map((reason) => reason.Code ?? 'None').filter((code) => code !== 'None');
    if (codes.some((code) => ourBug.has(code))) throw bug(error);
    return codes.length > 0 && codes.every((code) => notNow.has(code)) ? busy(error) : tableFault(error);
  }
  return notNow.has(nameOf(error)) ? busy(error) : tableFault(error);
}

/** Throws: `Unavailable`, or an Error where the request itself is wrong. Texts of vendors' errors may quote items, so ours does not. */
export function tableFault(error: unknown): never {
  if (ourBug.has(nameOf(error))) throw bug(error);
  throw new Unavailable('table', error);
}

function busy(error: unknown): Written {
  if (attemptsOf(error) === 1) return { is: 'busy' };
  throw new Unavailable('table', error);
}

const refusal = ({ Item: old }: CancellationReason, index: number) =>
  old === undefined ? { index } : { index, old: fromAttributeValues(old) };

const bug = (cause: unknown): Error => new Error('the table can not carry out this request', { cause });

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

function attemptsOf(error: unknown): number {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const attempts =
    typeof metadata === 'object' && metadata !== null && 'attempts' in metadata ? metadata.attempts : undefined;
  return typeof attempts === 'number' ? attempts : 0;
}
