import { Logger } from '@aws-lambda-powertools/logger';
import { receiveReturn } from '../functions/receive-return.ts';
import { powertoolsLog } from '../lib/adapters/powertools/log.ts';
import { openDoor } from '../lib/app/door.ts';
import { recentNotices } from '../lib/app/recent.ts';
import { type LocalAws, startAws } from '../local/aws.ts';
import { openDataFolder } from '../local/data-folder.ts';
import { signingSecret, writeConnections } from '../local/dev-connections.ts';
import { adapters } from '../local/needs.ts';
import { baselineHandler } from './baseline/handler.ts';
import { createBaselineTables } from './baseline/tables.ts';
import { withFolder } from './temporary.ts';

/** Both ways to accept a webhook over one set of engines: ours, and what it is compared with. */
export interface Environment {
  readonly aws: LocalAws;
  readonly secret: string;
  readonly logger: Logger;
  readonly ours: ReturnType<typeof receiveReturn>;
  /** Remembers nothing of what it recorded, as an environment that has just started. */
  readonly oursElsewhere: ReturnType<typeof receiveReturn>;
  readonly baseline: ReturnType<typeof baselineHandler>;
}

const rate = { perSecond: 1_000_000, burst: 1_000_000 };
const wide = { connection: rate, merchant: rate };

/**
 * Starts the engines in a folder of its own and ends them when `work` has ended. `grouped`: writers share transactions, as they do on one
 * machine; without it each write is a call of its own, as on AWS.
 */
export const withEnvironment = <T>(
  logLevel: 'INFO' | 'SILENT',
  work: (environment: Environment) => Promise<T>,
  { grouped = false } = {},
): Promise<T> =>
  withFolder(async (path) => {
    const opened = openDataFolder(path);
    if (opened.is === 'in-use') throw new Error(`process ${opened.pid} has a fresh folder`);
    const { folder } = opened;
    const aws = await startAws(folder);
    try {
      await createBaselineTables(aws.dynamo);
      const { path: connectionsFile, content } = await writeConnections(folder, undefined);
      const secret = signingSecret(content.connections['generic-demo'], Date.now()) ?? '';
      // On stdout, as on Lambda; processes of the bench throw theirs away.
      const logger = new Logger({ serviceName: 'bench', logLevel });
      const needs = await adapters(aws, {
        connectionsFile,
        url: () => 'http://127.0.0.1:1',
        log: powertoolsLog(logger),
        alone: !grouped,
      });
      const queueUrl = aws.queueUrls.execute;
      const baseline = baselineHandler({ dynamo: aws.dynamo, sqs: aws.sqs, queueUrl, secret, logger });
      // The other side has no door; what is measured is the way of a webhook that is let in.
      const ours = receiveReturn({ ...needs, door: openDoor(wide) }, logger);
      const oursElsewhere = receiveReturn({ ...needs, door: openDoor(wide), recent: recentNotices(0) }, logger);
      return await work({ aws, secret, logger, ours, oursElsewhere, baseline });
    } finally {
      await aws.stop();
      folder.release();
    }
  });
