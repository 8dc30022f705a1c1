import { Worker } from 'node:worker_threads';
import type { ProfileName } from './profiles.ts';
import type { Job, Report } from './run-worker.ts';

export interface Many {
  readonly from: number;
  readonly seeds: number;
  readonly profiles: readonly ProfileName[];
  readonly sabotage?: string;
  /** How many seeds run side by side. */
  readonly workers: number;
  readonly stopAtFirst: boolean;
  readonly shrink?: boolean;
  /** Ends it before its end; what was lived until then was heard. */
  readonly stop?: AbortSignal;
}

/** Runs seeds on several cores; `heard` gets each report as it comes. */
export async function runMany(of: Many, heard: (report: Report) => void): Promise<void> {
  await Promise.all(
    Array.from({ length: of.workers }, (_, n) => {
      const job: Job = {
        from: of.from + n,
        step: of.workers,
        to: of.from + of.seeds,
        profiles: of.profiles,
        stopAtFirst: of.stopAtFirst,
        shrink: of.shrink === true,
        ...(of.sabotage !== undefined && { sabotage: of.sabotage }),
      };
      // A life leaves most of what it made behind: with more room for what is new, hardly any of it is ever copied.
      const resourceLimits = { maxYoungGenerationSizeMb: 64 };
      const worker = new Worker(new URL('./run-worker.ts', import.meta.url), { workerData: job, resourceLimits });
      return finished(worker, heard, of.stop);
    }),
  );
}

const finished = (worker: Worker, heard: (report: Report) => void, stop?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    stop?.addEventListener('abort', () => void worker.terminate());
    worker.on('message', heard);
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0 || stop?.aborted ? resolve() : reject(new Error(`a worker ended with ${code}`)),
    );
  });
