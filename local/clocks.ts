import { sweepHandler } from '../functions/sweep.ts';
import { tendHandler } from '../functions/tend.ts';
import type { MerchantId } from '../lib/domain/ids.ts';
import { startClockWork } from './clock-work.ts';
import { lambda } from './lambda.ts';
import type { Own } from './needs.ts';
import type { Report, Running } from './running.ts';

interface Clocks {
  readonly own: Own;
  readonly merchants: readonly MerchantId[];
  readonly report: Report;
}

/** What runs by the clock: whatever is due, and what shops deliver to us. */
export const startClocks = ({ own, merchants, report }: Clocks): Running[] => [
  startClockWork({
    name: 'sweep',
    everyMs: 1000,
    invoke: lambda({ name: 'sweep', timeoutMs: 10_000 }, sweepHandler(...own('sweep'))),
    now: () => Date.now(),
    report,
  }),
  startClockWork({
    name: 'tend',
    everyMs: 60_000,
    invoke: lambda({ name: 'tend', timeoutMs: 60_000 }, tending(own, merchants)),
    now: () => Date.now(),
    report,
  }),
];

function tending(own: Own, merchants: readonly MerchantId[]) {
  const [needs, logger] = own('tend');
  return tendHandler({ ...needs, merchants }, logger);
}
