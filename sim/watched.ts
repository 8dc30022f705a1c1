import { NewerVersion } from '../lib/app/journal.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { plus } from '../lib/domain/time.ts';
import { stranger } from './connections.ts';
import { type Watched, watch } from './history.ts';
import type { Life } from './life.ts';
import { Poison } from './poison.ts';
import type { Promised } from './promises.ts';
import { readAll } from './reader.ts';
import type { End, Seen } from './seen.ts';
import { simulatedWorld, type World, type WorldOptions } from './world.ts';

export interface Broken {
  readonly promise: string;
  readonly what: string;
  /** Virtual milliseconds since the run began. */
  readonly atMs: number;
}

/** One merchant's life, and everybody who holds the promises to them. */
export interface Side {
  readonly w: World;
  readonly seen: Seen;
}

/**
 * A world with somebody who holds it to the promises, for each merchant by themselves: what is written under a name is that merchant's, and
 * what reaches an account is asked for by whose account it is. `until` stops at the first that breaks.
 */
export function watchedWorld(options: WorldOptions, kept: readonly Promised[]) {
  let broken: Broken | undefined;
  /** A stranger who was given somebody's account by mistake is promised nothing. */
  const of = (name: string): Watched | undefined =>
    name === stranger ? undefined : (watching.find(({ seen }) => seen.tenant.merchant === name) ?? first);
  const ofItem = ({ pk }: Item): Watched | undefined => of(String(pk).split('#')[0] ?? '');
  const w = simulatedWorld(options, {
    written: (item, deployment) => ofItem(item)?.written(item, deployment, w.time.now()),
    restored(journal, deployment) {
      for (const one of watching)
        one.restored(
          journal.filter((item) => ofItem(item) === one),
          deployment,
        );
    },
    stored: (item) => ofItem(item)?.stored(item),
    asked: (request, refunds, truth, merchant) => of(merchant ?? '')?.asked(request, refunds, truth),
    threw(where, error) {
      // What a newer version wrote is left alone by an older one: that is the promise.
      if (error instanceof NewerVersion && w.knobs.deploys !== undefined) return;
      // What was put there so that our code always throws: how often it may is a promise of its own.
      if (error instanceof Poison) return first.tried(error.message);
      first.threw(where, error);
    },
  });
  const begun = w.time.now();
  const neighbour = w.neighbour();
  const worlds = neighbour === undefined ? [w] : [w, neighbour];
  const watching = worlds.map(({ knobs, tenant }) =>
    watch(
      knobs,
      kept,
      (promise, what) => {
        broken ??= { promise, what, atMs: w.time.now() - begun };
      },
      tenant,
    ),
  );
  const first = watching[0] as Watched;
  const sides: Side[] = worlds.map((one, n) => ({ w: one, seen: (watching[n] ?? first).seen }));
  return {
    w,
    seen: first.seen,
    sides,
    broken: () => broken,
    /** On to so many milliseconds after the beginning. */
    async until(ms: number): Promise<void> {
      const at = plus(begun, ms);
      while (broken === undefined && (await w.time.step(at))) first.lived(w.time.events());
    },
    /** What must hold for each merchant when everything should have come to its end. */
    async end(...lives: readonly Life[]): Promise<void> {
      for (const [n, life] of lives.entries()) {
        const one = worlds[n];
        if (broken === undefined && one !== undefined) watching[n]?.ended(await endOf(one, life));
      }
    },
  };
}

async function endOf(w: World, life: Life): Promise<End> {
  const { tenant } = w;
  const own = w.table.dump().state.filter(({ pk }) => String(pk).startsWith(`${tenant.merchant}#`));
  const read = await readAll({
    table: w.table,
    tempo: w.knobs.tempo,
    connections: w.settings.current(),
    clock: w.time,
    merchant: tenant.merchant,
  });
  return {
    state: new Map(own.map((item) => [String(item.pk), item])),
    log: w.log.lines,
    life,
    read,
    shop: w.shop?.simulator.state,
    atDoors: w.atDoors,
    struck: [
      ...w.faults.struck,
      ...(w.atDoors.misled ? ['webhook-lost to a stranger'] : []),
      ...w.poisons.left().map((stream) => `poisoned for ever ${stream}`),
    ],
    now: w.time.now(),
  };
}
