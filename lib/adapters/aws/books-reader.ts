import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { BooksPage, BooksReader } from '../../app/ports/books.ts';
import type { Item, TableName } from '../../app/ports/table.ts';
import type { MerchantId } from '../../domain/ids.ts';
import { fromAttributeValues, toAttributeValues } from './attributes.ts';
import { tableFault } from './table-faults.ts';

/**
 * Each is read from its beginning to its end; where a page ends in one, its last item says where to go on. A deployment has more: a page that
 * finds nothing can end between two of them only, since what is in one is others'.
 */
const fewSegments = 8;
export const manySegments = 512;

/** A page ends where it can after so many looks, a few seconds, or once it has so many items. */
const mostLooks = 100;
const enough = 100;

/** Items are a kilobyte or so: well below the six megabytes of a Lambda's answer. */
const mostLookedAt = 500;

interface Place {
  readonly segment: number;
  readonly key?: Item;
}

interface Tables {
  readonly client: DynamoDBClient;
  readonly names: Readonly<Record<TableName, string>>;
}

interface Pages {
  /** How many items a page looks at; a page holds those of them that are the merchant's. */
  readonly pageSize: number;
  readonly segments: number;
}

/**
 * The port `BooksReader` by strongly consistent scans in segments. DynamoDB's own key of a page's end may be another merchant's item; so a
 * cursor is a segment and, within it, the last item of one's own.
 */
export const dynamoBooks = ({
  pageSize = mostLookedAt,
  segments = fewSegments,
  ...tables
}: Tables & Partial<Pages>): BooksReader => ({
  async page(table, merchant, cursor) {
    const from = cursor === undefined ? { segment: 0 } : placeOf(table, merchant, { cursor, segments });
    if (from === undefined) return undefined;
    try {
      return await pageFrom({ ...tables, pageSize, segments }, table, merchant, from);
    } catch (error) {
      // A key that somebody made up is of no segment.
      if (cursor !== undefined && error instanceof Error && error.name === 'ValidationException') return undefined;
      return tableFault(error);
    }
  },
});

async function pageFrom(
  { client, names, pageSize, segments }: Tables & Pages,
  table: TableName,
  merchant: MerchantId,
  from: Place,
): Promise<BooksPage> {
  let at: Place = from;
  const found: Item[] = [];
  for (let looks = 1; at.segment < segments; looks += 1) {
    const { Items = [], LastEvaluatedKey: end } = await client.send(
      new ScanCommand({
        TableName: names[table],
        ConsistentRead: true,
        Segment: at.segment,
        TotalSegments: segments,
        Limit: pageSize,
        FilterExpression: 'begins_with(pk, :merchant)',
        ExpressionAttributeValues: { ':merchant': { S: `${merchant}#` } },
        ...(at.key !== undefined && { ExclusiveStartKey: toAttributeValues(at.key) }),
      }),
    );
    const items = Items.map(fromAttributeValues);
    found.push(...items);
    const last = items.at(-1);
    if (end === undefined) at = { segment: at.segment + 1 };
    else at = { segment: at.segment, key: last === undefined ? fromAttributeValues(end) : keyOf(table, last) };
    const nameable = at.key === undefined || last !== undefined;
    if (nameable && at.segment < segments && (looks >= mostLooks || found.length >= Math.min(enough, pageSize)))
      return { items: found, cursor: cursorOf(at) };
  }
  return { items: found };
}

const keyOf = (table: TableName, { pk, sk }: Item): Item =>
  table === 'journal' ? { pk: pk ?? '', sk: sk ?? 0n } : { pk: pk ?? '' };

const cursorOf = ({ segment, key }: Place): string => [segment, ...(key ? Object.values(key) : [])].join(' ');

/** `3`, `3 demo#control` or, in the journal, `3 demo#control 12`: only one's own items are named. */
function placeOf(
  table: TableName,
  merchant: MerchantId,
  { cursor, segments }: { readonly cursor: string; readonly segments: number },
): Place | undefined {
  const match = (table === 'journal' ? /^(\d{1,3})(?: (.+) (\d{1,9}))?$/ : /^(\d{1,3})(?: (.+))?$/).exec(cursor);
  const [, segment, pk, sk] = match ?? [];
  if (segment === undefined || Number(segment) >= segments) return undefined;
  if (pk === undefined) return { segment: Number(segment) };
  if (!pk.startsWith(`${merchant}#`)) return undefined;
  return { segment: Number(segment), key: sk === undefined ? { pk } : { pk, sk: BigInt(sk) } };
}
