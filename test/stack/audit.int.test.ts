import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { said } from '../../cli/said.ts';
import { dynamoClient, tableNames } from '../../local/aws.ts';
import { dataFolder, type Running, removeFolder, root, start } from './process.ts';

const execute = promisify(execFile);

const command = ['audit', 'verify', '--json'];

describe('npx redress audit verify', () => {
  const data = dataFolder();
  let stack: Running;
  let dynamo: DynamoDBClient;
  let stream = '';

  beforeAll(async () => {
    vi.stubEnv('REDRESS_DATA', data);
    stack = await start(data);
    await stack.pay('pi_audit', 10_000);
    await stack.send({ return: 'RMA-audit', payment: 'pi_audit', lines: [{ id: '1', price: '10.00' }] });
    const [refund] = await stack.until((found) => found[0]?.status === 'refunded', { query: '?return=RMA-audit' });
    stream = `demo#refund#${refund?.id}`;
    const { dynamo: endpoint } = JSON.parse(readFileSync(join(data, 'endpoints.json'), 'utf8')) as { dynamo: string };
    dynamo = dynamoClient(endpoint);
  });
  afterAll(async () => {
    dynamo.destroy();
    await stack.stop();
    vi.unstubAllEnvs();
    removeFolder(data);
  });

  interface Verified {
    readonly code: number;
    readonly report: { ok: boolean; breaks: { why: string; stream: string }[]; unproven: string[] };
  }
  /** As a process of its own, as its users have it. */
  const apart = async (): Promise<Verified> => {
    const env = { ...process.env, REDRESS_DATA: data };
    const { code, stdout } = await execute(process.execPath, ['cli/redress.ts', ...command], { cwd: root, env }).then(
      (done) => ({ code: 0, stdout: done.stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    return { code, report: JSON.parse(stdout) };
  };
  /** The same in this process, without the second that a new one takes. */
  const verify = async (): Promise<Verified> => {
    const { code, out, err } = await said(...command);
    return { code, report: JSON.parse(out + err) };
  };

  const entries = async () => {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: tableNames.journal,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: stream } },
      }),
    );
    return Items;
  };
  const put = (item: Record<string, never>) =>
    dynamo.send(new PutItemCommand({ TableName: tableNames.journal, Item: item }));
  type Stored = Awaited<ReturnType<typeof entries>>[number];

  /** Changes the journal as somebody with rights to the table could, looks, and puts everything back. */
  const tampered = async (change: (items: Stored[]) => Promise<unknown>, look = verify) => {
    const items = await entries();
    try {
      await change(items);
      return await look();
    } finally {
      for (const item of items) await put(item as never);
    }
  };

  it('F137 proves every chain, and says what it can not prove', async () => {
    const { code, report } = await apart();
    expect({ code, ok: report.ok, breaks: report.breaks }).toEqual({ code: 0, ok: true, breaks: [] });
    expect(report.unproven.length).toBeGreaterThan(0);
  });

  it('F137 fails on one changed byte', async () => {
    const { code, report } = await tampered(
      async ([first]) => put({ ...first, body: { S: (first?.body?.S ?? '').replace('"1000"', '"1001"') } } as never),
      apart,
    );
    expect(code).toBe(1);
    expect(report.breaks).toMatchObject([{ stream, why: 'changed' }]);
  });

  it('F137 fails on a missing entry, in the middle and at the end', async () => {
    const remove = (number: number) =>
      tampered(() =>
        dynamo.send(
          new DeleteItemCommand({
            TableName: tableNames.journal,
            Key: { pk: { S: stream }, sk: { N: String(number) } },
          }),
        ),
      );
    expect((await remove(2)).report.breaks).toMatchObject([{ stream, why: 'missing' }]);
    expect((await remove((await entries()).length)).report.breaks).toMatchObject([{ stream, why: 'shortened' }]);
  });

  it('F137 fails on reordered entries', async () => {
    const { code, report } = await tampered(async ([, second, third]) => {
      await put({ ...second, sk: third?.sk } as never);
      await put({ ...third, sk: second?.sk } as never);
    });
    expect(code).toBe(1);
    expect(report.breaks).toMatchObject([{ stream, why: 'reordered' }]);
  });

  it('works on the folder of a stopped stack too', async () => {
    await stack.stop();
    expect(await apart()).toMatchObject({ code: 0, report: { ok: true } });
    stack = await start(data);
  });
});
