import { Logger } from '@aws-lambda-powertools/logger';
import { receiveReturn } from '../functions/receive-return.ts';
import { powertoolsLog } from '../lib/adapters/powertools/log.ts';
import { type LocalAws, startAws } from '../local/aws.ts';
import { openDataFolder } from '../local/data-folder.ts';
import { writeConnections } from '../local/dev-connections.ts';
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
  readonly baseline: ReturnType<typeof baselineHandler>;
}

/** Starts the engines in a folder of its own and ends them when `work` has ended. */
export const withEnvironment = <T>(
  logLevel: 'INFO' | 'SILENT',
  work: (environment: Environment) => Promise<T>,
): Promise<T> =>
  withFolder(async (path) => {
    const opened = openDataFolder(path);
    if (opened.is === 'in-use') throw new Error(`process ${opened.pid} has a fresh folder`);
    const { folder } = opened;
    const aws = await startAws(folder);
    try {
      await createBaselineTables(aws.dynamo);
      const { path: connectionsFile, content } = await writeConnections(folder, undefined);
      const secret = content.connections['generic-demo']?.verifySecrets[0] ?? '';
      // On stdout, as on Lambda; processes of the bench throw theirs away.
      const logger = new Logger({ serviceName: 'bench', logLevel });
      const needs = await adapters(aws, {
        connectionsFile,
        url: () => 'http://127.0.0.1:1',
        log: powertoolsLog(logger),
      });
      const queueUrl = aws.queueUrls.execute;
      const baseline = baselineHandler({ dynamo: aws.dynamo, sqs: aws.sqs, queueUrl, secret, logger });
      return await work({ aws, secret, logger, ours: receiveReturn(needs, logger), baseline });
    } finally {
      await aws.stop();
      folder.release();
    }
  });
