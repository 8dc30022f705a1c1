import {
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from './checkpoints.ts';
import { lambda } from './lambda.ts';
import { sequenceOf } from './stream-event.ts';
import { readableShards, startStreamPoller } from './stream-poller.ts';

/**
 * What AWS does and the local engine never does: shards that are closed and have children, trimmed positions, iterators that
 * expire. `shards` maps a shard to its records; an iterator is `shard/position`.
 */
class ScriptedStream {
  readonly asked: string[] = [];
  expireOnce = false;
  readonly #shards: Record<string, { parent?: string; records: number[]; trimmed?: number }>;

  constructor(shards: Record<string, { parent?: string; records: number[]; trimmed?: number }>) {
    this.#shards = shards;
  }

  get client(): DynamoDBStreamsClient {
    return {
      send: async (command: { constructor: { name: string }; input: Record<string, string> }) =>
        this.#answer(command.constructor.name, command.input),
    } as unknown as DynamoDBStreamsClient;
  }

  #answer(command: string, input: Record<string, string>): object {
    if (command === 'ListStreamsCommand') return { Streams: [{ StreamArn: 'arn', StreamLabel: '1' }] };
    if (command === 'DescribeStreamCommand') return this.#describe(input.ExclusiveStartShardId);
    return command === 'GetShardIteratorCommand' ? this.#iterator(input) : this.#records(input.ShardIterator!);
  }

  /** One shard a page. */
  #describe(after: string | undefined): object {
    const ids = Object.keys(this.#shards);
    const id = ids[after === undefined ? 0 : ids.indexOf(after) + 1]!;
    const parent = this.#shards[id]!.parent;
    const Shards = [{ ShardId: id, ...(parent === undefined ? {} : { ParentShardId: parent }) }];
    return { StreamDescription: { Shards, ...(id === ids.at(-1) ? {} : { LastEvaluatedShardId: id }) } };
  }

  #iterator({ ShardId, ShardIteratorType, SequenceNumber }: Record<string, string>): object {
    const { records, trimmed = 0 } = this.#shards[ShardId!]!;
    this.asked.push(`${ShardId} ${ShardIteratorType} ${SequenceNumber ?? ''}`.trim());
    const wanted = Number(SequenceNumber ?? 0);
    if (SequenceNumber !== undefined && wanted <= trimmed) {
      throw new TrimmedDataAccessException({ message: 'trimmed', $metadata: {} });
    }
    const from = records.findIndex(
      (record) => record > (ShardIteratorType === 'AT_SEQUENCE_NUMBER' ? wanted - 1 : wanted),
    );
    return { ShardIterator: `${ShardId}/${from === -1 ? records.length : from}` };
  }

  #records(iterator: string): object {
    const [shardId, at] = iterator.split('/');
    const record = this.#shards[shardId!]!.records[Number(at)];
    if (this.expireOnce && Number(at) === 1) {
      this.expireOnce = false;
      throw new ExpiredIteratorException({ message: 'expired', $metadata: {} });
    }
    // Closed shards end without a next iterator.
    if (record === undefined) return { Records: [] };
    return {
      Records: [{ eventName: 'INSERT', dynamodb: { SequenceNumber: String(record) } }],
      NextShardIterator: `${shardId}/${Number(at) + 1}`,
    };
  }
}

/** Patient, since machines are busy at times; each look is cheap. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 240_000, interval: 5 });

async function readAll(stream: ScriptedStream, saved: Checkpoint | undefined, count: number) {
  const seen: string[] = [];
  let checkpoint = saved;
  const poller = startStreamPoller({
    client: stream.client,
    tableName: 'journal',
    checkpoints: {
      load: () => checkpoint,
      save: (next) => {
        checkpoint = next;
      },
    },
    invoke: lambda({ name: 'relay', timeoutMs: 5_000 }, async (event: DynamoDBStreamEvent) => {
      seen.push(...event.Records.map(sequenceOf));
    }),
    onGivenUp: () => undefined,
    idleMs: [1, 1],
    report: () => undefined,
  });
  await until(() => expect(seen.length).toBeGreaterThanOrEqual(count));
  await poller.stop();
  return { seen, checkpoint };
}

describe('following a stream', () => {
  it('reads a closed shard to its end before its children, which are found at once', async () => {
    const stream = new ScriptedStream({ child: { parent: 'root', records: [3, 4] }, root: { records: [1, 2] } });
    const { seen, checkpoint } = await readAll(stream, undefined, 4);
    expect(seen).toEqual(['1', '2', '3', '4']);
    expect(checkpoint?.shards.root).toEqual({ ended: true });
  });

  it('goes on after its checkpoint, and does not look into shards it has finished', async () => {
    const stream = new ScriptedStream({ root: { records: [1, 2] }, child: { parent: 'root', records: [3, 4] } });
    const saved = { streamArn: 'arn', shards: { root: { ended: true }, child: { after: '3' } } };
    expect((await readAll(stream, saved, 1)).seen).toEqual(['4']);
    expect(stream.asked.filter((asked) => asked.startsWith('root'))).toEqual([]);
  });

  it('F120: begins at the oldest record left where its checkpoint was trimmed away', async () => {
    const stream = new ScriptedStream({ root: { records: [8, 9], trimmed: 7 } });
    const saved = { streamArn: 'arn', shards: { root: { after: '5' } } };
    expect((await readAll(stream, saved, 2)).seen).toEqual(['8', '9']);
  });

  it('begins at the oldest record where the checkpoint is of another stream of that table', async () => {
    const stream = new ScriptedStream({ root: { records: [1, 2] } });
    const saved = { streamArn: 'the former', shards: { root: { after: '1' } } };
    expect((await readAll(stream, saved, 2)).seen).toEqual(['1', '2']);
  });

  it('an iterator that expired is replaced, and no record is lost or repeated', async () => {
    const stream = new ScriptedStream({ root: { records: [1, 2, 3] } });
    stream.expireOnce = true;
    expect((await readAll(stream, undefined, 3)).seen).toEqual(['1', '2', '3']);
    expect(stream.asked).toContain('root AFTER_SEQUENCE_NUMBER 1');
  });
});

it.each([
  ['nothing is known', {}, ['a']],
  ['the parent has ended', { a: { ended: true } }, ['b']],
  ['the parent is under way', { a: { after: '1' } }, ['a']],
  ['all have ended', { a: { ended: true }, b: { ended: true } }, []],
])('When %s, the shards to read are those whose parent is done', (_when, positions, expected) => {
  const shards = [
    { ShardId: 'a', ParentShardId: 'gone' },
    { ShardId: 'b', ParentShardId: 'a' },
  ];
  expect(readableShards(shards, new Map(Object.entries(positions)))).toEqual(expected);
});
