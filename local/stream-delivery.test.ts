import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { lambda } from './lambda.ts';
import { deliverInOrder } from './stream-delivery.ts';
import { sequenceOf } from './stream-event.ts';

const records = (count: number): DynamoDBRecord[] =>
  Array.from({ length: count }, (_, at) => ({ eventName: 'INSERT', dynamodb: { SequenceNumber: String(at + 1) } }));

const failing = (...sequences: string[]) => ({
  batchItemFailures: sequences.map((itemIdentifier) => ({ itemIdentifier })),
});

/** Delivers `count` records; the handler gets their numbers. */
async function deliver(count: number, handler: (sequences: string[], stop: () => void) => unknown) {
  const stopping = new AbortController();
  const seen = { batches: [] as string[][], progress: [] as string[], givenUp: [] as string[], failures: 0 };
  const invoke = lambda({ name: 'relay', timeoutMs: 5_000 }, async (event: DynamoDBStreamEvent) => {
    const sequences = event.Records.map(sequenceOf);
    seen.batches.push(sequences);
    return handler(sequences, () => stopping.abort());
  });
  await deliverInOrder(
    records(count),
    {
      invoke,
      maxAttempts: 5,
      retryMs: 0,
      onProgress: (sequence) => seen.progress.push(sequence),
      onGivenUp: (record) => seen.givenUp.push(sequenceOf(record)),
      onFailure: () => {
        seen.failures += 1;
      },
    },
    stopping.signal,
  );
  return seen;
}

it('A batch that succeeds is delivered once and is progress', async () => {
  const seen = await deliver(3, () => undefined);
  expect(seen).toEqual({ batches: [['1', '2', '3']], progress: ['3'], givenUp: [], failures: 0 });
});

it('F73: a named failure is retried from the lowest one named, with what comes after it', async () => {
  let calls = 0;
  const seen = await deliver(5, () => {
    calls += 1;
    return calls === 1 ? failing('4', '3') : undefined;
  });
  expect(seen.batches).toEqual([
    ['1', '2', '3', '4', '5'],
    ['3', '4', '5'],
  ]);
  expect(seen.progress).toEqual(['2', '5']);
});

it('F72: a record that fails five times is put aside, and the ones after it are delivered', async () => {
  const seen = await deliver(3, (sequences) => (sequences.includes('2') ? failing('2') : undefined));
  expect(seen.givenUp).toEqual(['2']);
  expect(seen.progress).toEqual(['1', '2', '3']);
  expect(seen.batches.filter((batch) => batch.includes('2'))).toHaveLength(5);
});

it('F72: a throw is narrowed down by halves to the record that does it; no other is put aside', async () => {
  const delivered = new Set<string>();
  const seen = await deliver(100, (sequences) => {
    if (sequences.includes('57')) throw new Error('poison');
    for (const sequence of sequences) delivered.add(sequence);
  });
  expect(seen.givenUp).toEqual(['57']);
  expect(delivered.size).toBe(99);
  expect(seen.batches.filter((batch) => batch.length === 1 && batch[0] === '57')).toHaveLength(5);
  expect(seen.batches.length).toBeLessThan(40);
  expect(seen.progress.map(Number)).toEqual(seen.progress.map(Number).toSorted((a, b) => a - b));
  expect(seen.failures).toBeGreaterThan(5);
});

it('A failure of everything that passes in time puts nothing aside', async () => {
  let calls = 0;
  const seen = await deliver(8, () => {
    calls += 1;
    if (calls < 8) throw new Error('the queue engine restarts');
  });
  expect(seen.givenUp).toEqual([]);
  expect(seen.progress.at(-1)).toBe('8');
});

it('Tries are counted for each record, not for the batch', async () => {
  const tries = new Map<string, number>();
  const seen = await deliver(4, (sequences) => {
    const failed = sequences.find((sequence) => (tries.get(sequence) ?? 0) < 4);
    if (failed === undefined) return undefined;
    tries.set(failed, (tries.get(failed) ?? 0) + 1);
    return failing(failed);
  });
  expect(seen.givenUp).toEqual([]);
  expect(seen.batches).toHaveLength(17);
});

it('Stopped within a batch, what was not done is no progress', async () => {
  const seen = await deliver(4, (_sequences, stop) => {
    stop();
    return failing('3');
  });
  expect(seen.batches).toHaveLength(1);
  expect(seen.progress).toEqual(['2']);
});
