import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Fauxqs, startFauxqs } from './engines/fauxqs.ts';
import { lambda } from './lambda.ts';
import { backAfterSeconds, type QueueMapping, startQueuePoller } from './queue-poller.ts';
import type { Running } from './running.ts';

let engine: Fauxqs;
let client: SQSClient;
let queueUrl = '';
let queueName = '';
const pollers: Running[] = [];
const lines: string[] = [];

beforeAll(async () => {
  engine = await startFauxqs();
  client = new SQSClient({
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterEach(() => {
  lines.length = 0;
});
afterAll(async () => {
  // Each poller has its own queue; stopping takes the rest of a receive, so all are stopped at once.
  await Promise.all(pollers.map((poller) => poller.stop()));
  client.destroy();
  await engine.stop();
});

/** Patient, since machines are busy at times; each look is cheap. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 240_000, interval: 5 });

let queues = 0;
async function queue(attributes: Record<string, string> = {}): Promise<void> {
  queues += 1;
  queueName = `work-${queues}`;
  const created = await client.send(new CreateQueueCommand({ QueueName: queueName, Attributes: attributes }));
  queueUrl = created.QueueUrl!;
}

async function send(...bodies: string[]): Promise<void> {
  const Entries = bodies.map((body, at) => ({
    Id: String(at),
    MessageBody: body,
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'execute' } },
  }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function poll(handler: (event: SQSEvent) => unknown, settings: Partial<QueueMapping> = {}, timeoutMs = 5_000): Running {
  const poller = startQueuePoller({
    client,
    queueUrl,
    invoke: lambda({ name: 'execute', timeoutMs }, async (event: SQSEvent) => handler(event)),
    concurrency: 1,
    backoff: { firstSeconds: 0, mostSeconds: 0 },
    report: (line) => void lines.push(line),
    ...settings,
  });
  pollers.push(poller);
  return poller;
}

/** How many messages can be received, and how many somebody has received and not deleted. */
async function messages(url = queueUrl): Promise<{ ready: number; hidden: number }> {
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    ready: Number(Attributes!.ApproximateNumberOfMessages),
    hidden: Number(Attributes!.ApproximateNumberOfMessagesNotVisible),
  };
}

const none = { ready: 0, hidden: 0 };
const bodies = (event: SQSEvent) => event.Records.map((record) => record.body);

it('A message reaches the handler with what SQS says of it, and is deleted after success', async () => {
  await queue();
  const events: SQSEvent[] = [];
  poll((event) => void events.push(event));
  await send('a');
  await until(() => expect(events).toHaveLength(1));
  await until(async () => expect(await messages()).toEqual(none));
  expect(events[0]!.Records[0]).toMatchObject({
    body: 'a',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
    awsRegion: 'us-east-1',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: { kind: { dataType: 'String', stringValue: 'execute' } },
  });
  expect(Number(events[0]!.Records[0]!.attributes.SentTimestamp)).toBeGreaterThan(1_700_000_000_000);
});

it('F73: of a batch only what was named comes again; the rest is gone', async () => {
  await queue();
  const batches: string[][] = [];
  await send('a', 'b', 'c', 'd');
  poll((event) => {
    batches.push(bodies(event));
    const failed = event.Records.filter((record) => record.body > 'b' && batches.length === 1);
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  await until(async () => expect(await messages()).toEqual(none));
  expect(batches[0]).toEqual(['a', 'b', 'c', 'd']);
  expect(batches.slice(1).flat().toSorted()).toEqual(['c', 'd']);
});

it.each([
  ['a throw', () => Promise.reject(new Error('4242')), 5_000],
  ['a timeout', () => new Promise(() => undefined), 20],
  ['an answer that names nobody of it', () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] }), 5_000],
])('F73: %s fails the whole batch', async (_what, firstTime, timeoutMs) => {
  await queue();
  const seen: SQSEvent[] = [];
  await send('a', 'b');
  poll(
    (event) => {
      seen.push(event);
      return seen.length === 1 ? firstTime() : undefined;
    },
    {},
    timeoutMs,
  );
  await until(async () => expect(await messages()).toEqual(none));
  const again = seen.slice(1).flatMap((event) => event.Records);
  expect(again.map((record) => record.body).toSorted()).toEqual(['a', 'b']);
  expect(again.map((record) => record.attributes.ApproximateReceiveCount)).toEqual(['2', '2']);
  expect(lines.join()).not.toContain('4242');
});

it('F72: a message that always fails ends in the dead-letter queue while the others pass', async () => {
  await queue();
  const deadUrl = queueUrl;
  const redrive = JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${queueName}`,
    maxReceiveCount: 3,
  });
  await queue({ RedrivePolicy: redrive });
  const passed: string[] = [];
  let poisonTries = 0;
  await send('a', 'poison', 'b');
  poll(
    (event) => {
      const [body] = bodies(event);
      if (body === 'poison') poisonTries += 1;
      if (body === 'poison') throw new Error();
      passed.push(body!);
    },
    { batchSize: 1 },
  );
  await until(async () => expect(await messages(deadUrl)).toEqual({ ready: 1, hidden: 0 }));
  expect(passed.toSorted()).toEqual(['a', 'b']);
  expect([poisonTries, await messages()]).toEqual([3, none]);
});

it('F67: as many batches run at the same time as allowed, and no more; stop waits for them', async () => {
  await queue();
  const { promise: timeToEnd, resolve: end } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  await send(...Array.from({ length: 10 }, (_, at) => String(at)));
  const poller = poll(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await timeToEnd;
      running -= 1;
    },
    { concurrency: 3, batchSize: 2 },
  );
  await until(() => expect(running).toBe(3));
  const stopped = poller.stop();
  end();
  await stopped;
  // What nobody had begun is not lost, and not hidden either.
  expect([running, most, await messages()]).toEqual([0, 3, { ready: 4, hidden: 0 }]);
});

it('A message that comes while stopping is given back: nobody handles it, and it is not hidden', async () => {
  await queue();
  const handled = vi.fn();
  const received = vi.fn();
  client.middlewareStack.add(
    (next) => async (args) => {
      if ('WaitTimeSeconds' in args.input && args.input.QueueUrl === queueUrl) received();
      return next(args);
    },
    { step: 'initialize' },
  );
  const poller = poll(handled);
  await until(() => expect(received).toHaveBeenCalled());
  const stopped = poller.stop();
  await send('late');
  await stopped;
  expect(handled).not.toHaveBeenCalled();
  expect(await messages()).toEqual({ ready: 1, hidden: 0 });
});

it('An engine that cannot be reached is asked again, without taking anything down', async () => {
  await queue();
  const nobody = new SQSClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const poller = poll(() => undefined, { client: nobody });
  await until(() => expect(lines.length).toBeGreaterThan(1));
  await poller.stop();
});

it.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [5, 16],
  [6, 30],
  [1_000, 30],
])('After receive %i a failed message comes back in %i s', (receiveCount, seconds) => {
  expect(backAfterSeconds(receiveCount, { firstSeconds: 1, mostSeconds: 30 })).toBe(seconds);
});
