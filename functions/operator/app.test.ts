import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect, it, vi } from 'vitest';
import { memoryLog } from '../../lib/adapters/memory/log.ts';
import { memoryTable } from '../../lib/adapters/memory/table.ts';
import type { Table } from '../../lib/app/ports/table.ts';
import { parseMerchant } from '../../lib/domain/ids.ts';
import { encode } from '../../lib/domain/json.ts';
import { approved, fact, heldRefund, requested } from '../../lib/domain/refund/given.ts';
import { production } from '../../lib/domain/tempo.ts';
import { instant } from '../../lib/domain/time.ts';
import type { OperatorNeeds } from './app.ts';
import { operatorHandler } from './index.ts';

const id = 'rf_00000000000000000000';
const stream = `demo#refund#${id}`;

/** The API with what these requests ask of it, for an admin of the merchant `demo`. */
function api(table: Table) {
  const log = memoryLog();
  const needs: Partial<OperatorNeeds> = {
    table,
    log,
    clock: { now: () => instant(1_800_000_000_000) },
    ids: { random: () => '0123456789abcdef' },
    tempo: production,
    pause: async () => undefined,
    tokens: { verify: async () => ({ person: 'ann', role: 'admin', merchant: parseMerchant('demo')! }) },
  };
  const handler = operatorHandler(needs as OperatorNeeds, new Logger({ logLevel: 'SILENT' }));
  const ask = (method: string, path: string, { query = '', body }: { query?: string; body?: string } = {}) => {
    const event = {
      version: '2.0',
      rawPath: path,
      rawQueryString: query,
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      requestContext: { http: { method, path }, requestId: 'r' },
      isBase64Encoded: false,
      ...(body !== undefined && { body }),
    };
    return handler(event as unknown as APIGatewayProxyEventV2, {} as Context);
  };
  return { ask, log };
}

it.each([
  ['GET', `/v1/refunds/${id}`],
  ['GET', `/v1/refunds/${id}/events`],
  ['GET', `/v1/refunds/${id}/evidence`],
  ['POST', `/v1/refunds/${id}/approve`],
])('F143 %s %s says that a newer version wrote it, and somebody hears of it', async (method, path) => {
  const table = memoryTable();
  const body = JSON.stringify({ v: 1, stream, number: 1, events: [{ type: 'refund.requested', v: 99 }] });
  const key = { table: 'journal', pk: stream, sk: 1 } as const;
  await table.write([{ put: { body, digest: '' }, key, only: [{ is: 'absent' }] }]);
  const { ask, log } = api(table);
  const answer = await ask(method, path);
  expect(answer).toMatchObject({ statusCode: 503, headers: { 'content-type': 'application/problem+json' } });
  expect(log.lines).toMatchObject([{ is: 'alarm', code: 'newer-version', about: { stream } }]);
});

it('F134 leaves a bug to be one: nothing is answered, and nothing of what it is about is written', async () => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const entries = async () => {
    throw new Error('a bug', { cause: { Item: 'an order, a payment' } });
  };
  await expect(api({ ...memoryTable(), entries }).ask('GET', `/v1/refunds/${id}`)).rejects.toThrow('a bug');
  expect(written).not.toHaveBeenCalled();
  written.mockRestore();
});

const long = 'x'.repeat(2000);

it.each([
  ['GET', '/v1/refunds', { query: `order=${long}` }],
  ['GET', '/v1/notices', { query: `status=quarantined&cursor=1800000000000%23${long}` }],
  ['POST', '/v1/notices/replay', { body: JSON.stringify({ notice: `demo#notice#shop#${long}` }) }],
  ['POST', '/v1/find', { body: JSON.stringify({ id: long }) }],
  // In a name each of these becomes three.
  ['POST', '/v1/find', { body: JSON.stringify({ id: '#'.repeat(800) }) }],
  ['POST', '/v1/find', { body: JSON.stringify({ id: '%'.repeat(800) }) }],
  ['POST', '/v1/find', { body: JSON.stringify({ id: '  ' }) }],
  ['POST', '/v1/find', { body: JSON.stringify({ id: 7 }) }],
  ['POST', '/v1/find', { body: 'RMA-1' }],
])('F142 %s %s asks the store for nothing that no key can be', async (method, path, given) => {
  const asked: string[] = [];
  const table = memoryTable(({ call }) => {
    asked.push(call);
    return undefined;
  });
  expect(await api(table).ask(method, path, given)).toMatchObject({ statusCode: 400 });
  expect(asked).toEqual([]);
});

it.each(['yesterday', '2026-02-31T00:00:00Z', '2026-04-31T00:00:00Z', '2026-11-21T24:00:00Z'])(
  'F142 begins no restore since %s, which is no instant',
  async (since) => {
    const begun = { body: JSON.stringify({ since, reason: 'why' }) };
    expect(await api(memoryTable()).ask('POST', '/v1/restore/begin', begun)).toMatchObject({ statusCode: 400 });
  },
);

it('F135 tells of each event the number and the instant of its entry, whatever number or instant the event is about', async () => {
  const table = memoryTable();
  const entries = [
    { number: 1, at: 1000, actor: 'assess', events: [{ ...requested(), number: 7 }, heldRefund(['over-limit'])] },
    { number: 2, at: 2000, actor: 'person:ann', events: [approved(), fact('leg.held')] },
    { number: 3, at: 3000, actor: 'person:ann', events: [fact('leg.released', { at: instant(1) })] },
  ];
  for (const entry of entries) {
    const key = { table: 'journal', pk: stream, sk: entry.number } as const;
    await table.write([{ put: { body: encode(entry), digest: '' }, key, only: [{ is: 'absent' }] }]);
  }
  const { body } = (await api(table).ask('GET', `/v1/refunds/${id}/events`)) as { body: string };
  const { events } = JSON.parse(body) as { events: { type: string; number: number; at: number }[] };
  expect(events.map(({ type, number, at }) => [type, number, at])).toEqual([
    ['refund.requested', 1, 1000],
    ['refund.held', 1, 1000],
    ['refund.approved', 2, 2000],
    ['leg.held', 2, 2000],
    ['leg.released', 3, 3000],
  ]);
});
