import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../../app/ports/dead-letters.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { QueueName } from '../../domain/refund/work.ts';
import { readWork } from './work-message.ts';

export interface SqsDeadLettersNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: SQSClient;
  /** Of the queues that hold what was given up, by the queue it was given up on. */
  readonly urls: Readonly<Record<QueueName, string>>;
}

/** SQS's limit for one call. */
const most = 10;

/** The port `DeadLetters` on SQS, by receive and delete alone: SQS's own redrive takes all there is, whosever it is, and tells no names. */
export function sqsDeadLetters({ client, urls }: SqsDeadLettersNeeds): DeadLetters {
  return {
    async take(queue) {
      // Without a wait SQS asks some of its servers only, and answers "none" while there are some.
      const command = new ReceiveMessageCommand({
        QueueUrl: urls[queue],
        MaxNumberOfMessages: most,
        WaitTimeSeconds: 1,
      });
      const { Messages = [] } = await available(client.send(command));
      return Messages.map(({ Body = '', ReceiptHandle = '' }) => ({ receipt: ReceiptHandle, work: readWork(Body) }));
    },
    async remove(queue, letters) {
      for (let start = 0; start < letters.length; start += most) {
        const Entries = letters
          .slice(start, start + most)
          .map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
        await available(client.send(new DeleteMessageBatchCommand({ QueueUrl: urls[queue], Entries })));
      }
    },
  };
}

async function available<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new Unavailable('queues', error);
  }
}
