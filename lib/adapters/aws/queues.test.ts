import { type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { type ConnectionName, parseConnection } from '../../domain/ids.ts';
import type { Work } from '../../domain/refund/work.ts';
import { work } from '../contracts/queues.ts';
import { sqsQueues } from './queues.ts';

const urls = {
  assess: 'http://localhost/1/assess',
  execute: 'http://localhost/1/execute',
  reconcile: 'http://localhost/1/reconcile',
  notify: 'http://localhost/1/notify',
};

/** An SQS that refuses the messages `refuse` names, by number of the call, and remembers what it was sent. */
function scripted(refuse: (call: number) => readonly string[]) {
  const calls: SendMessageBatchCommandInput[] = [];
  const client = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  client.middlewareStack.add(
    () => async (args) => {
      const input = args.input as SendMessageBatchCommandInput;
      const refused = refuse(calls.push(input));
      const Successful = (input.Entries ?? []).filter(({ Id = '' }) => !refused.includes(Id)).map(({ Id }) => ({ Id }));
      return { response: {}, output: { $metadata: {}, Successful, Failed: refused.map((Id) => ({ Id })) } };
    },
    { step: 'initialize' },
  );
  const executeAt = (connection: string) => (connection === 'stripe-eu' ? `${urls.execute}-stripe` : undefined);
  return { calls, queues: sqsQueues({ client, urls, executeAt }) };
}

const hints = (count: number) => Array.from({ length: count }, (_, number) => work('assess', number));
const ids = ({ Entries = [] }: SendMessageBatchCommandInput) => Entries.map(({ Id }) => Id);

test('Hints go out in batches of ten, with the delay in whole seconds.', async () => {
  const { calls, queues } = scripted(() => []);
  await queues.send([...hints(12), work('execute', 1)], 1500);
  expect(calls.map((call) => [call.QueueUrl, call.Entries?.length])).toEqual([
    [urls.assess, 10],
    [urls.assess, 2],
    [urls.execute, 1],
  ]);
  expect(calls.flatMap((call) => call.Entries ?? []).every((entry) => entry.DelaySeconds === 2)).toBe(true);
});

test('F32 Messages that failed by themselves are sent once more, and only they.', async () => {
  const { calls, queues } = scripted((call) => (call === 1 ? ['3', '7'] : []));
  await queues.send(hints(12));
  expect(calls.map(ids)).toEqual([
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    ['10', '11'],
    ['3', '7'],
  ]);
});

test('F32 Messages that fail twice make the call Unavailable.', async () => {
  const { calls, queues } = scripted(() => ['1']);
  await expect(queues.send(hints(2))).rejects.toThrow(Unavailable);
  expect(calls).toHaveLength(2);
});

test('F32 A queue that takes nothing makes the call Unavailable, and keeps none of the others waiting.', async () => {
  const { calls, queues } = scripted((call) => (call <= 2 ? ['0'] : []));
  await expect(queues.send([work('assess', 1), work('execute', 1)])).rejects.toThrow(Unavailable);
  expect(calls.map(({ QueueUrl }) => QueueUrl)).toEqual([urls.assess, urls.assess, urls.execute]);
});

test('An SQS that fails altogether is Unavailable.', async () => {
  const { queues } = scripted(() => {
    throw new Error('socket hang up');
  });
  await expect(queues.send(hints(1))).rejects.toThrow(Unavailable);
});

test('F145 What is to be done at a gateway goes to the queue of that gateway; where the account is not known, to the common one.', async () => {
  const { calls, queues } = scripted(() => []);
  const at = (kind: 'execute' | 'assess', name: string): Work => ({
    ...work(kind, 1),
    connection: parseConnection(name) as ConnectionName,
  });
  await queues.send([
    at('execute', 'stripe-eu'),
    at('execute', 'elsewhere'),
    work('execute', 2),
    at('assess', 'stripe-eu'),
  ]);
  expect(calls.map((call) => [call.QueueUrl, call.Entries?.length])).toEqual([
    [`${urls.execute}-stripe`, 1],
    [urls.execute, 2],
    [urls.assess, 1],
  ]);
});
