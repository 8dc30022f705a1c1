import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import { type Instant, minute } from '../../domain/time.ts';

/** What the ports allow; secrets that were taken back work no longer than this while their store can be read. */
const cacheMs = 5 * minute;

/**
 * While it can't, what was read last is used for so long: a store that restarts must not cost every webhook a 503. No longer, since a
 * secret that was taken back would work for as long as somebody keeps the store away (F21).
 */
const staleMs = 15 * minute;

/**
 * Reads at the first call, again after five minutes, and for a quarter of an hour since the last good reading uses that where reading
 * fails; after it calls throw `Unavailable`. A failed reading is not kept: the next call tries again. `first`: what was read just now.
 */
export function readNowAndThen<T>(read: () => Promise<T>, clock: Clock, first?: T): () => Promise<T> {
  let good: Good<T> | undefined = first === undefined ? undefined : { readAt: clock.now(), made: first };
  let cached: Reading<T> | undefined = good && { readAt: good.readAt, made: Promise.resolve<T>(good.made) };
  return async () => {
    const age = cached === undefined ? cacheMs : clock.now() - cached.readAt;
    const used = cached === undefined || age >= cacheMs || age < 0 ? { readAt: clock.now(), made: read() } : cached;
    cached = used;
    try {
      const made = await used.made;
      if (cached === used) good = { readAt: used.readAt, made };
      return made;
    } catch (error) {
      if (cached === used) cached = undefined;
      const stale = good === undefined ? staleMs : clock.now() - good.readAt;
      if (good !== undefined && stale >= 0 && stale < staleMs) return good.made;
      throw new Unavailable('connections', error);
    }
  };
}

interface Reading<T> {
  readonly readAt: Instant;
  readonly made: Promise<T>;
}

interface Good<T> {
  readonly readAt: Instant;
  readonly made: T;
}
