import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { failedPositions } from './batch-response.ts';
import { failureOf, type Invoke } from './lambda.ts';
import { pause } from './running.ts';
import { sequenceOf } from './stream-event.ts';

export interface StreamDelivery {
  readonly invoke: Invoke<DynamoDBStreamEvent, unknown>;
  /** Tries of one record before it is put aside. */
  readonly maxAttempts: number;
  /** Wait before the second try of a record; doubled with every further one. */
  readonly retryMs: number;
  /** Everything up to this record is dealt with. */
  readonly onProgress: (sequenceNumber: string) => void;
  /** A record that failed for good. The stream goes on after it. */
  readonly onGivenUp: (record: DynamoDBRecord) => void;
  readonly onFailure: (how: string) => void;
}

/**
 * Hands records on in order until each one succeeded or was put aside (F72). A named failure is retried from the first one named,
 * since order counts in a stream; a throw or a timeout names nobody, so the batch is halved until the record that does it is
 * alone. Only a record that was named, or was alone, uses up a try. Returns early when stopping; what was not reported by
 * `onProgress` is to be delivered again.
 */
export async function deliverInOrder(
  records: readonly DynamoDBRecord[],
  to: StreamDelivery,
  stopping: AbortSignal,
): Promise<void> {
  let rest = records;
  let size = records.length;
  let tries = 0;
  const advance = (count: number) => {
    const last = rest[count - 1];
    if (last !== undefined) to.onProgress(sequenceOf(last));
    rest = rest.slice(count);
    if (count > 0) tries = 0;
    size = rest.length;
  };
  while (rest.length > 0 && !stopping.aborted) {
    const batch = rest.slice(0, size);
    const failedAt = await firstFailure(batch, to);
    if (failedAt === 'unknown') {
      size = Math.ceil(batch.length / 2);
      continue;
    }
    if (failedAt === undefined) {
      advance(batch.length);
      continue;
    }
    const alone = batch.length === 1;
    advance(failedAt);
    tries += 1;
    const [failed] = rest;
    if (tries >= to.maxAttempts && failed !== undefined) {
      to.onGivenUp(failed);
      advance(1);
    } else {
      if (alone) size = 1;
      await pause(to.retryMs * 2 ** (tries - 1), stopping);
    }
  }
}

/** Position of the first record that failed; undefined: none; `unknown`: one of several, nobody knows which. */
async function firstFailure(
  batch: readonly DynamoDBRecord[],
  to: StreamDelivery,
): Promise<number | undefined | 'unknown'> {
  const invocation = await to.invoke({ Records: [...batch] });
  const failure = failureOf(invocation);
  if (failure !== undefined) to.onFailure(failure);
  const failed = failedPositions(invocation, batch.map(sequenceOf));
  if (failed === 'all') return batch.length === 1 ? 0 : 'unknown';
  return failed[0];
}
