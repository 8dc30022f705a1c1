import { child, messageOf } from '../child.ts';
import type { Measure } from '../measure.ts';
import type { Metered } from '../meter.ts';
import { row } from '../row.ts';

/** What one refund consumes of AWS, from the capture of its payment to the last news of it. */
export const units: Measure = async ({ quick, progress }) => {
  const count = quick ? 1 : 10;
  const sum = await messageOf<Metered>(child('units', [count]));
  const each = (name: keyof Metered) => sum[name] / count;
  progress(
    `units: ${each('writeUnits')} write units, ${each('readUnits')} read units, ${each('tableCalls')} table calls`,
  );
  const figure = (name: string, of: keyof Metered, unit: string) =>
    row({ name: `units.${name}`, value: each(of), unit, n: count });
  return [
    figure('write', 'writeUnits', 'write units'),
    figure('write-journal', 'journalWriteUnits', 'write units'),
    figure('write-indexes', 'indexWriteUnits', 'write units'),
    figure('read', 'readUnits', 'read units'),
    figure('table-calls', 'tableCalls', 'DynamoDB calls'),
    figure('queue-sends', 'queueSends', 'SQS calls'),
    figure('queue-receives', 'queueReceives', 'SQS calls'),
    figure('queue-deletes', 'queueDeletes', 'SQS calls'),
    figure('kms-calls', 'kmsCalls', 'KMS calls'),
  ];
};
