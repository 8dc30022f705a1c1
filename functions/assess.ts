import type { Logger } from '@aws-lambda-powertools/logger';
import { assessWork } from '../lib/app/assess.ts';
import type { AssessNeeds } from '../lib/app/decision.ts';
import { setAside, waitForUpgrade } from '../lib/app/set-aside.ts';
import { batchHandler, type Worker } from './batch.ts';
import { living } from './living.ts';

/** Returns become decisions. */
export const assessHandler = (
  needs: Omit<AssessNeeds, 'remainingMs'>,
  queue: Pick<Worker, 'read' | 'maxReceives'>,
  logger: Logger,
) =>
  batchHandler(
    {
      ...queue,
      log: needs.log,
      run: (work, context) => assessWork(living(needs, context), work),
      setAside: (work) => setAside(needs, work),
      waitForUpgrade: (work) => waitForUpgrade(needs, work),
    },
    logger,
  );
