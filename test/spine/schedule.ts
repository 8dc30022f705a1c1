import type { SettableClock } from '../../lib/adapters/memory/world.ts';
import { type Instant, plus } from '../../lib/domain/time.ts';

interface Waiting {
  readonly at: Instant;
  readonly run: () => Promise<void> | void;
}

/** Virtual time: what happens when. Things due at once happen one after the other, or, in a crowd, side by side. */
export function schedule(clock: SettableClock, crowd: boolean) {
  const waiting: Waiting[] = [];

  const takeDue = (): Waiting[] => {
    const due = waiting.filter((one) => one.at <= clock.now()).sort((a, b) => a.at - b.at);
    const now = crowd ? due : due.slice(0, 1);
    for (const one of now) waiting.splice(waiting.indexOf(one), 1);
    return now;
  };
  return {
    later: (ms: number, run: Waiting['run']): void => void waiting.push({ at: plus(clock.now(), ms), run }),
    count: (): number => waiting.length,
    /** Runs what is due; false where nothing was. */
    runDue: async (): Promise<boolean> => {
      const due = takeDue();
      await Promise.all(due.map((one) => one.run()));
      return due.length > 0;
    },
    nextAt: (): Instant | undefined =>
      waiting.reduce<Instant | undefined>(
        (first, { at }) => (first === undefined || at < first ? at : first),
        undefined,
      ),
  };
}
