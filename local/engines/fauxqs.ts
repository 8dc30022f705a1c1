import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

export interface QueueSpec {
  readonly name: string;
  readonly visibilitySeconds: number;
  /** Where a message goes that was received `maxReceiveCount` times and never deleted; one of the queues named before this one. */
  readonly deadLetters?: { readonly queue: string; readonly maxReceiveCount: number };
}

export interface Fauxqs {
  readonly endpoint: string;
  /** The queue's URL on this endpoint. Throws for a queue that was not asked for. */
  url(queue: string): string;
  stop(): Promise<void>;
}

export interface FauxqsOptions {
  /** Where messages live; in memory without it. */
  readonly dataDir?: string;
  /** Created in this order, or changed to this where they exist from an earlier run. */
  readonly queues?: readonly QueueSpec[];
}

/** Starts the SQS engine on 127.0.0.1 and a free port, with its queues; in a thread of its own, beside the functions it works for. */
export async function startFauxqs({ dataDir, queues = [] }: FauxqsOptions = {}): Promise<Fauxqs> {
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  const { port, stop } = await openInThread(dataDir);
  const endpoint = `http://127.0.0.1:${port}`;
  // The engine looks at the path only; a URL from an earlier run would name an earlier port.
  const urlOf = (name: string) => `${endpoint}/${account}/${name}`;
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  try {
    for (const queue of queues) await ensure(client, queue);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.destroy();
  }
  const names = new Set(queues.map(({ name }) => name));
  return {
    endpoint,
    url(name) {
      if (!names.has(name)) throw new RangeError(`there is no queue ${name}`);
      return urlOf(name);
    },
    stop,
  };
}

/** An engine that fails later fails this process, as one inside of it would. */
async function openInThread(dataDir: string | undefined): Promise<{ port: number; stop: () => Promise<void> }> {
  const thread = new Worker(new URL('./fauxqs-worker.ts', import.meta.url), { workerData: { dataDir } });
  // Rejects where the thread fails before it listens.
  const [port] = (await once(thread, 'message')) as [number];
  let ended: Promise<unknown> | undefined;
  const stop = async () => {
    if (ended === undefined) {
      ended = once(thread, 'exit');
      thread.postMessage('stop');
    }
    await ended;
  };
  return { port, stop };
}

const region = 'us-east-1';
const account = '000000000000';

async function ensure(client: SQSClient, { name, visibilitySeconds, deadLetters }: QueueSpec): Promise<void> {
  const Attributes = {
    VisibilityTimeout: String(visibilitySeconds),
    ...(deadLetters !== undefined && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${region}:${account}:${deadLetters.queue}`,
        maxReceiveCount: deadLetters.maxReceiveCount,
      }),
    }),
  };
  // Creating by name alone is repeatable; attributes that differ from an earlier run's would be refused.
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
}
