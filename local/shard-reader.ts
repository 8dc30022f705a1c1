import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { pause } from './running.ts';
import { streamRecord } from './stream-event.ts';

export interface ShardReading {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly shardId: string;
  readonly batchSize: number;
  /** The wait after an empty read, growing from the first to the second number while nothing comes. */
  readonly idleMs: readonly [number, number];
  /** Called with at least one record; the next are read when it has resolved. */
  readonly deliver: (records: readonly DynamoDBRecord[]) => Promise<void>;
}

/**
 * Reads one shard in order until it is closed or we stop. Throws what the client throws; beginning again at the last position
 * is then the answer, also to an expired iterator.
 */
export async function readShard(
  shard: ShardReading,
  after: string | undefined,
  stopping: AbortSignal,
): Promise<'closed' | 'stopped'> {
  let iterator = await iteratorAfter(shard, after);
  let idleMs = shard.idleMs[0];
  while (iterator !== undefined && !stopping.aborted) {
    const read: GetRecordsCommandOutput = await shard.client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: shard.batchSize }),
    );
    const records = (read.Records ?? []).map((record) => streamRecord(record, shard.streamArn));
    iterator = read.NextShardIterator;
    if (records.length > 0) {
      await shard.deliver(records);
      idleMs = shard.idleMs[0];
    } else if (iterator !== undefined) {
      await pause(idleMs, stopping);
      idleMs = Math.min(idleMs * 1.5, shard.idleMs[1]);
    }
  }
  // Only a missing iterator says that a shard is closed: the engine fills in an ending number for open shards too.
  return stopping.aborted ? 'stopped' : 'closed';
}

/**
 * The position is believed only when its record is found there. AWS refuses a trimmed position by itself, but the local engine
 * takes any number, also one its file (restored, or trimmed to nothing) has yet to reach, and would stay silent until then.
 */
async function iteratorAfter(shard: ShardReading, after: string | undefined): Promise<string | undefined> {
  const oldest = { ShardIteratorType: 'TRIM_HORIZON' } as const;
  if (after === undefined) return iteratorAt(shard, oldest);
  try {
    const at = await iteratorAt(shard, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: after });
    const found = await shard.client.send(new GetRecordsCommand({ ShardIterator: at, Limit: 1 }));
    if (found.Records?.[0]?.dynamodb?.SequenceNumber === after) {
      return await iteratorAt(shard, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after });
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'TrimmedDataAccessException') throw error;
  }
  return iteratorAt(shard, oldest);
}

type Position =
  | { readonly ShardIteratorType: 'TRIM_HORIZON' }
  | { readonly ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly SequenceNumber: string };

async function iteratorAt(shard: ShardReading, position: Position): Promise<string | undefined> {
  const { streamArn: StreamArn, shardId: ShardId } = shard;
  const { ShardIterator } = await shard.client.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...position }));
  return ShardIterator;
}
