import type { Logger } from '@aws-lambda-powertools/logger';
import { executeWork } from '../lib/app/execute.ts';
import { setAside, waitForUpgrade } from '../lib/app/set-aside.ts';
import type { ExecuteNeeds } from '../lib/app/turn.ts';
import { batchHandler, type Worker } from './batch.ts';
import { living } from './living.ts';

/** Approved legs become requests to gateways. Each request is started only if this invocation can also see its end (F87). */
export const executeHandler = (
  needs: Omit<ExecuteNeeds, 'remainingMs'>,
  queue: Pick<Worker, 'read' | 'maxReceives'>,
  logger: Logger,
) =>
  batchHandler(
    {
      ...queue,
      log: needs.log,
      run: (work, context) => executeWork(living(needs, context), work),
      setAside: (work) => setAside(needs, work),
      waitForUpgrade: (work) => waitForUpgrade(needs, work),
    },
    logger,
  );
