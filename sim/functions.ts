import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { Chances } from './chance.ts';
import { type Engine, engineOf, type Outside, skewOf } from './engine.ts';
import type { Faults } from './faults.ts';
import type { Knobs } from './knobs.ts';
import { type Ended, type Process, startProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';

export type FunctionName =
  | 'receive'
  | 'relay'
  | 'sweep'
  | 'assess'
  | 'execute'
  | 'reconcile'
  | 'notify'
  | 'operate'
  | 'tend';

interface Environment {
  readonly process: Process;
  readonly engine: Engine;
}

/**
 * Function environments: warm ones are used again, cold ones start when none is free, and a bug that throws is not lost. `none` where
 * as many as there may be are at work.
 */
export function functionEnvironments(
  world: { readonly time: Scheduler; readonly chance: Chances; readonly faults: Faults; readonly knobs: Knobs },
  outside: Outside & { readonly serves: (process: Process) => boolean },
  bug: (where: string, error: unknown) => void,
) {
  const idle = new Map<FunctionName, Environment[]>();
  const busy = new Map<FunctionName, number>();
  const living = new Set<Process>();
  let started = 0;
  let down = false;

  const environment = (name: FunctionName): Environment => {
    const free = idle.get(name) ?? [];
    idle.set(name, free);
    // Now and then an environment is recycled though nothing happened to it.
    const warm = world.chance.draw(`recycle ${name}`) < 0.1 ? undefined : free.pop();
    if (warm !== undefined && outside.serves(warm.process)) return warm;
    started += 1;
    const process = startProcess(world, name, `${name}-${started}`);
    living.add(process);
    const skewMs = skewOf(outside.seed, process.name, world.knobs.tempo.skewMs);
    return { process, engine: engineOf(outside, process, () => skewMs + outside.wrongBy(process)) };
  };

  return {
    async invoke<T>(
      name: FunctionName,
      work: (engine: Engine) => Promise<T>,
      timeoutMs = world.knobs.timeoutMs,
    ): Promise<Ended<T> | { readonly is: 'none' }> {
      if (down) return { is: 'gone' };
      const at = busy.get(name) ?? 0;
      if (at >= world.knobs.workers) return { is: 'none' };
      busy.set(name, at + 1);
      const taken = environment(name);
      const ended = await taken.process.invoke('start', timeoutMs, () => work(taken.engine));
      busy.set(name, (busy.get(name) ?? 1) - 1);
      if (taken.process.alive()) idle.get(name)?.push(taken);
      else living.delete(taken.process);
      if (ended.is === 'threw' && !(ended.error instanceof Unavailable)) bug(name, ended.error);
      return ended;
    },
    /** Every function of a region at once, and nothing starts again until it is back. */
    lose() {
      down = true;
      for (const process of living) process.kill();
      living.clear();
      idle.clear();
    },
    comeBack() {
      down = false;
    },
  };
}
