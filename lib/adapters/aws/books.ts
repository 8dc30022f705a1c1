import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Books } from '../../app/ports/books.ts';
import type { Item, TableName } from '../../app/ports/table.ts';
import { booksOf } from '../kit/books.ts';
import { fromAttributeValues } from './attributes.ts';

/**
 * Everything in both tables, by strongly consistent scans; the state first, so that a head is never newer than the entries read
 * after it. For an audit, which may take its time: it holds the whole journal in memory.
 */
export async function readBooks(client: DynamoDBClient, names: Readonly<Record<TableName, string>>): Promise<Books> {
  const state = await all(client, names.state);
  return booksOf({ state, journal: await all(client, names.journal) });
}

async function all(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of page.Items ?? []) items.push(fromAttributeValues(item));
  }
  return items;
}
