import type { Logger } from '@aws-lambda-powertools/logger';
import { type SweepNeeds, sweep } from '../lib/app/sweep.ts';
import { observed } from './observed.ts';

/** By the clock: asks for whatever is due and has not moved. */
export const sweepHandler = (needs: SweepNeeds, logger: Logger) =>
  observed<unknown, { readonly asked: number }>(logger, async () => ({ asked: await sweep(needs) }));
