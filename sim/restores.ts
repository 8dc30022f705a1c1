import type { MemoryTable } from '../lib/adapters/memory/table.ts';
import type { Chances } from './chance.ts';
import type { deployments } from './deployments.ts';
import type { functionEnvironments } from './functions.ts';
import type { Scheduler } from './scheduler.ts';
import type { Witness } from './witness.ts';

/** One restore of both tables to one instant: what happened between `point` and `gone` is forgotten. In virtual ms from the beginning. */
export interface Restore {
  readonly point: number;
  /** All that runs is gone. Queues and the stream keep what they have. */
  readonly gone: number;
  /** A deployment of the next restore epoch runs over tables as they were at `point`. */
  readonly back: number;
}

/** At most so many in a life of that profile, one after the other; each may go back before the one before it. */
export function restoresOf(chance: Pick<Chances, 'fixed'>, most: number, spanMs: number): readonly Restore[] {
  const times = most === 0 ? 0 : 1 + Math.floor(chance.fixed('restores') * most);
  return Array.from({ length: times }, (_, n) => {
    const is = (what: string) => chance.fixed(`restore ${n} ${what}`);
    const gone = Math.floor(((n + 0.15 + 0.8 * is('gone')) / times) * spanMs);
    const point = Math.floor(gone * (1 - is('point') ** 2));
    // Mostly it takes a while until somebody has restored tables; now and then nobody would believe how quick it was.
    const away = is('quick') < 0.3 ? is('away') * 5000 : is('away') * 0.2 * spanMs;
    return { point, gone, back: gone + 1 + Math.floor(away) };
  });
}

export type Dump = ReturnType<MemoryTable['dump']>;

/** The hands of whoever restores: what a life has to be able to do for it. */
export function restoring(
  time: Scheduler,
  of: {
    readonly stored: MemoryTable;
    readonly index: { rebuilt(items: Dump['state']): void };
    readonly functions: Pick<ReturnType<typeof functionEnvironments>, 'lose' | 'comeBack'>;
    readonly deployed: Pick<ReturnType<typeof deployments>, 'deploy'>;
    readonly witness: Pick<Witness, 'restored'>;
    readonly wake: (at: number) => void;
  },
) {
  const { stored, index, functions, deployed, witness, wake } = of;
  return {
    /** The tables as they are at this instant, both of them. */
    tables: (): Dump => stored.dump(),
    lose: (): void => functions.lose(),
    /** The tables are as they were, and a deployment of this epoch runs over them. */
    comeBack(to: Dump, epoch: number): void {
      functions.lose();
      stored.restore(to);
      index.rebuilt(to.state);
      witness.restored(to.journal, epoch);
      deployed.deploy(epoch);
      functions.comeBack();
      wake(time.now());
    },
    /** Another epoch is stated from now on, over the same tables. */
    deploy: deployed.deploy,
  };
}
