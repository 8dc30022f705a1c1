import { NewerVersion } from '../lib/app/journal.ts';
import { plus } from '../lib/domain/time.ts';
import { known } from './engine.ts';
import { watch } from './history.ts';
import type { Life } from './life.ts';
import { Poison } from './poison.ts';
import type { Promised } from './promises.ts';
import { readAll } from './reader.ts';
import { simulatedWorld, type WorldOptions } from './world.ts';

export interface Broken {
  readonly promise: string;
  readonly what: string;
  /** Virtual milliseconds since the run began. */
  readonly atMs: number;
}

/** A world with somebody who holds it to the promises: `until` stops at the first that breaks. */
export function watchedWorld(options: WorldOptions, kept: readonly Promised[]) {
  let broken: Broken | undefined;
  const w = simulatedWorld(options, {
    written: (item, deployment) => watched.written(item, deployment, w.time.now()),
    restored: (journal, deployment) => watched.restored(journal, deployment),
    stored: (item) => watched.stored(item),
    asked: (request, refunds) => watched.asked(request, refunds),
    threw(where, error) {
      // What a newer version wrote is left alone by an older one: that is the promise.
      if (error instanceof NewerVersion && w.knobs.deploys !== undefined) return;
      // What was put there so that our code always throws: how often it may is a promise of its own.
      if (error instanceof Poison) return watched.tried(error.message);
      watched.threw(where, error);
    },
  });
  const begun = w.time.now();
  const watched = watch(w.knobs, kept, (promise, what) => {
    broken ??= { promise, what, atMs: w.time.now() - begun };
  });
  return {
    w,
    seen: watched.seen,
    broken: () => broken,
    /** On to so many milliseconds after the beginning. */
    async until(ms: number): Promise<void> {
      const at = plus(begun, ms);
      while (broken === undefined && (await w.time.step(at))) watched.lived(w.time.events());
    },
    /** What must hold when everything should have come to its end. */
    async end(life: Life): Promise<void> {
      if (broken !== undefined) return;
      const state = new Map(w.table.dump().state.map((item) => [String(item.pk), item]));
      const read = await readAll({
        table: w.table,
        tempo: w.knobs.tempo,
        connections: known[w.knobs.shop],
        clock: w.time,
      });
      watched.ended({
        state,
        log: w.log.lines,
        life,
        read,
        shop: w.shop?.simulator.state,
        struck: w.faults.struck,
        now: w.time.now(),
      });
    },
  };
}
