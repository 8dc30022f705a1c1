import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { quiet } from './quiet-client.ts';

/** Answers without a network, and has a logger as somebody might configure one. */
function client(lines: unknown[]): DynamoDBClient {
  const note = (line: unknown) => lines.push(line);
  const made = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    logger: { trace: note, debug: note, info: note, warn: note, error: note },
  });
  made.middlewareStack.add(
    () => async () => ({ output: { $metadata: {}, Item: { secret: { S: 'canary' } } }, response: {} }) as never,
    { step: 'deserialize', name: 'answers', priority: 'high' },
  );
  return made;
}

describe('a client without the log of the SDK', () => {
  it('gives what it read to no logger, which a plain one does', async () => {
    const command = () => new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'canary' } } });
    const plain: unknown[] = [];
    await client(plain).send(command());
    expect(JSON.stringify(plain)).toContain('canary');
    const lines: unknown[] = [];
    await quiet(client(lines)).send(command());
    expect(JSON.stringify(lines)).not.toContain('canary');
  });
});
