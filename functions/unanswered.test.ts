import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { writeWork } from '../lib/adapters/aws/work-message.ts';
import { memoryLog } from '../lib/adapters/memory/log.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { ReceiveNeeds } from '../lib/app/receive.ts';
import { correlationId, parseMerchant, parseRefundId } from '../lib/domain/ids.ts';
import { refundStream } from '../lib/domain/streams.ts';
import { batchHandler } from './batch.ts';
import { type OperatorNeeds, operatorApi } from './operator/app.ts';
import { receiveHandler } from './receive.ts';
import { unanswered } from './unanswered.ts';

/** As a missing permission looks: its text quotes what nobody may read. */
const denied = Object.assign(new Error('User … is not authorized to perform kms:GenerateDataKey on pi_secret'), {
  name: 'AccessDeniedException',
});
const away = new Unavailable('vault', denied);
const context = {} as Context;

describe('what did not answer', () => {
  it('is a code with the name of the error and without its text', () => {
    expect(unanswered(away)).toBe('vault AccessDeniedException');
    expect(unanswered(new Unavailable('connections', new Unavailable('connections', denied)))).toBe(
      'connections AccessDeniedException',
    );
    expect(unanswered(new Unavailable('table'))).toBe('table');
    expect(unanswered(new Unavailable('table', new Error('pi_secret')))).toBe('table');
    expect(unanswered(new Unavailable('table', Object.assign(new Error(''), { name: 'pi_secret' })))).toBe('table');
  });

  it('F21 is in the log of a function that answered 503', async () => {
    const logger = new Logger({ logLevel: 'SILENT' });
    const warn = vi.spyOn(logger, 'warn');
    const needs = { connections: { find: () => Promise.reject(away) } } as unknown;
    const event = { headers: {}, pathParameters: { connection: 'shop' }, requestContext: { requestId: 'req=' } };
    const answer = await receiveHandler(
      'source',
      needs as ReceiveNeeds,
      logger,
    )(event as unknown as APIGatewayProxyEventV2, context);
    expect(answer.statusCode).toBe(503);
    expect(warn.mock.calls).toEqual([['unavailable', { correlation: 'req=', code: 'vault AccessDeniedException' }]]);
  });

  it('is in the log where people are answered 503', async () => {
    const tell = vi.fn();
    const tokens = { verify: async () => ({ person: 'ann', role: 'viewer', merchant: 'demo' }) };
    const needs = { tokens, clock: { now: () => 0 }, table: { get: () => Promise.reject(away) } } as unknown;
    const headers = { authorization: 'Bearer t' };
    const answer = await operatorApi(needs as OperatorNeeds, tell).request('/v1/sending', { headers });
    expect(answer.status).toBe(503);
    expect(tell.mock.calls).toEqual([['vault AccessDeniedException']]);
  });

  it.each([
    ['4', ['note work-busy']],
    ['5', ['alarm work-stuck', 'note work-busy']],
  ])('F72 is in the lines of a message at its try %s', async (count, expected) => {
    const log = memoryLog();
    const merchant = parseMerchant('demo')!;
    const stream = refundStream(merchant, parseRefundId('rf_00000000000000000000')!);
    const work = { queue: 'execute', merchant, stream, correlation: correlationId('0') } as const;
    const unused = vi.fn();
    const worker = { read: () => work, run: () => Promise.reject(away), setAside: unused, waitForUpgrade: unused };
    const record = { messageId: 'm', body: writeWork(work), attributes: { ApproximateReceiveCount: count } };
    const handler = batchHandler({ ...worker, log, maxReceives: 5 }, new Logger({ logLevel: 'SILENT' }));
    const answer = await handler({ Records: [record] } as unknown as SQSEvent, context);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'm' }]);
    const lines = log.lines.map((line) => ('about' in line ? `${line.is} ${line.code}` : line.is));
    expect(lines).toEqual(expected);
    for (const line of log.lines) expect(line).toMatchObject({ about: { code: 'vault AccessDeniedException' } });
  });
});
