import { child, messageOf } from '../child.ts';
import type { Measure } from '../measure.ts';
import type { AtLength } from '../process/flat.ts';
import { type Row, row } from '../row.ts';

/** A hundred thousand refunds take ten minutes and 14 GB to lay down: they are asked for by this. */
const asked = process.env.REDRESS_BENCH_LENGTHS?.split(',').map(Number);

/** What a refund costs while the journal grows. */
export const flat: Measure = async ({ quick, progress }) => {
  const [batch, lengths] = quick ? [4, [10, 40]] : [200, asked ?? [1_000, 10_000]];
  const found = await messageOf<readonly AtLength[]>(child('flat', [batch, ...lengths]), progress);
  const [first] = found;
  return found.flatMap((one) => [
    ...figures(one, first, batch, 'table-calls', 'tableCalls', 'DynamoDB calls'),
    ...figures(one, first, batch, 'write-units', 'writeUnits', 'write units'),
    ...figures(one, first, batch, 'read-units', 'readUnits', 'read units'),
    ...figures(one, first, batch, 'cpu', 'cpuMs', 'ms'),
    ...figures(one, first, batch, 'engine-cpu', 'engineCpuMs', 'ms'),
    ...figures(one, first, batch, 'wall', 'wallMs', 'ms'),
  ]);
};

function figures(
  one: AtLength,
  first: AtLength | undefined,
  batch: number,
  name: string,
  of: keyof AtLength,
  unit: string,
): Row[] {
  const figure = { name: `flat.${name}-${one.refunds}`, value: one[of], unit, n: batch };
  if (first === undefined || first === one) return [row(figure)];
  return [row({ ...figure, against: { name: `flat.${name}-${first.refunds}`, value: first[of] }, goal: '<= 1.1' })];
}
