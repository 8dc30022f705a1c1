import type { Logger } from '@aws-lambda-powertools/logger';
import { type ReconcileNeeds, reconcileWork } from '../lib/app/reconcile.ts';
import { setAside, waitForUpgrade } from '../lib/app/set-aside.ts';
import { batchHandler, type Worker } from './batch.ts';
import { living } from './living.ts';

/** Gateways' news and polls become evidence. */
export const reconcileHandler = (
  needs: Omit<ReconcileNeeds, 'remainingMs'>,
  queue: Pick<Worker, 'read' | 'maxReceives'>,
  logger: Logger,
) =>
  batchHandler(
    {
      ...queue,
      log: needs.log,
      run: (work, context) => reconcileWork(living(needs, context), work),
      setAside: (work) => setAside(needs, work),
      waitForUpgrade: (work) => waitForUpgrade(needs, work),
    },
    logger,
  );
