import type { Queues } from '../../app/ports/queues.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Work } from '../../domain/refund/work.ts';
import { delaySeconds } from '../kit/delay.ts';

export interface Hint {
  readonly work: Work;
  /** Whole seconds as a multiple of 1000: what a real queue makes of the delay it is given. */
  readonly delayMs: number;
}

export interface MemoryQueues extends Queues {
  /** Everything sent and not yet taken, in order, and takes it. Delivering late, twice or never is the taker's business. */
  take(): readonly Hint[];
  /** The same without taking it. */
  waiting(): readonly Hint[];
}

/** The port `Queues` in memory. `fault` is asked once per call: how many of the messages are sent before it fails. */
export function memoryQueues(fault: (work: readonly Work[]) => number | undefined = () => undefined): MemoryQueues {
  let hints: Hint[] = [];
  return {
    async send(work, delayMs = 0) {
      const failsAfter = fault(work);
      const delay = delaySeconds(delayMs) * 1000;
      hints.push(...work.slice(0, failsAfter).map((one) => ({ work: one, delayMs: delay })));
      if (failsAfter !== undefined) throw new Unavailable('queues');
    },
    take() {
      const taken = hints;
      hints = [];
      return taken;
    },
    waiting: () => hints,
  };
}
