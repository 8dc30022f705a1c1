import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetters } from '../../app/ports/dead-letters.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { QueueName } from '../../domain/refund/work.ts';
import { readWork } from './work-message.ts';

export interface SqsDeadLettersNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: SQSClient;
  /** Of the queues that hold what was given up, by the kind of work: `execute` has one for each gateway beside the common one. */
  readonly urls: Readonly<Record<QueueName, readonly string[]>>;
}

/** SQS's limit for one call. */
const most = 10;

/** The port `DeadLetters` on SQS, by receive and delete alone: SQS's own redrive takes all there is, whosever it is, and tells no names. */
export function sqsDeadLetters({ client, urls }: SqsDeadLettersNeeds): DeadLetters {
  return {
    async take(queue) {
      return (await Promise.all(urls[queue].map((url, place) => takeFrom(client, url, place)))).flat();
    },
    async remove(queue, letters) {
      for (const [place, url] of urls[queue].entries()) {
        const own = letters.filter(({ receipt }) => receipt.startsWith(`${place} `));
        await removeFrom(
          client,
          url,
          own.map(({ receipt }) => receipt.slice(`${place} `.length)),
        );
      }
    },
  };
}

/** The receipts that SQS gives are good at their own queue: each is kept with its place in the list. */
async function takeFrom(client: SQSClient, url: string, place: number): Promise<DeadLetter[]> {
  // Without a wait SQS asks some of its servers only, and answers "none" while there are some.
  const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: most, WaitTimeSeconds: 1 });
  const { Messages = [] } = await available(client.send(command));
  return Messages.map(({ Body = '', ReceiptHandle = '' }) => ({
    receipt: `${place} ${ReceiptHandle}`,
    work: readWork(Body),
  }));
}

async function removeFrom(client: SQSClient, url: string, receipts: readonly string[]): Promise<void> {
  for (let start = 0; start < receipts.length; start += most) {
    const Entries = receipts
      .slice(start, start + most)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    await available(client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries })));
  }
}

async function available<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new Unavailable('queues', error);
  }
}
