import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { baselineLife, type Message } from '../baseline/life.ts';
import { createLifeTables } from '../baseline/tables.ts';
import { withEnvironment } from '../environment.ts';
import { type Metered, meterOf } from '../meter.ts';
import { apiGatewayEvent, lambdaContext, returnAmountMinor, returnWebhook } from '../webhook.ts';

/** The same lives in the usual design, one after the other, against the same engines. Argument: how many are counted. */
const [count = 0] = process.argv.slice(2).map(Number);
await withEnvironment('SILENT', async ({ aws, secret, logger }) => {
  await createLifeTables(aws.dynamo);
  const { QueueUrl: queueUrl = '' } = await aws.sqs.send(new CreateQueueCommand({ QueueName: 'baseline-work' }));
  const life = baselineLife({ ...aws, queueUrl, secret, logger });

  /** As Lambda does it: received, worked, deleted; until the queue is empty. */
  const drain = async () => {
    for (;;) {
      const received = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 0 }));
      const [message] = received.Messages ?? [];
      if (message === undefined) return;
      await life.work(messageOf(message.Body ?? ''));
      await aws.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
  };
  const refund = async (name: string) => {
    const payment = `pi_${name}`;
    const of = { refund: `refund-msg_${name}`, payment, amount: returnAmountMinor };
    await life.receiveGateway({ ...of, kind: 'captured', id: `evt_${name}_0`, order: `order-${name}` });
    await drain();
    const webhook = returnWebhook({ name, payment, secret });
    const reply = await life.receiveReturn(apiGatewayEvent(webhook, name), lambdaContext('bench'));
    if (reply.statusCode !== 202) throw new Error(`${name} was answered with ${reply.statusCode}`);
    await drain();
    await life.receiveGateway({ ...of, kind: 'news', id: `evt_${name}_1`, status: 'pending' });
    await life.receiveGateway({ ...of, kind: 'news', id: `evt_${name}_2`, status: 'succeeded' });
    await drain();
  };
  const meter = meterOf(aws);
  await refund('warm');
  meter.reset();
  for (let index = 0; index < count; index += 1) await refund(`cost${index}`);
  process.send?.(meter.read() satisfies Metered);
});
process.disconnect?.();

/** The webhook's handler names the refund and the return; what it pays is this bench's one amount. */
function messageOf(body: string): Message {
  const found = JSON.parse(body) as Message | { readonly refund: string; readonly return: string };
  if ('kind' in found) return found;
  const payment = `pi_${found.return.replace(/^RMA-/, '')}`;
  return { kind: 'assess', id: `${found.refund}-assess`, refund: found.refund, payment, amount: returnAmountMinor };
}
