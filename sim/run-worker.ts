import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ProfileName } from './profiles.ts';
import { saboteurs } from './saboteurs/list.ts';
import { plant } from './saboteurs/plant.ts';
import type { Shrunk } from './shrink.ts';
import type { Broken } from './watched.ts';

/** What one worker is to run: seeds `from`, `from + step`, … before `to`. */
export interface Job {
  readonly from: number;
  readonly step: number;
  readonly to: number;
  readonly profiles: readonly ProfileName[];
  readonly sabotage?: string;
  readonly stopAtFirst: boolean;
  /** Make a life that breaks a promise as small as can be. */
  readonly shrink?: boolean;
}

/** What it says of each. */
export interface Report {
  readonly seed: number;
  readonly profile: string;
  readonly broken: Broken | undefined;
  readonly shrunk?: Shrunk;
  readonly struck: readonly string[];
  readonly reached: readonly string[];
  readonly cells: readonly (readonly [string, number])[];
  readonly events: number;
  /** False where the same seed did not give the same run. */
  readonly same: boolean;
}

// Half of a short run is reading the code; what was read once is read faster, and a planted bug makes it another text.
enableCompileCache();
// Most of a life's code runs a few hundred times: too rarely for the optimizing compiler, often enough for the plain one.
setFlagsFromString('--always-sparkplug');
const job = workerData as Job;
const saboteur = saboteurs.find(({ name }) => name === job.sabotage);
if (saboteur !== undefined) plant(saboteur);
// Imported only now, so that the bug is in what is loaded.
const { runSeed } = await import('./run-seed.ts');

/** One seed in a hundred is run twice. */
const twice = 100;

for (let seed = job.from; seed < job.to; seed += job.step) {
  const profile = job.profiles[seed % job.profiles.length] ?? 'calm';
  const ran = await runSeed({ seed: String(seed), profile });
  const same = seed % twice !== 0 || (await runSeed({ seed: String(seed), profile })).hash === ran.hash;
  const shrunk =
    job.shrink === true && ran.broken !== undefined
      ? await (await import('./shrink.ts')).shrink({ seed: String(seed), profile }, ran)
      : undefined;
  const report: Report = {
    seed,
    profile,
    broken: ran.broken,
    ...(shrunk !== undefined && { shrunk }),
    struck: ran.struck,
    reached: [...ran.reached],
    cells: [...ran.cells],
    events: ran.events,
    same,
  };
  parentPort?.postMessage(report);
  if (job.stopAtFirst && ran.broken !== undefined) break;
}
