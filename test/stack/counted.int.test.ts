import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveReturn } from '../../functions/receive-return.ts';
import { powertoolsLog } from '../../lib/adapters/powertools/log.ts';
import { recentNotices } from '../../lib/app/recent.ts';
import type { apiEvent } from '../../local/api-event.ts';
import { type LocalAws, startAws } from '../../local/aws.ts';
import { type DataFolder, openDataFolder } from '../../local/data-folder.ts';
import { type FileConnections, signingSecret, writeConnections } from '../../local/dev-connections.ts';
import { lambda } from '../../local/lambda.ts';
import { localLogger } from '../../local/logging.ts';
import { adapters } from '../../local/needs.ts';
import { dataFolder, removeFolder, signed } from './process.ts';

/** What accepting a webhook costs, counted at the clients: every command that leaves this process. */
describe('accepting a return on a warm function', () => {
  const path = dataFolder();
  let folder: DataFolder;
  let aws: LocalAws;
  let content: FileConnections;
  const calls: string[] = [];

  beforeAll(async () => {
    mkdirSync(path, { recursive: true });
    const opened = openDataFolder(path);
    if (opened.is === 'in-use') throw new Error('in use');
    folder = opened.folder;
    aws = await startAws(folder);
    for (const client of [aws.dynamo, aws.sqs, aws.kms]) {
      // biome-ignore lint/suspicious/noExplicitAny: three clients, each with middleware types of its own
      (client.middlewareStack as any).add(
        (next: (args: unknown) => Promise<unknown>, context: { commandName?: string }) => (args: unknown) => {
          calls.push(context.commandName ?? '');
          return next(args);
        },
        { step: 'finalizeRequest', name: 'counted', priority: 'low' },
      );
    }
  });
  afterAll(async () => {
    await aws.stop();
    folder.release();
    removeFolder(path);
  });

  it('costs one DynamoDB call for a first delivery, one for a duplicate, and no other call to AWS', async () => {
    const written = await writeConnections(folder, undefined);
    content = written.content;
    const logger = localLogger('counted', 'SILENT');
    const needs = await adapters(aws, {
      connectionsFile: written.path,
      url: () => 'http://127.0.0.1:1',
      log: powertoolsLog(logger),
    });
    const settings = { name: 'receive-return', timeoutMs: 10_000 };
    const here = lambda(settings, receiveReturn(needs, logger));
    // Another environment of the same function remembers nothing of this one's webhooks.
    const elsewhere = lambda(settings, receiveReturn({ ...needs, recent: recentNotices(0) }, logger));
    const secret = signingSecret(content.connections['generic-demo'], Date.now()) ?? '';
    const post = async (of: ReturnType<typeof signed>, invoke = here) => {
      const event = webhook(of);
      calls.length = 0;
      const result = await invoke(event);
      return {
        status: result.is === 'returned' ? (result.result as { statusCode: number }).statusCode : result.is,
        calls: [...calls],
      };
    };
    const make = (name: string) =>
      signed({ return: name, payment: 'pi_counted', lines: [{ id: '1', price: '1.00' }] }, secret);
    await post(make('RMA-warm'));
    const first = make('RMA-first');
    expect(await post(first)).toEqual({ status: 202, calls: ['TransactWriteItemsCommand'] });
    expect(await post(first)).toEqual({ status: 200, calls: ['GetItemCommand'] });
    expect(await post(first, elsewhere)).toEqual({ status: 200, calls: ['TransactWriteItemsCommand'] });
    const forged = make('RMA-forged');
    expect(await post({ ...forged, body: forged.body.replace('1.00', '9.00') })).toEqual({ status: 401, calls: [] });
  });

  const webhook = ({ body, headers }: ReturnType<typeof signed>) =>
    ({
      version: '2.0',
      routeKey: 'POST /webhooks/returns/{connection}',
      rawPath: '/webhooks/returns/generic-demo',
      rawQueryString: '',
      headers,
      pathParameters: { connection: 'generic-demo' },
      requestContext: {
        requestId: 'counted',
        http: { method: 'POST', path: '/webhooks/returns/generic-demo', sourceIp: '127.0.0.1' },
      },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    }) as never as ReturnType<typeof apiEvent>;
});
