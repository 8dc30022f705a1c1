import type { Work } from '../../domain/refund/work.ts';

/** Hints. A message says "look at this"; the worker re-reads the journal and does nothing where the work is done. */
export interface Queues {
  /** All are sent, or it throws `Unavailable` (some may have been sent: hints may repeat). `delayMs` at most 15 minutes, rounded up to a second. */
  send(work: readonly Work[], delayMs?: number): Promise<void>;
}
