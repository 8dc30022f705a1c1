import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tableSchemas } from '../../lib/adapters/aws/table-schemas.ts';
import { dynamoClient } from '../aws.ts';
import { type Dynoxide, startDynoxide } from './dynoxide.ts';
import { indexStreamRecords, trimStreamRecords } from './stream-records.ts';

describe('the records of a stream in the engine’s file', () => {
  let folder = '';
  let dbPath = '';
  let engine: Dynoxide;
  let client: DynamoDBClient;
  const shardId = 'shardId-00000001-journal';

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-stream-'));
    dbPath = join(folder, 'x.db');
    await begin();
    await client.send(new CreateTableCommand(tableSchemas({ journal: 'journal', state: 'state' }).journal));
  });
  afterEach(async () => {
    await finish();
    rmSync(folder, { recursive: true });
  });

  const begin = async () => {
    engine = await startDynoxide({ dbPath });
    client = dynamoClient(engine.endpoint);
  };
  const finish = async () => {
    client.destroy();
    await engine.stop();
  };
  const put = async (from: number, to: number) => {
    for (let sk = from; sk <= to; sk += 1)
      await client.send(
        new PutItemCommand({
          TableName: 'journal',
          Item: { pk: { S: 'stream' }, sk: { N: `${sk}` }, body: { S: '{}' } },
        }),
      );
  };
  const streamed = async (): Promise<(string | undefined)[]> => {
    const streams = new DynamoDBStreamsClient({
      endpoint: engine.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'journal' }));
    const StreamArn = Table?.LatestStreamArn;
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    streams.destroy();
    return Records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
  };
  const at = (after: string) => ({ streamArn: 'any', shards: { [shardId]: { after } } });
  const plans = () => {
    const db = new DatabaseSync(dbPath, { readOnly: true });
    const plan = (query: string) => String(db.prepare(`EXPLAIN QUERY PLAN ${query}`).get()?.detail);
    const found = [
      plan('SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1'),
      plan(
        'SELECT new_image FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4',
      ),
    ];
    db.close();
    return found;
  };

  it('are found by an index, by what looks for the next number and by what reads on', async () => {
    expect(plans().join()).not.toContain('redress_');
    indexStreamRecords(dbPath);
    expect(plans()).toEqual([
      'SEARCH _stream_records USING COVERING INDEX redress_next (table_name=?)',
      'SEARCH _stream_records USING INDEX redress_read (table_name=? AND shard_id=? AND <expr>>?)',
    ]);
  });

  it('go on counting, and being read, after they were indexed while the engine runs', async () => {
    await put(1, 3);
    indexStreamRecords(dbPath);
    await put(4, 12);
    expect(await streamed()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  });

  it('are deleted up to the checkpoint between two runs, the one at the checkpoint stays, and numbers go on', async () => {
    await put(1, 12);
    await finish();
    trimStreamRecords(dbPath, at('10'));
    await begin();
    await put(13, 14);
    expect(await streamed()).toEqual(['10', '11', '12', '13', '14']);
  });

  it('stay, all of them, where the checkpoint is missing, of another file, or no number', async () => {
    await put(1, 3);
    await finish();
    trimStreamRecords(dbPath, undefined);
    trimStreamRecords(dbPath, at('7'));
    trimStreamRecords(dbPath, at('latest'));
    trimStreamRecords(dbPath, { streamArn: 'any', shards: { [shardId]: {}, other: { after: '2' } } });
    await begin();
    expect(await streamed()).toEqual(['1', '2', '3']);
  });

  it('do not exist in a new folder, and nothing happens', () => {
    indexStreamRecords(join(folder, 'none.db'));
    trimStreamRecords(join(folder, 'none.db'), at('1'));
    expect(() => new DatabaseSync(join(folder, 'none.db'), { readOnly: true })).toThrow();
  });
});
