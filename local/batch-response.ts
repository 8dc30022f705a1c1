import type { Invocation } from './lambda.ts';

/**
 * Positions in the batch that failed, or `all`. Lambda takes an answer it can't follow for the failure of the whole batch: an
 * identifier that is missing, empty or not of this batch. Nothing, `null` and an empty list mean success. The same for queues
 * and streams.
 */
export function failedPositions(
  invocation: Invocation<unknown>,
  identifiers: readonly string[],
): readonly number[] | 'all' {
  if (invocation.is !== 'returned') return 'all';
  const failures = failuresIn(invocation.result);
  if (failures === undefined) return 'all';
  const positions = failures.map((identifier) => identifiers.indexOf(identifier as string));
  return positions.includes(-1) ? 'all' : [...new Set(positions)].sort((a, b) => a - b);
}

/** A handler's answer is data from outside: its type is a promise that the JSON need not keep. */
function failuresIn(result: unknown): readonly unknown[] | undefined {
  if (typeof result !== 'object' || result === null) return [];
  const { batchItemFailures: failures } = result as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) return undefined;
  return failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
}
