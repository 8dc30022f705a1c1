import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Books } from '../../app/ports/books.ts';
import type { Item, TableName } from '../../app/ports/table.ts';
import type { Sealed } from '../../domain/chain.ts';
import { fromAttributeValues } from './attributes.ts';

/**
 * Everything in both tables, by strongly consistent scans; the state first, so that a head is never newer than the entries read
 * after it. For an audit, which may take its time: it holds the whole journal in memory.
 */
export async function readBooks(client: DynamoDBClient, names: Readonly<Record<TableName, string>>): Promise<Books> {
  const state = new Map<string, Item>();
  for await (const item of scan(client, names.state)) state.set(String(item.pk), item);
  const streams = new Map<string, Sealed[]>();
  for await (const item of scan(client, names.journal)) {
    const name = String(item.pk);
    const stream = streams.get(name) ?? [];
    stream.push({ number: Number(item.sk), body: String(item.body ?? ''), digest: String(item.digest ?? '') });
    streams.set(name, stream);
  }
  for (const stream of streams.values()) stream.sort((a, b) => a.number - b.number);
  return { streams, state };
}

async function* scan(client: DynamoDBClient, TableName: string): AsyncGenerator<Item> {
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    for (const item of page.Items ?? []) yield fromAttributeValues(item);
  }
}
