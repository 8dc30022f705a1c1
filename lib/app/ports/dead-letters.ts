import type { QueueName, Work } from '../../domain/refund/work.ts';

/** Hints that were handed over as often as their queue does that, and never done. Each queue has a place for its own. */
export interface DeadLetters {
  /**
   * Some of what was given up on that kind of work, at most ten from each of its queues; none where there is none to be had now. What is taken is hidden for a while and
   * comes back unless it is removed. Throws `Unavailable`.
   */
  take(queue: QueueName): Promise<readonly DeadLetter[]>;
  /** For ever. One that can't be removed comes back: hints may repeat. Throws `Unavailable`. */
  remove(queue: QueueName, letters: readonly DeadLetter[]): Promise<void>;
}

export interface DeadLetter {
  /** Names it for `remove`; good for as long as it is hidden. */
  readonly receipt: string;
  /** Undefined for what is no message of ours. */
  readonly work: Work | undefined;
}
