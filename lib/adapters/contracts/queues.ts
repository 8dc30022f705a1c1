import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Queues } from '../../app/ports/queues.ts';
import { correlationId, parseMerchant } from '../../domain/ids.ts';
import type { QueueName, Work } from '../../domain/refund/work.ts';
import { controlStream } from '../../domain/streams.ts';

export interface QueuesUnderTest {
  readonly queues: Queues;
  /** Takes messages that are there to be taken until there are `count`, or gives what came in good time. */
  arrived(queue: QueueName, count: number): Promise<readonly Work[]>;
  /** How many messages wait for their delay to pass. */
  delayed(queue: QueueName): Promise<number>;
  stop?(): Promise<void>;
}

/** A hint that can be told from every other. */
export function work(queue: QueueName, number: number): Work {
  const merchant = parseMerchant('demo');
  if (merchant === undefined) throw new Error('not a merchant');
  return { queue, merchant, stream: controlStream(merchant), correlation: correlationId(`${number}`), leg: number };
}

const byLeg = (all: readonly Work[]) => all.toSorted((a, b) => (a.leg ?? 0) - (b.leg ?? 0));

/** What the port `Queues` promises, for any implementation. `make` is called once and gives empty queues. */
export function queuesContract(name: string, make: () => Promise<QueuesUnderTest>): void {
  describe(`${name} keep the promises of the port Queues`, () => {
    let made: QueuesUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => {
      await made.stop?.();
    });

    test('Each hint arrives on its own queue as it was sent.', async () => {
      const { leg: _, ...whole } = work('execute', 1);
      const sent = [work('assess', 0), whole, work('reconcile', 2)];
      await made.queues.send(sent);
      for (const one of sent) expect(await made.arrived(one.queue, 1)).toEqual([one]);
    });

    test('More hints than a batch holds all arrive.', async () => {
      const sent = Array.from({ length: 23 }, (_, number) => work('assess', number));
      await made.queues.send(sent);
      expect(byLeg(await made.arrived('assess', 23))).toEqual(sent);
    });

    test('The same hint twice is fine.', async () => {
      await made.queues.send([work('assess', 1), work('assess', 1)]);
      expect(await made.arrived('assess', 2)).toEqual([work('assess', 1), work('assess', 1)]);
    });

    test('Nothing to send is sent to nobody.', async () => {
      await expect(made.queues.send([])).resolves.toBeUndefined();
    });

    test('A delayed hint waits, however short or long its delay.', async () => {
      await made.queues.send([work('reconcile', 1)], 60_000);
      await made.queues.send([work('reconcile', 2)], 3_600_000);
      expect(await made.delayed('reconcile')).toBe(2);
    });
  });
}
