import type { Logger } from '@aws-lambda-powertools/logger';
import { type NotifyNeeds, notifyWork } from '../lib/app/notify.ts';
import { setAside, waitForUpgrade } from '../lib/app/set-aside.ts';
import { batchHandler, type Worker } from './batch.ts';
import { living } from './living.ts';

/** Refunds that are done become known to the shop. */
export const notifyHandler = (
  needs: Omit<NotifyNeeds, 'remainingMs'>,
  queue: Pick<Worker, 'read' | 'maxReceives'>,
  logger: Logger,
) =>
  batchHandler(
    {
      ...queue,
      log: needs.log,
      run: (work, context) => notifyWork(living(needs, context), work),
      setAside: (work) => setAside(needs, work),
      waitForUpgrade: (work) => waitForUpgrade(needs, work),
    },
    logger,
  );
