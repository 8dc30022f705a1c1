import { CreateTableCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../lib/adapters/aws/table.ts';
import { tableSchemas } from '../../lib/adapters/aws/table-schemas.ts';
import { dynamoClient } from '../aws.ts';
import { startDynoxide } from './dynoxide.ts';

describe('transactions of the embedded run', () => {
  const names = { journal: 'journal', state: 'state' };
  let engine: Awaited<ReturnType<typeof startDynoxide>>;
  let client: ReturnType<typeof dynamoClient>;
  const bodies: string[] = [];

  beforeAll(async () => {
    engine = await startDynoxide();
    client = dynamoClient(engine.endpoint);
    client.middlewareStack.add(
      (next) => (args) => {
        const { body, headers } = args.request as { body: string; headers: Record<string, string> };
        expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
        bodies.push(body);
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    for (const schema of Object.values(tableSchemas(names))) await client.send(new CreateTableCommand(schema));
  });
  afterAll(async () => {
    client.destroy();
    await engine.stop();
  });

  const write = (text: string, ClientRequestToken?: string) =>
    client.send(
      new TransactWriteItemsCommand({
        ...(ClientRequestToken !== undefined && { ClientRequestToken }),
        TransactItems: [
          {
            Put: {
              TableName: names.state,
              Item: { pk: { S: 'a' }, text: { S: text } },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ],
      }),
    );

  it('F71 carry no token of the SDK, so that a repetition meets the condition it has made false itself', async () => {
    await write('ü', 'the-same-token');
    await expect(write('ü', 'the-same-token')).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(bodies.join()).not.toContain('ClientRequestToken');
  });

  it('keep a text that only looks like one', async () => {
    const text = '"ClientRequestToken":"x",';
    const table = dynamoTable({ client, names });
    await table.write([{ put: { text }, key: { table: 'state', pk: 'b' }, only: [] }]);
    expect(await table.get({ table: 'state', pk: 'b' })).toEqual({ pk: 'b', text });
  });
});
