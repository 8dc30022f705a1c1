import type { Measure } from '../measure.ts';
import { median, row } from '../row.ts';
import { startStackProcess } from '../stack-client.ts';
import { withFolder } from '../temporary.ts';

/** How long `npm start` takes to be ready, the first time and afterwards. */
export const ready: Measure = async ({ quick, progress }) => {
  const rounds = quick ? 1 : 5;
  const fresh: number[] = [];
  const used: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    await withFolder(async (data) => {
      for (const times of [fresh, used]) {
        const stack = await startStackProcess(data);
        times.push(stack.readyMs);
        await stack.stop();
      }
    });
  progress(`ready: ${median(fresh).toFixed(0)} ms on a new folder, ${median(used).toFixed(0)} ms on a used one`);
  const common = { unit: 'ms', n: rounds };
  return [
    row({ ...common, name: 'ready.new-folder', value: median(fresh) }),
    row({ ...common, name: 'ready.used-folder', value: median(used) }),
  ];
};
