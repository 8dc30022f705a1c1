import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { tableSchemas } from '../../lib/adapters/aws/table-schemas.ts';
import { type QueueName, queueNames } from '../../lib/domain/refund/work.ts';
import { startDynoxide } from './dynoxide.ts';
import { startFauxqs } from './fauxqs.ts';
import { startKms } from './kms.ts';

/**
 * What the tests of the AWS adapters run on: the local engines, or what `REDRESS_TEST_AWS_ENDPOINT` names, for DynamoDB, SQS and
 * KMS alike: the URL of another emulator, or `aws` for AWS itself. There, region and credentials are the SDK's usual ones, the
 * tables and queues have random names and are deleted in the end, and the key is scheduled for deletion after seven days.
 */
const elsewhere = process.env.REDRESS_TEST_AWS_ENDPOINT ?? '';

const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** A client's configuration for an engine that was started here, or for the endpoint that was named. */
export const testClient = (endpoint: string) =>
  elsewhere === ''
    ? { ...clientLimits(), ...local, endpoint }
    : { ...clientLimits(), ...(elsewhere !== 'aws' && { endpoint: elsewhere }) };

const randomName = (kind: string) => `redress-test-${kind}-${randomBytes(6).toString('hex')}`;

/** Both tables, empty. */
export async function testTables() {
  const engine = elsewhere === '' ? await startDynoxide() : undefined;
  const client = new DynamoDBClient(testClient(engine?.endpoint ?? ''));
  const names = { journal: randomName('journal'), state: randomName('state') };
  for (const schema of Object.values(tableSchemas(names))) await client.send(new CreateTableCommand(schema));
  for (const TableName of Object.values(names))
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  return {
    client,
    names,
    async stop() {
      for (const TableName of Object.values(names)) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      await engine?.stop();
    },
  };
}

/** One queue for each kind of work, empty. */
export async function testQueues() {
  const engine = elsewhere === '' ? await startFauxqs() : undefined;
  const client = new SQSClient(testClient(engine?.endpoint ?? ''));
  const create = async (name: QueueName) => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: randomName(name) }));
    return [name, QueueUrl] as const;
  };
  const urls = Object.fromEntries(await Promise.all(queueNames.map(create))) as Readonly<Record<QueueName, string>>;
  return {
    client,
    urls,
    async stop() {
      for (const QueueUrl of Object.values(urls)) await client.send(new DeleteQueueCommand({ QueueUrl }));
      client.destroy();
      await engine?.stop();
    },
  };
}

/** A key that encrypts. */
export async function testKey() {
  if (elsewhere !== '') {
    const client = new KMSClient(testClient(''));
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: 'redress test' }));
    const keyArn = KeyMetadata?.Arn ?? '';
    const stop = async () => {
      await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 7 }));
      client.destroy();
    };
    return { client, keyArn, stop };
  }
  const folder = await mkdtemp(join(tmpdir(), 'redress-kms-'));
  const engine = await startKms({ keyFile: join(folder, 'keys.json') });
  const client = new KMSClient(testClient(engine.endpoint));
  return {
    client,
    keyArn: engine.keys.encryption,
    async stop() {
      client.destroy();
      await engine.stop();
      await rm(folder, { recursive: true });
    },
  };
}
