import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { startStackProcess, until } from '../stack-client.ts';
import { withFolder } from '../temporary.ts';

/** Refunds per second of the embedded stack, from the first webhook to the last call of the gateway. */
export const throughput: Measure = ({ quick, progress }) =>
  withFolder(async (data) => {
    const names = Array.from({ length: quick ? 20 : 600 }, (_, index) => `burst${index}`);
    const stack = await startStackProcess(data);
    try {
      await stack.pay(names);
      const queue = [...names];
      const startedAt = Date.now();
      const worker = async () => {
        for (let name = queue.pop(); name !== undefined; name = queue.pop()) await stack.send(name);
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      await until(async () => (await stack.refundsMade()) >= names.length, 120_000);
      const last = Math.max(...stack.refundCalls().map(({ atMs }) => atMs));
      const perSecond = (names.length * 1000) / (last - startedAt);
      progress(`throughput: ${perSecond.toFixed(1)} refunds per second`);
      return [row({ name: 'throughput.refunds', value: perSecond, unit: 'per second', n: names.length })];
    } finally {
      await stack.stop();
    }
  });
