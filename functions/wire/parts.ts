import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { dynamoTable } from '../../lib/adapters/aws/table.ts';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import { powertoolsLog } from '../../lib/adapters/powertools/log.ts';
import { measuredLog, metricsOf } from '../../lib/adapters/powertools/measured-log.ts';
import { randomIds, systemClock, systemPause } from '../../lib/adapters/system/world.ts';
import { daemonAt } from '../../lib/adapters/xray/daemon.ts';
import { tracedLog } from '../../lib/adapters/xray/traced-log.ts';
import type { Log } from '../../lib/app/ports/log.ts';
import { production } from '../../lib/domain/tempo.ts';
import { type Env, required, restoredIn } from './env.ts';

/** What every function has: its clock, its log, its tables. One for each environment; nothing here asks anybody anything. */
export function common(env: Env, serviceName: string) {
  const of = required(env, ['REDRESS_INSTALLATION', 'REDRESS_METRICS', 'REDRESS_JOURNAL_TABLE', 'REDRESS_STATE_TABLE']);
  const logger = new Logger({ serviceName });
  return {
    logger,
    log: traced(env, measuredLog(powertoolsLog(logger), metricsOf(of.REDRESS_METRICS))),
    table: dynamoTable(tablesOf(env)),
    clock: systemClock,
    ids: randomIds,
    hash: sha256Hex,
    hashBytes: sha256Hex,
    pause: systemPause,
    tempo: production,
    installation: of.REDRESS_INSTALLATION,
    restored: restoredIn(env),
  };
}

/** In the trace too, where there is a daemon: `_X_AMZN_TRACE_ID` is another one for each invocation. */
function traced(env: Env, log: Log): Log {
  const tell = daemonAt(env.AWS_XRAY_DAEMON_ADDRESS);
  if (tell === undefined) return log;
  const platforms = (env.REDRESS_GATEWAYS ?? '').split(',').map((pair) => pair.split('=') as [string, string]);
  return tracedLog(
    log,
    { tell, trace: () => env._X_AMZN_TRACE_ID, clock: systemClock, ids: randomIds },
    new Map(platforms),
  );
}

/** The tables, and a client for them. */
export function tablesOf(env: Env) {
  const of = required(env, ['REDRESS_JOURNAL_TABLE', 'REDRESS_STATE_TABLE']);
  const client = quiet(new DynamoDBClient({ ...clientLimits() }));
  return { client, names: { journal: of.REDRESS_JOURNAL_TABLE, state: of.REDRESS_STATE_TABLE } };
}

export type Common = ReturnType<typeof common>;

/** As the redrive policy of each queue has it (`stacks/queues.ts`). */
export const maxReceives = 5;
