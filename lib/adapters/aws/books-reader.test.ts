import type { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { parseMerchant } from '../../domain/ids.ts';
import { dynamoBooks } from './books-reader.ts';

const demo = parseMerchant('demo')!;
const names = { journal: 'journal', state: 'state' };

/** So many pages in each segment, which the filter leaves nothing of: all that is looked at is another merchant's. */
function othersOnly(pagesOfEach: number) {
  const asked: number[] = [];
  const send = async ({ input }: ScanCommand) => {
    asked.push(input.Segment ?? -1);
    const page = Number(input.ExclusiveStartKey?.pk?.S?.split('#').at(-1) ?? 0) + 1;
    return { Items: [], ...(page < pagesOfEach && { LastEvaluatedKey: { pk: { S: `other#${page}` } } }) };
  };
  return { asked, client: { send } as unknown as DynamoDBClient };
}

it('answers in time where a merchant has nothing among very much of others’, says where to go on, and names nobody', async () => {
  const { asked, client } = othersOnly(4);
  const books = dynamoBooks({ client, names, segments: 512 });
  const calls: number[] = [];
  let cursor: string | undefined;
  do {
    const before = asked.length;
    const page = await books.page('state', demo, cursor);
    calls.push(asked.length - before);
    expect(page?.items).toEqual([]);
    cursor = page?.cursor;
    expect(cursor ?? '').toMatch(/^\d{0,3}$/);
  } while (cursor !== undefined);
  expect(Math.max(...calls)).toBeLessThanOrEqual(104);
  expect(asked).toHaveLength(4 * 512);
  expect(new Set(asked).size).toBe(512);
  expect(await books.page('state', demo, '512')).toBeUndefined();
});

it('ends a page where it has enough, at an item of the merchant’s own', async () => {
  const send = async ({ input }: ScanCommand) => {
    const from = Number(input.ExclusiveStartKey?.pk?.S?.split('#').at(-1) ?? 0);
    const own = Array.from({ length: 60 }, (_, n) => ({ pk: { S: `demo#refund#${from + n + 1}` } }));
    return { Items: own, ...(from < 120 && { LastEvaluatedKey: { pk: { S: 'other#1' } } }) };
  };
  const books = dynamoBooks({ client: { send } as unknown as DynamoDBClient, names, segments: 2 });
  const first = await books.page('state', demo);
  expect([first?.items.length, first?.cursor]).toEqual([120, '0 demo#refund#120']);
  const second = await books.page('state', demo, first?.cursor);
  expect([second?.items.length, second?.cursor]).toEqual([120, '1 demo#refund#60']);
  const third = await books.page('state', demo, second?.cursor);
  expect([third?.items.length, third?.cursor]).toEqual([120, undefined]);
});
