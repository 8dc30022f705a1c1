import { IdempotencyConfig } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { makeHandlerIdempotent } from '@aws-lambda-powertools/idempotency/middleware';
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { type DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Body, body as schema } from '../../lib/adapters/sources/generic/schema.ts';
import { isSigned } from './signature.ts';
import { baselineTables } from './tables.ts';

export interface BaselineNeeds {
  readonly dynamo: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly secret: string;
  readonly logger: Logger;
}

type Reply = APIGatewayProxyStructuredResultV2;

/**
 * What a competent engineer writes for the same webhook with middy and Powertools: the signature is checked before anything is
 * asked of the store, Powertools' idempotency remembers the message by its id and compares its body, the body is checked with the
 * same schema, the return and its refund are written in one transaction, and a worker is told over SQS. It keeps no hash chain
 * and does not encrypt the payment's reference; both are ours alone. Every object that can outlive a request does.
 */
export const baselineHandler = (needs: BaselineNeeds) =>
  middy<APIGatewayProxyEventV2, Reply>()
    .use(injectLambdaContext(needs.logger))
    .use(verified(needs.secret))
    .use(
      makeHandlerIdempotent({
        persistenceStore: new DynamoDBPersistenceLayer({
          tableName: baselineTables.idempotency,
          awsSdkV3Client: needs.dynamo,
        }),
        config: new IdempotencyConfig({
          eventKeyJmesPath: 'headers."webhook-id"',
          payloadValidationJmesPath: 'body',
          throwOnNoIdempotencyKey: true,
          expiresAfterSeconds: 7 * 24 * 3600,
        }),
      }),
    )
    .handler((event) => accept(needs, event));

const json = (statusCode: number, body: unknown): Reply => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const verified = (secret: string): MiddlewareObj<APIGatewayProxyEventV2, Reply> => ({
  before: ({ event }) => {
    const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    return isSigned(event.headers, raw, secret) ? undefined : json(401, { error: 'bad signature' });
  },
});

async function accept(needs: BaselineNeeds, event: APIGatewayProxyEventV2): Promise<Reply> {
  const text = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString('utf8');
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) return json(422, { error: 'invalid', issues: parsed.error.issues.length });
  const refund = `refund-${event.headers['webhook-id'] ?? ''}`;
  await write(needs.dynamo, refund, parsed.data);
  await needs.sqs.send(
    new SendMessageCommand({
      QueueUrl: needs.queueUrl,
      MessageBody: JSON.stringify({ refund, return: parsed.data.data.return }),
    }),
  );
  needs.logger.info('refund requested', { refund, return: parsed.data.data.return });
  return json(202, { result: 'recorded', ids: [refund] });
}

/** The refund, once, and what was promised for the return; the two belong together. */
async function write(client: DynamoDBClient, refund: string, { data, type }: Body): Promise<void> {
  const at = String(Date.now());
  await client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        {
          Put: {
            TableName: baselineTables.refunds,
            Item: {
              id: { S: refund },
              status: { S: 'requested' },
              type: { S: type },
              return: { S: data.return },
              order: { S: data.order },
              currency: { S: data.currency },
              lines: { S: JSON.stringify(data.lines) },
              shipping: { S: JSON.stringify(data.shipping ?? {}) },
              fees: { S: JSON.stringify(data.fees ?? []) },
              payments: { S: JSON.stringify(data.payments ?? []) },
              createdAt: { N: at },
            },
            ConditionExpression: 'attribute_not_exists(id)',
          },
        },
        {
          Update: {
            TableName: baselineTables.returns,
            Key: { id: { S: data.return } },
            UpdateExpression: 'SET lastRefund = :refund, updatedAt = :at, #order = :order ADD refunds :one',
            ExpressionAttributeNames: { '#order': 'order' },
            ExpressionAttributeValues: {
              ':refund': { S: refund },
              ':at': { N: at },
              ':order': { S: data.order },
              ':one': { N: '1' },
            },
          },
        },
      ],
    }),
  );
}
