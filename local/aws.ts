import { CreateTableCommand, DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../lib/adapters/aws/client-limits.ts';
import { quiet } from '../lib/adapters/aws/quiet-client.ts';
import { tableSchemas } from '../lib/adapters/aws/table-schemas.ts';
import { type GatewayPlatform, gatewayPlatforms } from '../lib/adapters/gateways/platforms.ts';
import type { QueueName } from '../lib/domain/refund/work.ts';
import { queueNames } from '../lib/domain/refund/work.ts';
import { fileCheckpoints } from './checkpoints.ts';
import type { DataFolder } from './data-folder.ts';
import { startDynoxide } from './engines/dynoxide.ts';
import { startFauxqs } from './engines/fauxqs.ts';
import { startKms } from './engines/kms.ts';
import { withoutRequestTokens } from './engines/request-tokens.ts';
import { indexStreamRecords, trimStreamRecords } from './engines/stream-records.ts';

export const tableNames = { journal: 'redress-journal', state: 'redress-state' } as const;

/** How far `relay` has read the journal's stream. */
export const relayCheckpoints = (folder: DataFolder) => fileCheckpoints(folder.file('relay', 'checkpoint.json'));

/** How often a queue hands a message over before it is a dead letter. */
export const maxReceives = 5;
export const visibilitySeconds = 30;

/** Its names: one for each kind of work, and of `execute` one for each gateway beside it. */
type EngineQueue = QueueName | `execute-${GatewayPlatform}`;
const executeQueues = gatewayPlatforms.map((platform) => [platform, `execute-${platform}` as const] as const);
const engineQueues: readonly EngineQueue[] = [...queueNames, ...executeQueues.map(([, queue]) => queue)];
const deadLetters = (queue: EngineQueue) => `${queue}-dead`;

/** The AWS of one machine: the engines, and the real SDK's clients to them. */
export type LocalAws = Awaited<ReturnType<typeof startAws>>;

export async function startAws(folder: DataFolder) {
  const dbPath = folder.file('dynamodb', 'redress.db');
  const dynamo = await startDynoxide({
    dbPath,
    beforeStart: () => {
      indexStreamRecords(dbPath);
      trimStreamRecords(dbPath, relayCheckpoints(folder).load());
    },
  });
  const [sqs, kms] = await Promise.all([
    startFauxqs({ dataDir: folder.file('sqs', 'queues'), queues: engineQueues.flatMap(specs) }),
    startKms({ keyFile: folder.file('kms', 'keys.json') }),
  ]);
  const clients = awsClients({ dynamo: dynamo.endpoint, sqs: sqs.endpoint, kms: kms.endpoint });
  await ensureTables(clients.dynamo);
  // A new file has had nothing to index until now.
  if (dynamo.pid !== undefined) indexStreamRecords(dbPath);
  return {
    ...clients,
    keyArn: kms.keys.encryption,
    queueUrls: byQueue((queue) => sqs.url(queue)),
    /** Of each gateway's own queue for `execute`. */
    executeUrls: new Map<string, string>(executeQueues.map(([platform, queue]) => [platform, sqs.url(queue)])),
    deadLetterUrls: byQueue((queue) =>
      [queue, ...(queue === 'execute' ? executeQueues.map(([, own]) => own) : [])].map((one) =>
        sqs.url(deadLetters(one)),
      ),
    ),
    endpoints: { dynamo: dynamo.endpoint, sqs: sqs.endpoint, kms: kms.endpoint },
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await Promise.all([sqs.stop(), kms.stop()]);
      await dynamo.stop();
    },
  };
}

const byQueue = <T>(of: (queue: QueueName) => T) =>
  Object.fromEntries(queueNames.map((queue) => [queue, of(queue)])) as Record<QueueName, T>;

const specs = (queue: EngineQueue) => [
  { name: deadLetters(queue), visibilitySeconds },
  { name: queue, visibilitySeconds, deadLetters: { queue: deadLetters(queue), maxReceiveCount: maxReceives } },
];

/** The SDK wants a region and credentials, whatever it talks to. */
const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export function awsClients(endpoints: { dynamo: string; sqs: string; kms: string }) {
  return {
    dynamo: dynamoClient(endpoints.dynamo),
    streams: quiet(new DynamoDBStreamsClient({ ...local, ...clientLimits(), endpoint: endpoints.dynamo })),
    // A long poll is answered after its wait; the limit leaves room for it.
    sqs: quiet(new SQSClient({ ...local, ...clientLimits({ requestMs: 25_000 }), endpoint: endpoints.sqs })),
    kms: quiet(new KMSClient({ ...local, ...clientLimits(), endpoint: endpoints.kms })),
  };
}

export const dynamoClient = (endpoint: string) =>
  withoutRequestTokens(quiet(new DynamoDBClient({ ...local, ...clientLimits({ requestMs: 10_000 }), endpoint })));

/** Made, or there from an earlier run. Not looked at first: the engine counts a table's items for that, which takes longer the more there are. */
async function ensureTables(client: DynamoDBClient): Promise<void> {
  for (const schema of Object.values(tableSchemas(tableNames)))
    await client.send(new CreateTableCommand(schema)).catch((error: unknown) => {
      if (!(error instanceof ResourceInUseException)) throw error;
    });
}
