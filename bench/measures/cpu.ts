import { once } from 'node:events';
import { child, messageOf } from '../child.ts';
import type { Measure } from '../measure.ts';
import type { CpuSamples } from '../process/cpu.ts';
import { median, type Row, row } from '../row.ts';

/** CPU time of this process around the real handlers, in rounds side by side, medians over the rounds. */
export const cpu: Measure = async ({ quick, progress }) => {
  const [rounds, invocations] = quick ? [2, 64] : [15, 640];
  const process = child('cpu', [rounds, invocations]);
  const exited = once(process, 'exit');
  const samples = await messageOf<CpuSamples>(process);
  await exited;
  const microseconds = (of: keyof CpuSamples) => median(samples[of]);
  progress(
    `cpu: first ${microseconds('ours-first').toFixed(0)} µs against ${microseconds('baseline-first').toFixed(0)}, duplicate ${microseconds('ours-duplicate').toFixed(0)} against ${microseconds('baseline-duplicate').toFixed(0)}`,
  );
  const figure = (kind: 'first' | 'duplicate' | 'elsewhere', goal?: string): Row[] => {
    const common = { unit: 'µs', n: rounds * invocations };
    const against = { name: `cpu.baseline-${kind}`, value: microseconds(`baseline-${kind}`) };
    return [
      row({ ...common, name: `cpu.${kind}`, value: microseconds(`ours-${kind}`), against, ...(goal && { goal }) }),
      row({ ...common, ...against }),
    ];
  };
  return [...figure('first', '<= 0.5'), ...figure('duplicate', '<= 1'), ...figure('elsewhere')];
};
