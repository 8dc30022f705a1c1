import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The tables of what our figures are compared with. */
export const baselineTables = {
  idempotency: 'baseline-idempotency',
  refunds: 'baseline-refunds',
  returns: 'baseline-returns',
  /** Of the bare server. */
  puts: 'baseline-puts',
} as const;

/** Those of a whole refund's life; the refunds have one index by status, for lists and for whatever got stuck. */
export const lifeTables = {
  idempotency: baselineTables.idempotency,
  refunds: baselineTables.refunds,
  payments: 'baseline-payments',
  audit: 'baseline-audit',
} as const;

/** Makes them in the engine that ours are in. */
export async function createBaselineTables(client: DynamoDBClient): Promise<void> {
  for (const TableName of Object.values(baselineTables)) await client.send(tableOf(TableName));
}

/** What a whole life needs beside `createBaselineTables`, and the refunds' index, which accepting a webhook alone is not charged for. */
export async function createLifeTables(client: DynamoDBClient): Promise<void> {
  for (const TableName of [lifeTables.payments, lifeTables.audit]) await client.send(tableOf(TableName));
  await client.send(new DeleteTableCommand({ TableName: lifeTables.refunds }));
  await client.send(
    new CreateTableCommand({
      TableName: lifeTables.refunds,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'status', AttributeType: 'S' },
        { AttributeName: 'createdAt', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byStatus',
          KeySchema: [
            { AttributeName: 'status', KeyType: 'HASH' },
            { AttributeName: 'createdAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
}

const tableOf = (TableName: string) =>
  new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  });
