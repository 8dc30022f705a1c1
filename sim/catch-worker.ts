import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ProfileName } from './profiles.ts';
import { saboteurs } from './saboteurs/list.ts';
import { plant } from './saboteurs/plant.ts';

/** How long one planted bug lives, counted from each of some seeds. */
export interface Hunt {
  readonly sabotage: string;
  readonly profile: ProfileName;
  readonly starts: readonly number[];
  /** So many lives from each start, and then it is said to have got away. */
  readonly mostLives: number;
  /** Go on after it was caught, to measure in which share of lives it is. */
  readonly all?: boolean;
}

/** One life with the bug. */
export interface Hunted {
  readonly start: number;
  readonly seed: number;
  /** What broke first, if anything. */
  readonly promise: string | undefined;
  /** That is a promise by its name: an error is seen by anybody, and does not count. */
  readonly caught: boolean;
}

enableCompileCache();
const hunt = workerData as Hunt;
const saboteur = saboteurs.find(({ name }) => name === hunt.sabotage);
if (saboteur === undefined) throw new Error(`there is no saboteur ${hunt.sabotage}`);
plant(saboteur);
// Imported only now, so that the bug is in what is loaded.
const { runSeed } = await import('./run-seed.ts');
const { promises } = await import('./promises.ts');
const named = new Set(promises.map(({ name }) => name));

for (const start of hunt.starts) {
  for (let seed = start; seed < start + hunt.mostLives; seed += 1) {
    const promise = (await runSeed({ seed: String(seed), profile: hunt.profile })).broken?.promise;
    const caught = promise !== undefined && named.has(promise);
    parentPort?.postMessage({ start, seed, promise, caught } satisfies Hunted);
    if (caught && hunt.all !== true) break;
  }
}
