import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter, DeadLetters } from '../../app/ports/dead-letters.ts';
import type { QueueName, Work } from '../../domain/refund/work.ts';
import { work } from './queues.ts';

export interface DeadLettersUnderTest {
  readonly deadLetters: DeadLetters;
  /** What was given up on that queue; undefined is a message that is none of ours. */
  put(queue: QueueName, work: readonly (Work | undefined)[]): Promise<void>;
  stop?(): Promise<void>;
}

/** What the port `DeadLetters` promises, for any implementation. `make` is called once and gives none. */
export function deadLettersContract(name: string, make: () => Promise<DeadLettersUnderTest>): void {
  describe(`${name} keep the promises of the port DeadLetters`, () => {
    let made: DeadLettersUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => {
      await made.stop?.();
    });

    /** Until there are `count`, or none are to be had. */
    async function takeAll(queue: QueueName, count: number): Promise<DeadLetter[]> {
      const all: DeadLetter[] = [];
      while (all.length < count) {
        const taken = await made.deadLetters.take(queue);
        expect(taken.length).toBeLessThanOrEqual(10);
        if (taken.length === 0) break;
        all.push(...taken);
      }
      return all;
    }

    test('What was given up is taken a few at a time, each once, from its own queue, and is gone when removed.', async () => {
      const given = Array.from({ length: 13 }, (_, number) => work('assess', number));
      await made.put('assess', given);
      await made.put('execute', [work('execute', 99)]);
      const taken = await takeAll('assess', 13);
      expect(taken.map((one) => one.work?.leg ?? -1).sort((a, b) => a - b)).toEqual(given.map(({ leg }) => leg));
      await made.deadLetters.remove('assess', taken);
      expect(await made.deadLetters.take('assess')).toEqual([]);
      expect((await takeAll('execute', 1)).map((one) => one.work)).toEqual([work('execute', 99)]);
    });

    test('What is no message of ours is taken as such.', async () => {
      await made.put('reconcile', [undefined]);
      expect(await takeAll('reconcile', 1)).toMatchObject([{ work: undefined }]);
    });
  });
}
