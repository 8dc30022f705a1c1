import { expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { QueueName } from '../../domain/refund/work.ts';
import { queuesContract, work } from '../contracts/queues.ts';
import { type Hint, memoryQueues } from './queues.ts';

queuesContract('The memory queues', async () => {
  const queues = memoryQueues();
  const seen: Hint[] = [];
  const of = (queue: QueueName, isDelayed: boolean) =>
    seen.filter((hint) => hint.work.queue === queue && hint.delayMs > 0 === isDelayed);
  return {
    queues,
    async arrived(queue) {
      seen.push(...queues.take());
      const there = of(queue, false);
      for (const hint of there) seen.splice(seen.indexOf(hint), 1);
      return there.map((hint) => hint.work);
    },
    async delayed(queue) {
      seen.push(...queues.take());
      return of(queue, true).length;
    },
  };
});

test('Taking empties the queues, looking does not, and delays are whole seconds up to 15 minutes.', async () => {
  const queues = memoryQueues();
  await queues.send([work('assess', 1)], 1);
  await queues.send([work('assess', 2)], 10 ** 9);
  expect(queues.waiting().map((hint) => hint.delayMs)).toEqual([1000, 900_000]);
  expect(queues.take()).toHaveLength(2);
  expect(queues.take()).toEqual([]);
});

test('F32 A call that fails in between has sent what came before.', async () => {
  const queues = memoryQueues(() => 1);
  await expect(queues.send([work('assess', 1), work('assess', 2)])).rejects.toThrow(Unavailable);
  expect(queues.take().map((hint) => hint.work.leg)).toEqual([1]);
});
