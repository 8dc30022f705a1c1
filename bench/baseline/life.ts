import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { GetItemCommand, type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type BaselineNeeds, baselineHandler } from './handler.ts';
import { audit, moveRefund, takeFromPayment } from './life-writes.ts';
import { lifeTables } from './tables.ts';

export interface LifeNeeds extends BaselineNeeds {
  readonly kms: KMSClient;
  readonly keyArn: string;
}

/** What a worker finds in its queue. `id` names the message for the idempotency record. */
export type Message =
  | {
      readonly kind: 'captured';
      readonly id: string;
      readonly payment: string;
      readonly order: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'assess';
      readonly id: string;
      readonly refund: string;
      readonly payment: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'execute';
      readonly id: string;
      readonly refund: string;
      readonly payment: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'news';
      readonly id: string;
      readonly refund: string;
      readonly payment: string;
      readonly amount: number;
      readonly status: 'pending' | 'succeeded';
    };

/**
 * The rest of a refund's life beside `baselineHandler`, as it is usually written: every message once by Powertools' idempotency,
 * every step one transaction of state and audit event, the next worker told over SQS after it. The leanest form of it that keeps
 * the balance of a payment: webhooks of the gateway are only put on the queue, no outbox, no second look at the gateway.
 */
export function baselineLife(needs: LifeNeeds) {
  const send = async (message: Message) => {
    await needs.sqs.send(new SendMessageCommand({ QueueUrl: needs.queueUrl, MessageBody: JSON.stringify(message) }));
  };
  const once = makeIdempotent((message: Message) => work(needs, send, message), {
    persistenceStore: new DynamoDBPersistenceLayer({
      tableName: lifeTables.idempotency,
      awsSdkV3Client: needs.dynamo,
      keyAttr: 'id',
    }),
    config: new IdempotencyConfig({ eventKeyJmesPath: 'id', expiresAfterSeconds: 7 * 24 * 3600 }),
  });
  return { receiveReturn: baselineHandler(needs), receiveGateway: send, work: once };
}

type Send = (message: Message) => Promise<void>;

async function work(needs: LifeNeeds, send: Send, message: Message): Promise<{ readonly done: string }> {
  if (message.kind === 'captured') await capture(needs, message);
  if (message.kind === 'assess') await assess(needs, send, message);
  if (message.kind === 'execute') await execute(needs, message);
  if (message.kind === 'news') await settle(needs, message);
  needs.logger.info('worked', { kind: message.kind, id: message.id });
  return { done: message.id };
}

type Of<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;

async function capture(needs: LifeNeeds, { payment, order, amount }: Of<'captured'>): Promise<void> {
  const { CiphertextBlob } = await needs.kms.send(
    new EncryptCommand({ KeyId: needs.keyArn, Plaintext: Buffer.from(payment) }),
  );
  const item = {
    id: { S: payment },
    order: { S: order },
    available: { N: String(amount) },
    sealed: { B: CiphertextBlob ?? new Uint8Array() },
  };
  await write(needs, [
    { Put: { TableName: lifeTables.payments, Item: item, ConditionExpression: 'attribute_not_exists(id)' } },
    audit(payment, 'captured', { order, amount }),
  ]);
}

/** Reads both items, decides, and reserves: the condition on the balance is the guard against refunding too much. */
async function assess(needs: LifeNeeds, send: Send, message: Of<'assess'>): Promise<void> {
  const { id, refund, payment, amount } = message;
  await read(needs, lifeTables.refunds, refund);
  await read(needs, lifeTables.payments, payment);
  await write(needs, [
    moveRefund(refund, 'requested', 'approved', amount),
    takeFromPayment(payment, amount),
    audit(refund, 'approved', { payment, amount, cause: id }),
  ]);
  await send({ kind: 'execute', id: `${refund}-execute`, refund, payment, amount });
}

/** The right to send is on record before the request, its answer after it. The gateway's own call is not a call to AWS. */
async function execute(needs: LifeNeeds, { id, refund, payment, amount }: Of<'execute'>): Promise<void> {
  const found = await read(needs, lifeTables.payments, payment);
  await needs.kms.send(new DecryptCommand({ KeyId: needs.keyArn, CiphertextBlob: found.sealed?.B }));
  await write(needs, [
    moveRefund(refund, 'approved', 'sending', amount),
    audit(refund, 'sending', { amount, key: refund, cause: id }),
  ]);
  await write(needs, [
    moveRefund(refund, 'sending', 'pending', amount),
    audit(refund, 'accepted', { amount, key: refund, cause: id }),
  ]);
}

/** News that changes nothing is only put on record. */
async function settle(needs: LifeNeeds, { id, refund, amount, status }: Of<'news'>): Promise<void> {
  await read(needs, lifeTables.refunds, refund);
  const said = audit(refund, `news-${status}`, { amount, cause: id });
  await write(needs, status === 'succeeded' ? [moveRefund(refund, 'pending', 'succeeded', amount), said] : [said]);
}

async function read({ dynamo }: LifeNeeds, table: string, id: string) {
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  if (Item === undefined) throw new Error(`nothing is stored under the id in ${table}`);
  return Item;
}

const write = ({ dynamo }: LifeNeeds, items: TransactWriteItem[]) =>
  dynamo.send(new TransactWriteItemsCommand({ TransactItems: items }));
