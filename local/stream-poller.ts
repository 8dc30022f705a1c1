import {
  DescribeStreamCommand,
  type DescribeStreamCommandOutput,
  type DynamoDBStreamsClient,
  ListStreamsCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import type { Checkpoints, ShardPosition } from './checkpoints.ts';
import { nameOf, pause, type Report, type Running, running } from './running.ts';
import { readShard, type ShardReading } from './shard-reader.ts';
import { deliverInOrder, type StreamDelivery } from './stream-delivery.ts';

export interface StreamMapping extends Pick<StreamDelivery, 'invoke' | 'onGivenUp'> {
  readonly client: DynamoDBStreamsClient;
  readonly tableName: string;
  readonly checkpoints: Checkpoints;
  /** Tries of one record before it is put aside; 5 by default. */
  readonly maxAttempts?: number;
  /** Wait before a record's second try, doubled with every further one; 200 by default. */
  readonly retryMs?: number;
  /** 100 by default. */
  readonly batchSize?: number;
  /** 50 to 200 by default: a refund passes the stream twice or more, so this is felt. */
  readonly idleMs?: ShardReading['idleMs'];
  readonly report: Report;
}

/**
 * Plays Lambda's mapping from a table's stream: every record at least once, in order within a shard, parents before children,
 * going on after the checkpoint and, where there is none that fits, from the oldest record there is.
 */
export function startStreamPoller(mapping: StreamMapping): Running {
  return running(async (stopping) => {
    const streamArn = await findStream(mapping, stopping);
    if (streamArn !== undefined) await followShards(mapping, streamArn, stopping);
  });
}

const retryMs = 200;
const newShardsEveryMs = 5_000;
/** Replacing the file for each batch is a twentieth of a busy stack's time. What is not saved when it is killed comes again. */
const saveEveryMs = 250;

async function followShards(mapping: StreamMapping, streamArn: string, stopping: AbortSignal): Promise<void> {
  const positions = new Map(savedPositions(mapping.checkpoints, streamArn));
  const save = () => mapping.checkpoints.save({ streamArn, shards: Object.fromEntries(positions) });
  let savedAt = Number.NEGATIVE_INFINITY;
  const move = (shardId: string, position: ShardPosition) => {
    positions.set(shardId, position);
    const now = performance.now();
    if (now - savedAt < saveEveryMs) return;
    savedAt = now;
    save();
  };
  const readers = new Map<string, Promise<void>>();
  let changed = new AbortController();
  while (!stopping.aborted) {
    changed = new AbortController();
    try {
      const shards = await listShards(mapping.client, streamArn);
      for (const shardId of readableShards(shards, positions)) {
        if (readers.has(shardId)) continue;
        const reader = readToTheEnd(mapping, { streamArn, shardId, positions, move }, stopping);
        // A closed shard has children; they are looked for at once.
        readers.set(
          shardId,
          reader.finally(() => changed.abort()),
        );
      }
    } catch (error) {
      mapping.report(`stream of ${mapping.tableName}: ${nameOf(error)}; trying again`);
    }
    await pause(newShardsEveryMs, AbortSignal.any([stopping, changed.signal]));
  }
  await Promise.all(readers.values());
  save();
}

/** Sequence numbers of a table's former stream mean nothing in its new one. */
function savedPositions(checkpoints: Checkpoints, streamArn: string): readonly [string, ShardPosition][] {
  const saved = checkpoints.load();
  return saved?.streamArn === streamArn ? Object.entries(saved.shards) : [];
}

/** Shards that are not read to their end, and whose parent is, or is gone. */
export function readableShards(
  shards: readonly Shard[],
  positions: ReadonlyMap<string, ShardPosition>,
): readonly string[] {
  const ended = (id: string) => positions.get(id)?.ended === true;
  const listed = new Set(shards.map((shard) => shard.ShardId));
  return shards.flatMap(({ ShardId: id, ParentShardId: parent }) =>
    id === undefined || ended(id) || (parent !== undefined && listed.has(parent) && !ended(parent)) ? [] : [id],
  );
}

interface Following {
  readonly streamArn: string;
  readonly shardId: string;
  readonly positions: ReadonlyMap<string, ShardPosition>;
  readonly move: (shardId: string, position: ShardPosition) => void;
}

async function readToTheEnd(mapping: StreamMapping, at: Following, stopping: AbortSignal): Promise<void> {
  const { batchSize = 100, idleMs = [50, 200], client, tableName, report } = mapping;
  const { streamArn, shardId } = at;
  const delivery: StreamDelivery = {
    maxAttempts: mapping.maxAttempts ?? 5,
    retryMs: mapping.retryMs ?? 200,
    invoke: mapping.invoke,
    onGivenUp: mapping.onGivenUp,
    onProgress: (after) => at.move(shardId, { after }),
    onFailure: (how) => report(`stream of ${tableName}: handler ${how}`),
  };
  const deliver: ShardReading['deliver'] = (records) => deliverInOrder(records, delivery, stopping);
  while (!stopping.aborted) {
    try {
      const shard = { client, streamArn, shardId, batchSize, idleMs, deliver };
      const end = await readShard(shard, at.positions.get(shardId)?.after, stopping);
      if (end === 'closed') at.move(shardId, { ended: true });
      return;
    } catch (error) {
      report(`stream of ${tableName}: ${nameOf(error)}; trying again`);
      await pause(retryMs, stopping);
    }
  }
}

async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let from: string | undefined;
  do {
    const page: DescribeStreamCommandOutput = await client.send(
      new DescribeStreamCommand({
        StreamArn: streamArn,
        ...(from === undefined ? {} : { ExclusiveStartShardId: from }),
      }),
    );
    shards.push(...(page.StreamDescription?.Shards ?? []));
    from = page.StreamDescription?.LastEvaluatedShardId;
  } while (from !== undefined);
  return shards;
}

async function findStream(mapping: StreamMapping, stopping: AbortSignal): Promise<string | undefined> {
  while (!stopping.aborted) {
    try {
      const { Streams = [] } = await mapping.client.send(new ListStreamsCommand({ TableName: mapping.tableName }));
      // A table that was given a stream again lists the old one too; labels are times.
      const newest = Streams.toSorted((a, b) => ((a.StreamLabel ?? '') < (b.StreamLabel ?? '') ? 1 : -1))[0];
      if (newest?.StreamArn !== undefined) return newest.StreamArn;
    } catch (error) {
      mapping.report(`stream of ${mapping.tableName}: ${nameOf(error)}; trying again`);
    }
    await pause(retryMs, stopping);
  }
  return undefined;
}
