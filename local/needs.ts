import type { Logger } from '@aws-lambda-powertools/logger';
import { dynamoBooks } from '../lib/adapters/aws/books-reader.ts';
import { sqsDeadLetters } from '../lib/adapters/aws/dead-letters.ts';
import { kmsOpener } from '../lib/adapters/aws/opener.ts';
import { sqsQueues } from '../lib/adapters/aws/queues.ts';
import { kmsSealer } from '../lib/adapters/aws/sealer.ts';
import { dynamoTable } from '../lib/adapters/aws/table.ts';
import { fileConnections } from '../lib/adapters/file/connections.ts';
import { openGateways } from '../lib/adapters/gateways/open.ts';
import { hmacHex, sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { powertoolsLog } from '../lib/adapters/powertools/log.ts';
import { readers } from '../lib/adapters/readers.ts';
import { openSources } from '../lib/adapters/sources/open.ts';
import { isAsked } from '../lib/adapters/sources/open-tended.ts';
import { randomIds, systemClock, systemPause } from '../lib/adapters/system/world.ts';
import { accountGate } from '../lib/app/account-gate.ts';
import { blindIndex } from '../lib/app/blind.ts';
import { openDoor } from '../lib/app/door.ts';
import type { Gateway } from '../lib/app/ports/gateway.ts';
import type { Log } from '../lib/app/ports/log.ts';
import { mostRecent, recentNotices } from '../lib/app/recent.ts';
import { unlimited, type VelocityLimits, velocity } from '../lib/app/velocity.ts';
import { embeddedFlood } from '../lib/domain/flood.ts';
import type { Policy } from '../lib/domain/policy.ts';
import { embedded } from '../lib/domain/tempo.ts';
import { type LocalAws, tableNames } from './aws.ts';
import { withSimulators } from './dev-connections.ts';
import { groupedWrites } from './grouped-writes.ts';
import { localLogger } from './logging.ts';

/** Up to this amount nobody is asked; above it a return is held for a person. */
export const policy: Policy = { version: 'embedded-1', approvalLimit: '500.00' };

/** Every adapter the functions of one machine need, over the AWS of that machine. */
export async function adapters(
  aws: LocalAws,
  of: {
    readonly connectionsFile: string;
    readonly url: () => string;
    /** Of the connections that the stack was started with; others, or all without it, share the common queue. */
    readonly platformOf?: (connection: string) => string | undefined;
    readonly log: Log;
    /** Each write a call of its own, as on AWS: for whoever counts them. */
    readonly alone?: boolean;
    readonly restored?: number;
    readonly limits?: VelocityLimits;
  },
) {
  const clock = systemClock;
  const file = await fileConnections(of.connectionsFile, clock);
  const connections = withSimulators(file, of.url);
  const vault = { client: aws.kms, keyArn: aws.keyArn };
  const sealer = kmsSealer(vault);
  const opener = kmsOpener(vault);
  const single = dynamoTable({ client: aws.dynamo, names: tableNames });
  const table = of.alone === true ? single : groupedWrites(single);
  return {
    table,
    books: dynamoBooks({ client: aws.dynamo, names: tableNames }),
    queues: sqsQueues({
      client: aws.sqs,
      urls: aws.queueUrls,
      executeAt: (connection) => aws.executeUrls.get(of.platformOf?.(connection) ?? ''),
    }),
    deadLetters: sqsDeadLetters({ client: aws.sqs, urls: aws.deadLetterUrls }),
    vault: { seal: sealer.seal, open: opener.open },
    connections,
    readers,
    credentials: file,
    isAsked,
    gateways: openGateways(file, { clock }),
    confirmed: new WeakSet<Gateway>(),
    sources: openSources(file, { clock }),
    blind: blindIndex(connections, hmacHex),
    clock,
    ids: randomIds,
    hash: sha256Hex,
    hashBytes: sha256Hex,
    door: openDoor(embeddedFlood),
    recent: recentNotices(mostRecent),
    pause: systemPause,
    velocity: velocity({ table, clock, ids: randomIds, pause: systemPause }, of.limits ?? unlimited),
    gate: accountGate({ table, clock, ids: randomIds, pause: systemPause, log: of.log, tempo: embedded }),
    log: of.log,
    tempo: embedded,
    installation: 'embedded',
    restored: of.restored ?? 0,
    policy,
  };
}

type Adapters = Awaited<ReturnType<typeof adapters>>;

/** What a function has for itself. */
export type Own = (name: string) => readonly [Adapters, Logger];

/**
 * Each function of one process has a log of its own, as on AWS: Powertools keeps the context of the invocation in the logger, and with one
 * for all of them a line would name whichever function began last.
 */
export function ownLogs(needs: Adapters, level: Parameters<typeof localLogger>[1]): Own {
  const made = new Map<string, readonly [Adapters, Logger]>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const logger = localLogger('redress', level);
    const own = [{ ...needs, log: powertoolsLog(logger) }, logger] as const;
    made.set(name, own);
    return own;
  };
}
