import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queues } from '../../app/ports/queues.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { ConnectionName } from '../../domain/ids.ts';
import type { QueueName, Work } from '../../domain/refund/work.ts';
import { delaySeconds } from '../kit/delay.ts';
import { writeWork } from './work-message.ts';

export interface SqsQueuesNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: SQSClient;
  readonly urls: Readonly<Record<QueueName, string>>;
  /** The queue of the gateway that this account is at; undefined for one that it does not know, whose work goes to the common queue. */
  readonly executeAt?: ExecuteAt;
}

export type ExecuteAt = (connection: ConnectionName) => string | undefined;

/** SQS's limit for one batch. */
const largestBatch = 10;

/**
 * The port `Queues` on SQS, where `execute` has a queue for each gateway: one that takes nothing keeps none of the others waiting. Messages
 * of a batch that fail by themselves are tried once more.
 */
export function sqsQueues({ client, urls, executeAt = () => undefined }: SqsQueuesNeeds): Queues {
  const urlOf = ({ queue, connection }: Work): string =>
    (queue === 'execute' && connection !== undefined ? executeAt(connection) : undefined) ?? urls[queue];
  return {
    async send(work, delayMs = 0) {
      const DelaySeconds = delaySeconds(delayMs);
      const faults: unknown[] = [];
      for (const [url, bodies] of byUrl(work, urlOf)) {
        const entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody, DelaySeconds }));
        await sendTwice(client, url, entries).catch((error: unknown) => faults.push(error));
      }
      if (faults.length > 0) throw faults[0];
    },
  };
}

function byUrl(work: readonly Work[], urlOf: (one: Work) => string): Map<string, string[]> {
  const bodies = new Map<string, string[]>();
  for (const one of work) bodies.set(urlOf(one), [...(bodies.get(urlOf(one)) ?? []), writeWork(one)]);
  return bodies;
}

type Entry = SendMessageBatchRequestEntry;

async function sendTwice(client: SQSClient, url: string, entries: readonly Entry[]): Promise<void> {
  const failed = await sendAll(client, url, entries);
  const failedAgain = failed.length === 0 ? failed : await sendAll(client, url, failed);
  if (failedAgain.length > 0) throw new Unavailable('queues');
}

/** Sends in batches and returns what did not get in. */
async function sendAll(client: SQSClient, url: string, entries: readonly Entry[]): Promise<Entry[]> {
  const failed: Entry[] = [];
  for (let start = 0; start < entries.length; start += largestBatch) {
    const batch = entries.slice(start, start + largestBatch);
    const accepted = await send(client, url, batch);
    failed.push(...batch.filter(({ Id }) => !accepted.has(Id ?? '')));
  }
  return failed;
}

async function send(client: SQSClient, url: string, batch: Entry[]): Promise<ReadonlySet<string>> {
  try {
    const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: batch }));
    return new Set(Successful.map(({ Id }) => Id ?? ''));
  } catch (error) {
    throw new Unavailable('queues', error);
  }
}
