import type { Logger } from '@aws-lambda-powertools/logger';
import { tend } from '../lib/app/tend.ts';
import type { TendNeeds } from '../lib/app/tend-turn.ts';
import { living } from './living.ts';
import { observed } from './observed.ts';

/** By the clock: looks after what shops deliver to us. */
export const tendHandler = (needs: Omit<TendNeeds, 'remainingMs'>, logger: Logger) =>
  observed<unknown, { readonly tended: number }>(logger, async (_, context) => ({
    tended: await tend(living(needs, context)),
  }));
