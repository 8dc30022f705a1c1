import { setTimeout as wait } from 'node:timers/promises';
import type { Measure } from '../measure.ts';
import { quantile, row } from '../row.ts';
import { type StackProcess, startStackProcess, until } from '../stack-client.ts';
import { withFolder } from '../temporary.ts';

const perSecond = 20;

/** From webhook to gateway call at a steady twenty returns per second. */
export const latency: Measure = ({ quick, progress }) =>
  withFolder(async (data) => {
    const seconds = quick ? 2 : 45;
    const names = Array.from({ length: perSecond * seconds }, (_, index) => `steady${index}`);
    const stack = await startStackProcess(data);
    try {
      await stack.pay(names);
      // Their webhooks are news of their own; what is measured begins on a quiet stack.
      await wait(quick ? 1000 : 10_000);
      const sent = await sendEvenly(stack, names);
      await until(() => stack.refundCalls().length >= names.length, 60_000);
      const calls = new Map(stack.refundCalls().map(({ payment, atMs }) => [payment, atMs]));
      const waits = sent.map(({ payment, sentAt }) => (calls.get(payment) ?? Number.NaN) - sentAt);
      progress(`latency: p50 ${quantile(waits, 0.5)} ms, p99 ${quantile(waits, 0.99)} ms of ${waits.length}`);
      const common = { unit: 's', n: waits.length };
      return [
        row({ ...common, name: 'latency.p50', value: quantile(waits, 0.5) / 1000, goal: '<= 1' }),
        row({ ...common, name: 'latency.p99', value: quantile(waits, 0.99) / 1000, goal: '<= 3' }),
      ];
    } finally {
      await stack.stop();
    }
  });

/** On the schedule, however late the answers are: a slow system does not slow its customers down. */
async function sendEvenly(stack: StackProcess, names: readonly string[]) {
  const startedAt = performance.now();
  const sending: ReturnType<StackProcess['send']>[] = [];
  for (const [index, name] of names.entries()) {
    const dueIn = startedAt + (index * 1000) / perSecond - performance.now();
    if (dueIn > 0) await wait(dueIn);
    sending.push(stack.send(name));
  }
  return await Promise.all(sending);
}
