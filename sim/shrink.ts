import { type Ran, runSeed } from './run-seed.ts';
import { type Told, told } from './told.ts';
import type { Broken } from './watched.ts';
import type { WorldOptions } from './world.ts';

/** The smallest life found in which the same promise breaks. */
export interface Shrunk {
  readonly broken: Broken;
  readonly faults: readonly string[];
  readonly deeds: readonly string[];
  /** How large it was, and how many lives it took. */
  readonly was: { readonly faults: number; readonly deeds: number };
  readonly lives: number;
  readonly story: readonly Told[];
}

/** A life takes a moment, and who waits for a smaller one has better to do after a while. */
const mostLives = 150;

/**
 * Takes out of a life what the broken promise does not need: halves first, then quarters, and so on down to single things. Chance is
 * keyed, so that everything else stays as it was. Only the same promise counts: another one would be another story.
 */
export async function shrink(options: WorldOptions, broken: Ran): Promise<Shrunk> {
  let best = broken;
  let lives = 0;
  const promise = broken.broken?.promise;
  const breaks = async (faults: readonly string[], deeds: readonly string[]): Promise<boolean> => {
    if (lives >= mostLives) return false;
    lives += 1;
    const ran = await runSeed({ ...options, only: new Set(faults), deeds: new Set(deeds) });
    if (ran.broken?.promise !== promise) return false;
    best = ran;
    return true;
  };
  // What shops and people do first: a return that is not there has no faults either.
  for (let smaller = true; smaller; ) {
    const before = best.deeds.length + best.struck.length;
    await thinned(best.deeds, (deeds) => breaks(best.struck, deeds));
    await thinned(best.struck, (faults) => breaks(faults, best.deeds));
    smaller = best.deeds.length + best.struck.length < before;
  }
  if (best.broken === undefined) throw new Error('nothing was broken');
  return {
    broken: best.broken,
    faults: best.struck,
    deeds: best.deeds,
    was: { faults: broken.struck.length, deeds: broken.deeds.length },
    lives,
    story: told(best.seen, best.broken.what),
  };
}

/** Delta debugging: leaves out as much as it can of a list while `still` holds of the rest. */
async function thinned(all: readonly string[], still: (rest: readonly string[]) => Promise<boolean>): Promise<void> {
  let kept = all;
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length; ) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (await still(rest)) kept = rest;
      else from += size;
    }
  }
}
