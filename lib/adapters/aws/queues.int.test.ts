import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { testQueues } from '../../../local/engines/test-endpoints.ts';
import type { Work } from '../../domain/refund/work.ts';
import { queuesContract } from '../contracts/queues.ts';
import { sqsQueues } from './queues.ts';
import { readWork } from './work-message.ts';

queuesContract('The SQS queues', async () => {
  const { client, urls, stop } = await testQueues();
  return {
    queues: sqsQueues({ client, urls }),
    arrived: (queue, count) => receive(client, urls[queue], count),
    async delayed(queue) {
      const AttributeNames = ['ApproximateNumberOfMessagesDelayed' as const];
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: urls[queue], AttributeNames }),
      );
      return Number(Attributes?.ApproximateNumberOfMessagesDelayed);
    },
    stop,
  };
});

async function receive(client: SQSClient, QueueUrl: string, count: number): Promise<Work[]> {
  const found: Work[] = [];
  for (let polls = 0; found.length < count && polls < 10; polls++) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    const { Messages = [] } = await client.send(command);
    for (const { Body = '', ReceiptHandle } of Messages) {
      const work = readWork(Body);
      if (work === undefined) throw new Error('a message that is no work');
      found.push(work);
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return found;
}
