import type { SettableClock } from '../../lib/adapters/memory/world.ts';
import { type Instant, plus } from '../../lib/domain/time.ts';

interface Waiting {
  readonly at: Instant;
  readonly run: () => Promise<void> | void;
}

/** Virtual time: what happens when. Things due at once happen one after the other, or, in a crowd, side by side. */
export function schedule(clock: SettableClock, crowd: boolean) {
  /** In order: by time, and of one time as they came. */
  const waiting: Waiting[] = [];

  const firstAfter = (at: Instant): number => {
    let low = 0;
    let high = waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((waiting[middle]?.at ?? at) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const takeDue = (): Waiting[] => {
    const due = firstAfter(clock.now());
    return waiting.splice(0, crowd ? due : Math.min(due, 1));
  };
  return {
    later: (ms: number, run: Waiting['run']): void => {
      const at = plus(clock.now(), ms);
      waiting.splice(firstAfter(at), 0, { at, run });
    },
    count: (): number => waiting.length,
    /** Runs what is due; false where nothing was. */
    runDue: async (): Promise<boolean> => {
      const due = takeDue();
      await Promise.all(due.map((one) => one.run()));
      return due.length > 0;
    },
    nextAt: (): Instant | undefined => waiting[0]?.at,
  };
}
