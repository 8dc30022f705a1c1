import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type QueueSpec, startFauxqs } from './fauxqs.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'redress-fauxqs-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

const queues: readonly QueueSpec[] = [
  { name: 'dead', visibilitySeconds: 30 },
  { name: 'work', visibilitySeconds: 30, deadLetters: { queue: 'dead', maxReceiveCount: 2 } },
];
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const clientOf = (endpoint: string) => new SQSClient({ region: 'us-east-1', credentials, endpoint });

test('Queues and messages are there after a restart, and a queue takes its new settings.', async () => {
  const first = await startFauxqs({ dataDir, queues });
  const client = clientOf(first.endpoint);
  await client.send(new SendMessageCommand({ QueueUrl: first.url('work'), MessageBody: 'hello' }));
  client.destroy();
  await first.stop();

  const changed = queues.map((queue) => ({ ...queue, visibilitySeconds: 45 }));
  const second = await startFauxqs({ dataDir, queues: changed });
  const again = clientOf(second.endpoint);
  const QueueUrl = second.url('work');
  const { Messages } = await again.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['hello']);
  const { Attributes } = await again.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  expect(Attributes).toEqual({ VisibilityTimeout: '45' });
  again.destroy();
  await second.stop();
});

test('F72 A message that is received too often goes to the dead letters.', async () => {
  const engine = await startFauxqs({ queues });
  const client = clientOf(engine.endpoint);
  const QueueUrl = engine.url('work');
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
  for (let tries = 0; tries < 2; tries++) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }
  expect((await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? []).toEqual([]);
  const dead = await client.send(new ReceiveMessageCommand({ QueueUrl: engine.url('dead') }));
  expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['poison']);
  client.destroy();
  await engine.stop();
});

test('It listens on 127.0.0.1 and on no other interface.', async () => {
  const engine = await startFauxqs();
  const port = new URL(engine.endpoint).port;
  expect((await fetch(`${engine.endpoint}/health`)).status).toBe(200);
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => one.family === 'IPv4' && !one.internal);
  for (const { address } of others) await expect(fetch(`http://${address}:${port}/health`)).rejects.toThrow();
  await engine.stop();
});

test('A queue that was not asked for has no URL.', async () => {
  const engine = await startFauxqs({ queues });
  expect(() => engine.url('other')).toThrow('there is no queue other');
  await engine.stop();
});
