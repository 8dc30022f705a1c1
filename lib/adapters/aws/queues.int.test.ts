import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { testQueues } from '../../../local/engines/test-endpoints.ts';
import type { Work } from '../../domain/refund/work.ts';
import { deadLettersContract } from '../contracts/dead-letters.ts';
import { queuesContract } from '../contracts/queues.ts';
import { sqsDeadLetters } from './dead-letters.ts';
import { sqsQueues } from './queues.ts';
import { readWork, writeWork } from './work-message.ts';

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

deadLettersContract('The SQS dead letters', async () => {
  const { client, urls, stop } = await testQueues();
  const { assess, execute, reconcile, notify } = urls;
  // Two places for one kind of work, as where each gateway has its own; what the contract puts lies in the second.
  const places = { assess: [assess], execute: [notify, execute], reconcile: [reconcile], notify: [] };
  return {
    deadLetters: sqsDeadLetters({ client, urls: places }),
    async put(queue, work) {
      for (const one of work) {
        const MessageBody = one === undefined ? '{}' : writeWork(one);
        await client.send(new SendMessageCommand({ QueueUrl: urls[queue], MessageBody }));
      }
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
