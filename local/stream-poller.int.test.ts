import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fileCheckpoints } from './checkpoints.ts';
import { type Dynoxide, startDynoxide } from './engines/dynoxide.ts';
import { lambda } from './lambda.ts';
import { isAlive, processId } from './process-id.ts';
import type { Running } from './running.ts';
import { sequenceOf } from './stream-event.ts';
import { type StreamMapping, startStreamPoller } from './stream-poller.ts';

let folder = '';
let engine: Dynoxide;
let database: DynamoDBClient;
let streams: DynamoDBStreamsClient;
const pollers: Running[] = [];

/** Patient, since machines are busy at times; each look is cheap. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 240_000, interval: 5 });

const startEngine = async (port?: number) => {
  engine = await startDynoxide({ dbPath: join(folder, 'db'), ...(port === undefined ? {} : { port }) });
};

/** As after a crash of the machine: no flush, no goodbye, and the next one on the same port and file. */
async function restartEngine(meanwhile: () => void = () => undefined): Promise<void> {
  const killed = processId(engine.pid!);
  process.kill(killed.pid, 'SIGKILL');
  await expect.poll(() => isAlive(killed), { interval: 5, timeout: 240_000 }).toBe(false);
  meanwhile();
  await startEngine(Number(new URL(engine.endpoint).port));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-stream-'));
  await startEngine();
  const access = {
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  database = new DynamoDBClient(access);
  streams = new DynamoDBStreamsClient({ ...access, maxAttempts: 1 });
  await database.send(
    new CreateTableCommand({
      TableName: 'journal',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
});
afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
  database.destroy();
  streams.destroy();
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const put = (pk: string, sk: number) =>
  database.send(
    new PutItemCommand({
      TableName: 'journal',
      Item: { pk: { S: pk }, sk: { N: String(sk) }, raw: { B: Buffer.from('hi') } },
    }),
  );

async function fill(from: number, to: number): Promise<void> {
  for (let sk = from; sk <= to; sk += 1) await put('a', sk);
}

function follow(handler: (records: DynamoDBRecord[]) => unknown, settings: Partial<StreamMapping> = {}): Running {
  const poller = startStreamPoller({
    client: streams,
    tableName: 'journal',
    checkpoints: fileCheckpoints(join(folder, 'checkpoint.json')),
    invoke: lambda({ name: 'relay', timeoutMs: 5_000 }, async (event: DynamoDBStreamEvent) => handler(event.Records)),
    onGivenUp: () => undefined,
    retryMs: 1,
    idleMs: [5, 20],
    report: () => undefined,
    ...settings,
  });
  pollers.push(poller);
  return poller;
}

it('Every write becomes a record as Lambda has it, in order, with binary as base64', async () => {
  const seen: DynamoDBRecord[] = [];
  follow((records) => void seen.push(...records));
  await put('a', 1);
  const Key = { pk: { S: 'a' }, sk: { N: '1' } };
  await database.send(
    new UpdateItemCommand({
      TableName: 'journal',
      Key,
      UpdateExpression: 'SET #v = :v',
      ExpressionAttributeNames: { '#v': 'v' },
      ExpressionAttributeValues: { ':v': { S: 'new' } },
    }),
  );
  await database.send(new DeleteItemCommand({ TableName: 'journal', Key }));
  await until(() => expect(seen).toHaveLength(3));
  expect(seen.map((record) => [record.eventName, sequenceOf(record)])).toEqual([
    ['INSERT', '1'],
    ['MODIFY', '2'],
    ['REMOVE', '3'],
  ]);
  expect(seen[0]!.dynamodb!.NewImage).toEqual({ ...Key, raw: { B: 'aGk=' } });
  expect(seen[1]!.dynamodb!.NewImage).toMatchObject({ v: { S: 'new' } });
  expect(seen[2]!.dynamodb).not.toHaveProperty('NewImage');
  expect(seen[0]!.eventSourceARN).toContain(':table/journal/stream/');
  expect(Number.isInteger(seen[0]!.dynamodb!.ApproximateCreationDateTime)).toBe(true);
});

it('A restart goes on after the checkpoint, also with a killed engine on the same file', async () => {
  const seen: string[] = [];
  const note = (records: DynamoDBRecord[]) => void seen.push(...records.map(sequenceOf));
  const first = follow(note);
  await fill(1, 12);
  await until(() => expect(seen).toHaveLength(12));
  await first.stop();
  await restartEngine();
  await fill(13, 15);
  follow(note);
  await until(() => expect(seen).toHaveLength(15));
  expect(seen).toEqual(Array.from({ length: 15 }, (_, at) => String(at + 1)));
});

it('An engine that is killed and comes back meanwhile is followed on; nothing is lost', async () => {
  const seen: string[] = [];
  follow((records) => void seen.push(...records.map(sequenceOf)));
  await fill(1, 3);
  await until(() => expect(seen).toHaveLength(3));
  await restartEngine();
  await fill(4, 5);
  await until(() => expect(seen).toEqual(['1', '2', '3', '4', '5']));
});

it('F72: a record that always fails is put aside after five tries, and the stream goes on', async () => {
  const passed: string[] = [];
  const aside: string[] = [];
  let tries = 0;
  await fill(1, 20);
  follow(
    (records) => {
      const sequences = records.map(sequenceOf);
      if (sequences.includes('7')) {
        if (sequences.length === 1) tries += 1;
        throw new Error('poison');
      }
      passed.push(...sequences);
    },
    { onGivenUp: (record) => void aside.push(sequenceOf(record)) },
  );
  await until(() => expect(new Set(passed).size).toBe(19));
  expect([aside, tries]).toEqual([['7'], 5]);
});

it('Work that was under way when it stopped is delivered again: at least once, never not at all', async () => {
  await fill(1, 4);
  const seen: string[] = [];
  const first = follow((records) => {
    seen.push(...records.map(sequenceOf));
    void first.stop();
    return { batchItemFailures: [{ itemIdentifier: '3' }] };
  });
  await until(() => expect(seen).toHaveLength(4));
  await first.stop();
  follow((records) => void seen.push(...records.map(sequenceOf)));
  await until(() => expect(seen).toEqual(['1', '2', '3', '4', '3', '4']));
});

it('A checkpoint that the engine has never reached, or that cannot be read, leads back to the oldest record', async () => {
  const file = join(folder, 'checkpoint.json');
  const seen: string[] = [];
  const note = (records: DynamoDBRecord[]) => void seen.push(...records.map(sequenceOf));
  await fill(1, 2);
  const first = follow(note);
  await until(() => expect(seen).toHaveLength(2));
  await first.stop();
  for (const text of [readFileSync(file, 'utf8').replace('"after":"2"', '"after":"900"'), '{"streamArn":', '{}']) {
    writeFileSync(file, text);
    seen.length = 0;
    const again = follow(note);
    await until(() => expect(seen).toEqual(['1', '2']));
    await again.stop();
  }
});

it('A stream that was emptied between two runs counts from 1 again, and its new records are not skipped', async () => {
  const seen: string[] = [];
  const first = follow((records) => void seen.push(...records.map(sequenceOf)));
  await fill(1, 5);
  await until(() => expect(seen).toHaveLength(5));
  await first.stop();
  await restartEngine(() => {
    const file = new DatabaseSync(join(folder, 'db'));
    file.exec('DELETE FROM _stream_records');
    file.close();
  });
  await fill(6, 7);
  seen.length = 0;
  follow((records) => void seen.push(...records.map((record) => record.dynamodb!.NewImage!.sk!.N!)));
  await until(() => expect(seen).toEqual(['6', '7']));
});
