import { createHash } from 'node:crypto';
import type { Clock, Ids } from '../../app/ports/world.ts';
import { type Instant, plus } from '../../domain/time.ts';

/** A clock that stands until it is moved. */
export interface SettableClock extends Clock {
  set(at: Instant): void;
  advance(ms: number): void;
}

export function settableClock(start: Instant): SettableClock {
  let now = start;
  return {
    now: () => now,
    set: (at) => {
      now = at;
    },
    advance: (ms) => {
      now = plus(now, ms);
    },
  };
}

/** Ids that are the same in every run with the same seed: 128 bits of SHA-256 over seed and counter, as hex. */
export function seededIds(seed: string): Ids {
  let counter = 0;
  return {
    random: () => createHash('sha256').update(`${seed}#${counter++}`).digest('hex').slice(0, 32),
  };
}
