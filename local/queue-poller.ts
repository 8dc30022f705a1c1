import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { failedPositions } from './batch-response.ts';
import { failureOf, type Invoke } from './lambda.ts';
import { queueRecord } from './queue-event.ts';
import { nameOf, pause, type Report, type Running, running } from './running.ts';

export interface QueueMapping {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly invoke: Invoke<SQSEvent, unknown>;
  /** Batches under way at the same time. */
  readonly concurrency: number;
  /** At most 10, which is also the default. */
  readonly batchSize?: number;
  /** How long a receive waits for messages, which is also how long `stop` may take; 1 by default. */
  readonly waitSeconds?: number;
  /** When failed messages come back: see `backAfterSeconds`. */
  readonly backoff: Backoff;
  readonly report: Report;
}

export interface Backoff {
  readonly firstSeconds: number;
  readonly mostSeconds: number;
}

/**
 * Plays Lambda's mapping from a queue: deletes what succeeded and leaves the rest; a throw or a timeout fails the whole batch.
 * When a message has failed too often is the business of the queue's own redrive policy.
 */
export function startQueuePoller(mapping: QueueMapping): Running {
  return running(async (stopping) => {
    const arn = await queueArn(mapping, stopping);
    if (arn === undefined) return;
    await Promise.all(Array.from({ length: mapping.concurrency }, () => pollLoop(mapping, arn, stopping)));
  });
}

/**
 * AWS lets a failed message wait for the whole visibility timeout. Here it comes back after `firstSeconds`, doubled with every
 * receive, at most `mostSeconds`: a developer sees the second attempt, and dead letters, in seconds.
 */
export function backAfterSeconds(receiveCount: number, backoff: Backoff): number {
  const doublings = Math.min(Math.max(receiveCount - 1, 0), 16);
  return Math.min(backoff.mostSeconds, backoff.firstSeconds * 2 ** doublings);
}

async function pollLoop(mapping: QueueMapping, arn: string, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      const messages = await receive(mapping);
      // Nothing new is begun after `stop`; the messages are given back instead of staying hidden for a whole timeout.
      if (stopping.aborted) await hide(mapping, messages, () => 0);
      else if (messages.length > 0) await deliver(mapping, arn, messages);
    } catch (error) {
      mapping.report(`queue ${nameFrom(arn)}: ${nameOf(error)}; trying again`);
      await pause(retryMs, stopping);
    }
  }
}

/** Long enough not to spin while the queue engine restarts. */
const retryMs = 200;

async function receive(mapping: QueueMapping): Promise<readonly Message[]> {
  const { Messages } = await mapping.client.send(
    new ReceiveMessageCommand({
      QueueUrl: mapping.queueUrl,
      MaxNumberOfMessages: mapping.batchSize ?? 10,
      WaitTimeSeconds: mapping.waitSeconds ?? 1,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages ?? [];
}

async function deliver(mapping: QueueMapping, arn: string, messages: readonly Message[]): Promise<void> {
  const records = messages.map((message) => queueRecord(message, arn));
  const invocation = await mapping.invoke({ Records: records });
  const failure = failureOf(invocation);
  if (failure !== undefined) mapping.report(`queue ${nameFrom(arn)}: handler ${failure}`);
  const ids = records.map((record) => record.messageId);
  const failed = failedPositions(invocation, ids);
  const hasFailed = (at: number) => failed === 'all' || failed.includes(at);
  await remove(
    mapping,
    messages.filter((_, at) => !hasFailed(at)),
  );
  await hide(
    mapping,
    messages.filter((_, at) => hasFailed(at)),
    (message) => backAfterSeconds(Number(message.Attributes?.ApproximateReceiveCount ?? 1), mapping.backoff),
  );
}

/** A delete that gets lost means that the message comes again: queues are hints, so nothing is retried here. */
async function remove(mapping: QueueMapping, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map((message, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle }));
  await mapping.client.send(new DeleteMessageBatchCommand({ QueueUrl: mapping.queueUrl, Entries }));
}

async function hide(mapping: QueueMapping, messages: readonly Message[], seconds: (of: Message) => number) {
  if (messages.length === 0) return;
  const Entries = messages.map((message, at) => ({
    Id: String(at),
    ReceiptHandle: message.ReceiptHandle,
    VisibilityTimeout: seconds(message),
  }));
  await mapping.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: mapping.queueUrl, Entries }));
}

async function queueArn(mapping: QueueMapping, stopping: AbortSignal): Promise<string | undefined> {
  while (!stopping.aborted) {
    try {
      const { Attributes } = await mapping.client.send(
        new GetQueueAttributesCommand({ QueueUrl: mapping.queueUrl, AttributeNames: ['QueueArn'] }),
      );
      if (Attributes?.QueueArn !== undefined) return Attributes.QueueArn;
    } catch (error) {
      mapping.report(`queue ${mapping.queueUrl}: ${nameOf(error)}; trying again`);
    }
    await pause(retryMs, stopping);
  }
  return undefined;
}

const nameFrom = (arn: string): string => arn.split(':').at(-1) ?? arn;
