import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type IndexName,
  type IndexQuery,
  type Item,
  indexes,
  type Key,
  type Page,
  type Table,
  type TableName,
  type Write,
  type Written,
} from '../../app/ports/table.ts';
import { checkKey, checkQuery, checkWrites, positionOf, readCursor, writeCursor } from '../kit/table-rules.ts';
import { fromAttributeValues, toAttributeValue, toAttributeValues } from './attributes.ts';
import { conditionExpression, updateExpression, type Words, words } from './expressions.ts';
import { tableFault, writeFault } from './table-faults.ts';

export interface DynamoTableNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: DynamoDBClient;
  readonly names: Readonly<Record<TableName, string>>;
}

/**
 * The port `Table` on DynamoDB. Every write is one `TransactWriteItems`, also of a single item, so that there is one way for a
 * condition to fail. `table-schemas.ts` has the tables it expects.
 */
export function dynamoTable({ client, names }: DynamoTableNeeds): Table {
  return {
    async get(key) {
      checkKey(key);
      const command = new GetItemCommand({ TableName: names[key.table], Key: keyValues(key), ConsistentRead: true });
      const { Item: found } = await client.send(command).catch(tableFault);
      return found && fromAttributeValues(found);
    },

    async entries(pk, after = 0) {
      const query = entriesQuery(names.journal, pk, after);
      const found: Item[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const command = new QueryCommand({ ...query, ...(start && { ExclusiveStartKey: start }) });
        const { Items = [], LastEvaluatedKey } = await client.send(command).catch(tableFault);
        found.push(...Items.map(fromAttributeValues));
        start = LastEvaluatedKey;
      } while (start !== undefined);
      return found;
    },

    async index(name, query) {
      checkQuery(query);
      const command = indexQuery(names.state, name, query);
      // DynamoDB refuses a range that ends before it begins; there is nothing in it.
      if (query.from !== undefined && query.to !== undefined && query.from > query.to) return { items: [] };
      const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(command)).catch(tableFault);
      return page(name, query, { items: Items.map(fromAttributeValues), more: LastEvaluatedKey !== undefined });
    },

    async write(writes): Promise<Written> {
      checkWrites(writes);
      const command = new TransactWriteItemsCommand({
        TransactItems: writes.map((write) => transactItem(names, write)),
      });
      try {
        await client.send(command);
        return { is: 'written' };
      } catch (error) {
        return writeFault(error);
      }
    },
  };
}

const keyValues = ({ pk, sk }: Key): Record<string, AttributeValue> =>
  sk === undefined ? { pk: { S: pk } } : { pk: { S: pk }, sk: { N: String(sk) } };

function transactItem(names: DynamoTableNeeds['names'], write: Write): TransactWriteItem {
  const using = words();
  const condition = conditionExpression(write.only, using);
  const common = <Key extends { readonly table: TableName }>({ table }: Key) => ({
    TableName: names[table],
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...using.attributes(),
  });
  if ('put' in write) {
    return { Put: { Item: { ...toAttributeValues(write.put), ...keyValues(write.key) }, ...common(write.key) } };
  }
  if ('update' in write) {
    const UpdateExpression = updateExpression(write, using);
    return { Update: { Key: keyValues(write.update), UpdateExpression, ...common(write.update) } };
  }
  return { ConditionCheck: { Key: keyValues(write.check), ConditionExpression: condition, ...common(write.check) } };
}

const entriesQuery = (table: string, pk: string, after: number): QueryCommandInput => ({
  TableName: table,
  ConsistentRead: true,
  KeyConditionExpression: '#pk = :pk AND #sk > :after',
  ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
  ExpressionAttributeValues: { ':pk': { S: pk }, ':after': { N: String(after) } },
});

function indexQuery(table: string, index: IndexName, query: IndexQuery): QueryCommandInput {
  const using = words();
  const { pk, sk } = indexes[index];
  const halves = [`${using.name(pk)} = ${using.value(query.pk)}`, ...range(sk, query, using)];
  return {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: halves.join(' AND '),
    ScanIndexForward: query.newestFirst !== true,
    // One more than asked for says whether there is more: DynamoDB's own cursor can lead to an empty page.
    Limit: query.limit + 1,
    ...(query.cursor !== undefined && { ExclusiveStartKey: startKey(index, query.pk, query.cursor) }),
    ...using.attributes(),
  };
}

function range(sk: string, { from, to }: IndexQuery, { name, value }: Words): readonly string[] {
  if (from !== undefined && to !== undefined) return [`${name(sk)} BETWEEN ${value(from)} AND ${value(to)}`];
  if (from !== undefined) return [`${name(sk)} >= ${value(from)}`];
  return to === undefined ? [] : [`${name(sk)} <= ${value(to)}`];
}

/** The partition is the query's, never the cursor's: cursors come back from outside. */
function startKey(index: IndexName, partition: string, cursor: string): Record<string, AttributeValue> {
  const { sort, pk } = readCursor(cursor);
  const names = indexes[index];
  return { pk: { S: pk }, [names.pk]: { S: partition }, [names.sk]: toAttributeValue(sort) };
}

function page(name: IndexName, { limit }: IndexQuery, found: { items: readonly Item[]; more: boolean }): Page {
  const items = found.items.slice(0, limit);
  const last = items.at(-1);
  const more = found.more || found.items.length > limit;
  return more && last !== undefined ? { items, cursor: writeCursor(positionOf(name, last)) } : { items };
}
