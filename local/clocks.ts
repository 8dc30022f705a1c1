import type { Logger } from '@aws-lambda-powertools/logger';
import { sweepHandler } from '../functions/sweep.ts';
import { tendHandler } from '../functions/tend.ts';
import type { MerchantId } from '../lib/domain/ids.ts';
import { startClockWork } from './clock-work.ts';
import { lambda } from './lambda.ts';
import type { adapters } from './needs.ts';
import type { Report, Running } from './running.ts';

interface Clocks {
  readonly needs: Awaited<ReturnType<typeof adapters>>;
  readonly merchants: readonly MerchantId[];
  readonly logger: Logger;
  readonly report: Report;
}

/** What runs by the clock: whatever is due, and what shops deliver to us. */
export const startClocks = ({ needs, merchants, logger, report }: Clocks): Running[] => [
  startClockWork({
    name: 'sweep',
    everyMs: 1000,
    invoke: lambda({ name: 'sweep', timeoutMs: 10_000 }, sweepHandler(needs, logger)),
    now: () => Date.now(),
    report,
  }),
  startClockWork({
    name: 'tend',
    everyMs: 60_000,
    invoke: lambda({ name: 'tend', timeoutMs: 60_000 }, tendHandler({ ...needs, merchants }, logger)),
    now: () => Date.now(),
    report,
  }),
];
