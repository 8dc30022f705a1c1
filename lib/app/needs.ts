import type { Tempo } from '../domain/tempo.ts';
import type { JournalNeeds } from './journal.ts';
import type { Log } from './ports/log.ts';
import type { Clock, Pause } from './ports/world.ts';

/** What every use case that writes needs. Each names what else it may touch in its own first argument. */
export interface Needs extends JournalNeeds {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Log;
  readonly tempo: Tempo;
  /** Names this installation in idempotency keys: two on one gateway account don't take each other's refunds for their own. */
  readonly installation: string;
  /** The restore epoch of this deployment: how often its tables were put back to an earlier instant. 0 where they never were. */
  readonly restored: number;
}
