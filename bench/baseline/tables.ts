import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The tables of what our figures are compared with. */
export const baselineTables = {
  idempotency: 'baseline-idempotency',
  refunds: 'baseline-refunds',
  returns: 'baseline-returns',
  /** Of the bare server. */
  puts: 'baseline-puts',
} as const;

/** Makes them in the engine that ours are in. */
export async function createBaselineTables(client: DynamoDBClient): Promise<void> {
  for (const TableName of Object.values(baselineTables))
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      }),
    );
}
