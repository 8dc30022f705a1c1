import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { type IndexName, indexes, type TableName } from '../../app/ports/table.ts';

/**
 * What the two tables look like, as `CreateTable` inputs: the journal with a stream of new images, the state with its three
 * indexes, both paid by request. For the embedded run and tests; a deployment adds recovery, protection and roles.
 */
export const tableSchemas = (
  names: Readonly<Record<TableName, string>>,
): Readonly<Record<TableName, CreateTableCommandInput>> => ({
  journal: {
    TableName: names.journal,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  state: {
    TableName: names.state,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: ['pk', ...Object.values(indexes).flatMap(({ pk, sk }) => [pk, sk])].map((name) => ({
      AttributeName: name,
      AttributeType: 'S' as const,
    })),
    GlobalSecondaryIndexes: (Object.keys(indexes) as IndexName[]).map((name) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: indexes[name].pk, KeyType: 'HASH' as const },
        { AttributeName: indexes[name].sk, KeyType: 'RANGE' as const },
      ],
      Projection: { ProjectionType: 'ALL' as const },
    })),
  },
});
