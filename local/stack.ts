import type { DynamoDBStreamEvent } from 'aws-lambda';
import { assessHandler } from '../functions/assess.ts';
import { executeHandler } from '../functions/execute.ts';
import { notifyHandler } from '../functions/notify.ts';
import { operatorHandler } from '../functions/operator/index.ts';
import { receiveGateway } from '../functions/receive-gateway.ts';
import { receiveReturn } from '../functions/receive-return.ts';
import { reconcileHandler } from '../functions/reconcile.ts';
import { relayHandler } from '../functions/relay.ts';
import { readWork } from '../lib/adapters/aws/work-message.ts';
import { stripeSimulator } from '../lib/adapters/gateways/stripe/simulator.ts';
import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { chanceFrom } from '../lib/adapters/kit/simulator.ts';
import { powertoolsLog } from '../lib/adapters/powertools/log.ts';
import { systemClock } from '../lib/adapters/system/world.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { unlimited, type VelocityLimits } from '../lib/app/velocity.ts';
import type { Role } from '../lib/domain/access.ts';
import { type Entry, readEntry } from '../lib/domain/chain.ts';
import type { Event } from '../lib/domain/events.ts';
import { type MerchantId, parseMerchant } from '../lib/domain/ids.ts';
import { type QueueName, queueNames } from '../lib/domain/refund/work.ts';
import { type LocalAws, maxReceives, relayCheckpoints, startAws, tableNames } from './aws.ts';
import { startClocks } from './clocks.ts';
import type { DataFolder } from './data-folder.ts';
import { devMerchant, type FileConnections, signingSecret, writeConnections } from './dev-connections.ts';
import { type Front, type Plain, startFront } from './front.ts';
import { lambda } from './lambda.ts';
import { localLogger } from './logging.ts';
import { adapters, type Own, ownLogs } from './needs.ts';
import { startQueuePoller } from './queue-poller.ts';
import { type Report, type Running, reportToStderr } from './running.ts';
import { writeSecretFile } from './secret-file.ts';
import { hostShop } from './shop-simulator.ts';
import { deliverTo } from './simulator-deliveries.ts';
import { hostSimulator, type SimulatorHost } from './simulator-host.ts';
import { startStreamPoller } from './stream-poller.ts';
import { devIssuer, devVerifier } from './tokens.ts';

export interface StackSettings {
  readonly folder: DataFolder;
  /** 0 takes a free one. */
  readonly port: number;
  /** A file with the user's own connections. */
  readonly ownConnections?: string | undefined;
  readonly logLevel: 'INFO' | 'WARN' | 'SILENT';
  readonly report?: Report;
  /** Each write to the tables a call of its own, as on AWS: for whoever counts calls. */
  readonly alone?: boolean;
  /** The restore epoch: raised by whoever put the data folder back to an earlier copy. */
  readonly restored?: number;
  /** How much is approved in an hour without a person; as much as there is where it is left out. */
  readonly limits?: VelocityLimits;
  /** Told of every new entry of the journal, in order within a stream. */
  readonly onEntry?: (entry: Entry<Event>) => void;
}

export interface Stack {
  readonly url: string;
  readonly connections: FileConnections['connections'];
  readonly tokens: Readonly<Record<Role, string>>;
  readonly aws: LocalAws;
  stop(): Promise<void>;
}

type Needs = Awaited<ReturnType<typeof adapters>>;

/**
 * The whole system in one process: the same handlers and the same AWS adapters as on AWS, over engines on this machine, with
 * simulators where gateways would be.
 */
export async function startStack(settings: StackSettings): Promise<Stack> {
  const { folder, report = reportToStderr } = settings;
  const { path, content } = await writeConnections(folder, settings.ownConnections);
  const aws = await startAws(folder);
  const logger = localLogger('redress', settings.logLevel);
  let url = '';
  const log = powertoolsLog(logger);
  const { alone = false, restored = 0, limits = unlimited } = settings;
  const platformOf = (name: string) => content.connections[name]?.platform;
  const given = { connectionsFile: path, url: () => url, platformOf, log, alone, restored, limits };
  const needs = await adapters(aws, given);
  const issuer = await devIssuer(folder.path);
  const simulators = startSimulators({ folder, content, url: () => url, report });
  const own = ownLogs(needs, settings.logLevel);
  const [operating, operatorLogger] = own('operator');
  const operator = operatorHandler({ ...operating, tokens: devVerifier(issuer.keys) }, operatorLogger);
  const front = await startFront({
    port: settings.port,
    now: () => Date.now(),
    report,
    routes: [
      {
        route: 'POST /webhooks/returns/{connection}',
        invoke: lambda(api('receive-return'), receiveReturn(...own('receive-return'))),
      },
      {
        route: 'POST /webhooks/gateways/{connection}',
        invoke: lambda(api('receive-gateway'), receiveGateway(...own('receive-gateway'))),
      },
      { route: 'ANY /v1/{proxy+}', invoke: lambda(api('operator'), operator) },
      { route: 'GET /healthz', plain: health(needs) },
      ...[...simulators].map(([name, host]) => ({ route: `ANY /sim/${name}/{path+}`, plain: host.plain })),
    ],
  });
  url = front.url;
  const background = startBackground({ aws, own, content, report, settings });
  // For the audit, which reads the tables past everything that serves them.
  writeSecretFile(folder.file('endpoints.json'), JSON.stringify(aws.endpoints));
  folder.announce(url);
  return {
    url,
    connections: content.connections,
    tokens: await issueTokens(issuer),
    aws,
    stop: () => stopAll({ front, background, simulators: [...simulators.values()], aws, folder }),
  };
}

const api = (name: string) => ({ name, timeoutMs: 10_000 });

/** Long enough for a gateway's limit and a record of it, a sixth of the queues' visibility. */
export const workerTimeoutMs = 5000;

interface Background {
  readonly aws: LocalAws;
  readonly own: Own;
  readonly content: FileConnections;
  readonly report: Report;
  readonly settings: StackSettings;
}

function startBackground(of: Background): Running[] {
  const { aws, own, report } = of;
  const read = { read: readWork, maxReceives };
  type Made = (needs: ReturnType<Own>[0], queue: typeof read, logger: ReturnType<Own>[1]) => unknown;
  const worker = (name: QueueName, make: Made) => {
    const [needs, logger] = own(name);
    return make(needs, read, logger) as Parameters<typeof lambda>[1];
  };
  const workers: Record<QueueName, Parameters<typeof lambda>[1]> = {
    assess: worker('assess', assessHandler),
    execute: worker('execute', executeHandler),
    reconcile: worker('reconcile', reconcileHandler),
    notify: worker('notify', notifyHandler),
  };
  const mapped = [
    ...queueNames.map((name) => ({ name, queueUrl: aws.queueUrls[name] })),
    ...[...aws.executeUrls.values()].map((queueUrl) => ({ name: 'execute', queueUrl }) as const),
  ];
  const pollers = mapped.map(({ name, queueUrl }) =>
    startQueuePoller({
      client: aws.sqs,
      queueUrl,
      invoke: lambda({ name, timeoutMs: workerTimeoutMs }, workers[name]),
      concurrency: 4,
      backoff: { firstSeconds: 1, mostSeconds: 20 },
      report,
    }),
  );
  return [...pollers, startRelay(of), ...startClocks({ own, merchants: merchantsOf(of.content), report })];
}

const merchantsOf = ({ connections }: FileConnections): MerchantId[] =>
  [...new Set(Object.values(connections).map(({ merchant }) => merchant))].flatMap((name) => parseMerchant(name) ?? []);

function startRelay({ aws, own, report, settings }: Background): Running {
  const relay = lambda({ name: 'relay', timeoutMs: 10_000 }, relayHandler(...own('relay')));
  const { onEntry, folder } = settings;
  return startStreamPoller({
    client: aws.streams,
    tableName: tableNames.journal,
    checkpoints: relayCheckpoints(folder),
    invoke: (event: DynamoDBStreamEvent) => {
      if (onEntry !== undefined) for (const entry of entriesOf(event)) onEntry(entry);
      return relay(event);
    },
    onGivenUp: () => report('relay: a record was put aside; the sweep finds what it was about'),
    report,
  });
}

const entriesOf = (event: DynamoDBStreamEvent): Entry<Event>[] =>
  event.Records.flatMap((record) => {
    const body = record.dynamodb?.NewImage?.body?.S;
    return body === undefined ? [] : [readEntry<Event>({ number: 0, body, digest: '' })];
  });

/** Ready when a notice could be recorded now. */
const health =
  (needs: Needs): Plain =>
  async () => {
    const ok = await needs.table.get({ table: 'state', pk: 'health' }).then(
      () => true,
      () => false,
    );
    const headers = { 'content-type': 'application/json' };
    return { reply: { status: ok ? 200 : 503, headers, body: JSON.stringify({ ok }) } };
  };

interface Simulating {
  readonly folder: DataFolder;
  readonly content: FileConnections;
  readonly url: () => string;
  readonly report: Report;
}

/** One simulator for each gateway that a development connection names. */
function startSimulators({ folder, content, url, report }: Simulating): Map<string, SimulatorHost> {
  const stripe = content.connections['stripe-demo'];
  const secret = signingSecret(stripe, systemClock.now());
  if (stripe?.credential === undefined || secret === undefined) return new Map();
  const simulator = stripeSimulator({
    credential: new Secret(stripe.credential),
    webhookSecret: new Secret(secret),
    chance: chanceFrom(sha256Hex(secret)),
    // Stripe's own of a sandbox (docs.stripe.com/rate-limits).
    limits: { perEndpoint: 25, overall: 25 },
  });
  const host = hostSimulator({
    prefix: '/sim/stripe',
    simulator,
    file: folder.file('sim', 'stripe.jsonl'),
    deliver: deliverTo(() => `${url()}/webhooks/gateways/stripe-demo`),
    now: () => systemClock.now(),
    report,
  });
  const shop = hostShop({ folder, content, url, report });
  return new Map([['stripe', host], ...(shop === undefined ? [] : [['shopify', shop] as const])]);
}

async function issueTokens(issuer: Awaited<ReturnType<typeof devIssuer>>): Promise<Record<Role, string>> {
  const merchant = parseMerchant(devMerchant);
  if (merchant === undefined) throw new Error('not a merchant');
  const issue = (role: Role) => issuer.issue({ person: `dev-${role}`, role, merchant }, Date.now());
  return {
    viewer: await issue('viewer'),
    auditor: await issue('auditor'),
    operator: await issue('operator'),
    approver: await issue('approver'),
    admin: await issue('admin'),
  };
}

interface Parts {
  readonly front: Front;
  readonly background: readonly Running[];
  readonly simulators: readonly SimulatorHost[];
  readonly aws: LocalAws;
  readonly folder: DataFolder;
}

/** From the outside in: nothing new comes, what is under way ends, the engines last. */
async function stopAll({ front, background, simulators, aws, folder }: Parts): Promise<void> {
  const closing = front.close(3000);
  await Promise.all([...background, ...simulators].map((one) => one.stop()));
  await closing;
  await aws.stop();
  folder.release();
}
