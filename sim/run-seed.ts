import { plus } from '../lib/domain/time.ts';
import { featuresOf } from './capabilities.ts';
import { known } from './engine.ts';
import { watch } from './history.ts';
import { liveIn } from './life.ts';
import { switchTo } from './people.ts';
import { allPromises, type Promised } from './promises.ts';
import { readAll } from './reader.ts';
import type { Seen } from './seen.ts';
import { simulatedWorld, type World, type WorldOptions } from './world.ts';

export interface Broken {
  readonly promise: string;
  readonly what: string;
  /** Virtual milliseconds since the run began. */
  readonly atMs: number;
}

export interface Ran {
  readonly seed: string;
  readonly profile: string;
  readonly broken: Broken | undefined;
  readonly struck: readonly string[];
  /** What shops, people, banks and strangers did, and outages. */
  readonly deeds: readonly string[];
  readonly hash: string;
  readonly events: number;
  readonly reached: ReadonlySet<string>;
  readonly seen: Seen;
}

/** One life from its seed: faults and people first, then quiet until everything must have come to its end. Stops at the first broken promise. */
export async function runSeed(options: WorldOptions, kept: readonly Promised[] = allPromises): Promise<Ran> {
  let broken: Broken | undefined;
  const w = simulatedWorld(options, {
    written: (item) => watched.written(item),
    stored: (item) => watched.stored(item),
    asked: (request, refunds) => watched.asked(request, refunds),
    threw: (where, error) => watched.threw(where, error),
  });
  const begun = w.time.now();
  const watched = watch(w.knobs, kept, (promise, what) => {
    broken ??= { promise, what, atMs: w.time.now() - begun };
  });
  const life = liveIn(w);

  const until = async (ms: number): Promise<void> => {
    const at = plus(begun, ms);
    while (broken === undefined && (await w.time.step(at))) {
      watched.lived(w.time.events());
    }
  };
  const stormMs = Math.max(w.knobs.spanMs * 2, ...w.knobs.outages.map(({ to }) => to));
  await until(stormMs);
  w.faults.stop();
  w.account.heal();
  w.queues.redrive();
  void switchTo(w, 'running');
  await until(stormMs + w.knobs.quietMs);
  if (broken === undefined) {
    const state = new Map(w.table.dump().state.map((item) => [String(item.pk), item]));
    const read = await readAll({ table: w.table, tempo: w.knobs.tempo, connections: known, clock: w.time });
    const end = { state, log: w.log.lines, life, read, struck: w.faults.struck, now: w.time.now() };
    watched.ended(end);
  }
  const { seed, profile } = options;
  const { seen } = watched;
  reach(life.reached, seen, w);
  return {
    seed,
    profile,
    broken,
    struck: w.faults.struck,
    deeds: w.deeds,
    hash: w.time.hash(),
    events: w.time.events(),
    reached: life.reached,
    seen,
  };
}

/** What happened at all, so that a run can be asked whether it ever went where it should. */
function reach(reached: Set<string>, seen: Seen, { faults, deeds, knobs }: World): void {
  if (deeds.some((name) => name.startsWith('outage'))) reached.add('outage');
  if (knobs.indexLagMs > 0) reached.add('index lag');
  for (const feature of knobs.row === undefined ? [] : featuresOf(knobs.row)) reached.add(`any: ${feature}`);
  for (const entries of seen.streams.values())
    for (const { events } of entries) for (const { type } of events) reached.add(type);
  for (const name of faults.struck) reached.add(`fault ${name.split(' ')[0]}`);
}
