import type { Item } from '../lib/app/ports/table.ts';
import type { JournalChange } from '../lib/app/relay.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** Hands records to a relay; false where it failed or died. */
export type Relaying = (changes: readonly JournalChange[]) => Promise<boolean>;

const mostTries = 5;

/** The journal's stream: in order, at least once, sometimes twice, and gone after some tries or after a day nobody read it. */
export function journalStream(world: { readonly time: Scheduler; readonly faults: Faults }, relaying: Relaying) {
  const { time, faults } = world;
  const waiting: JournalChange[] = [];
  let running = false;

  const run = async (changes: readonly JournalChange[], tries: number): Promise<void> => {
    const fault = faults.strike('stream', ['stream-lost', 'stream-twice']);
    if (fault === 'stream-lost') return next();
    const done = await relaying(changes);
    if (!done && tries < mostTries) {
      time.after(1000 * 2 ** tries, 'stream again', () => run(changes, tries + 1));
      return;
    }
    if (fault === 'stream-twice') await relaying(changes);
    next();
  };
  const next = (): void => {
    running = false;
    if (waiting.length > 0) start();
  };
  const start = (): void => {
    if (running) return;
    running = true;
    time.after(5, 'stream', () => {
      const changes = waiting.splice(0, 25);
      return run(changes, 1);
    });
  };
  return {
    /** With its region: what was not handed over is not handed over any more. */
    lose: () => {
      waiting.length = 0;
    },
    inserted: (item: Item): void => {
      waiting.push({
        is: 'inserted',
        stored: { number: Number(item.sk), body: String(item.body), digest: String(item.digest) },
      });
      start();
    },
  };
}
