import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../local/engines/free-port.ts';
import { testTables } from '../../../local/engines/test-endpoints.ts';
import type { Table, Write } from '../../app/ports/table.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { parseMerchant } from '../../domain/ids.ts';
import { tableContract } from '../contracts/table.ts';
import { dynamoBooks } from './books-reader.ts';
import { clientLimits } from './client-limits.ts';
import { dynamoTable } from './table.ts';

tableContract('The DynamoDB table', async () => {
  const { client, names, stop } = await testTables();
  return { table: dynamoTable({ client, names }), stop };
});

let tables: Awaited<ReturnType<typeof testTables>>;
beforeAll(async () => {
  tables = await testTables();
});
afterAll(() => tables.stop());

const write: Write = {
  update: { table: 'state', pk: 'a' },
  set: { writer: 'w_1' },
  add: { balance: -10n },
  only: [{ attribute: 'writer', is: 'unset' }],
};

test("F71 A lost reply and the SDK's own retry write once, and say so or show our own item.", async () => {
  let sent = 0;
  tables.client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (sent++ === 0) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      return result;
    },
    // Within the retry and around the socket: the request has been carried out when its answer is lost.
    { step: 'deserialize', priority: 'low', name: 'loseFirstReply' },
  );
  const written = await dynamoTable(tables).write([write]);
  tables.client.middlewareStack.remove('loseFirstReply');
  const item = { pk: 'a', writer: 'w_1', balance: -10n };
  expect([{ is: 'written' }, { is: 'refused', failed: [{ index: 0, old: item }] }]).toContainEqual(written);
  expect(await dynamoTable(tables).get({ table: 'state', pk: 'a' })).toEqual(item);
  expect(sent).toBe(2);
});

test('F129 F137 The books of a merchant come whole, page by page, and neither page nor cursor names anything of another.', async () => {
  const table = dynamoTable(tables);
  const put = (pk: string, sk: number): Write => ({
    put: { body: `${pk} ${sk}`, digest: 'd' },
    key: { table: 'journal', pk, sk },
    only: [{ is: 'absent' }],
  });
  const streams = Array.from({ length: 12 }, (_, n) => n);
  await table.write(streams.flatMap((n) => [1, 2, 3].map((sk) => put(`demo#refund#rf ${n}`, sk))));
  await table.write(streams.flatMap((n) => [1, 2, 3].map((sk) => put(`demo-other#refund#rf_${n}`, sk))));
  const merchant = parseMerchant('demo');
  if (merchant === undefined) throw new Error('not a merchant');
  const books = dynamoBooks({ ...tables, pageSize: 2 });
  const found: string[] = [];
  const cursors: string[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await books.page('journal', merchant, cursor);
    found.push(...(page?.items ?? []).map(({ body }) => String(body)));
    cursor = page?.cursor;
    cursors.push(cursor ?? '');
  }
  expect(found.sort()).toEqual(streams.flatMap((n) => [1, 2, 3].map((sk) => `demo#refund#rf ${n} ${sk}`)).sort());
  expect(cursors.some((cursor) => cursor.includes('demo#refund#rf '))).toBe(true);
  expect(cursors.join()).not.toContain('demo-other');
  for (const cursor of ['', '8', 'x', '0 demo-other#refund#rf_1 1', '0 demo#refund#rf_1'])
    expect(await books.page('journal', merchant, cursor), cursor).toBeUndefined();
});

const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const names = { journal: 'journal', state: 'state' };

const everyCall: readonly (readonly [string, (table: Table) => Promise<unknown>])[] = [
  ['get', (table) => table.get({ table: 'state', pk: 'a' })],
  ['entries', (table) => table.entries('a')],
  ['index', (table) => table.index('due', { pk: 'a', limit: 1 })],
  ['write', (table) => table.write([write])],
];

test.each(everyCall)('A store that nobody reaches is Unavailable for %s.', async (_name, call) => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const client = new DynamoDBClient({ ...local, ...clientLimits({ attempts: 2 }), endpoint });
  await expect(call(dynamoTable({ client, names }))).rejects.toThrow(Unavailable);
  client.destroy();
});

test('F107 A store that does not answer in time is Unavailable, not known to be busy.', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ ...local, ...clientLimits({ attempts: 1, requestMs: 50 }), endpoint });
  for (const [, call] of everyCall) await expect(call(dynamoTable({ client, names }))).rejects.toThrow(Unavailable);
  client.destroy();
  silent.closeAllConnections();
  silent.close();
});
