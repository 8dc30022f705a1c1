import { second } from '../lib/domain/time.ts';
import { featuresOf } from './capabilities.ts';
import { clocksMet } from './clocks.ts';
import { reachedBy } from './forgotten.ts';
import { liveIn } from './life.ts';
import { cellsOf } from './matrix.ts';
import { switchTo } from './people.ts';
import { allPromises, type Promised } from './promises.ts';
import { reachedByTenants } from './promises-of-tenants.ts';
import type { Seen, SeenEntry } from './seen.ts';
import { start } from './settings.ts';
import { type Broken, type Side, watchedWorld } from './watched.ts';
import type { WorldOptions } from './world.ts';

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
  /** How often each kind of fault struck each kind of call. */
  readonly cells: ReadonlyMap<string, number>;
  readonly seen: Seen;
}

/** One life from its seed: faults and people first, then quiet until everything must have come to its end. Stops at the first broken promise. */
export async function runSeed(options: WorldOptions, kept: readonly Promised[] = allPromises): Promise<Ran> {
  const { w, seen, sides, broken, until, end } = watchedWorld(options, kept);
  const lives = sides.map((side) => liveIn(side.w));
  const stormMs = Math.max(w.knobs.spanMs * 2, ...w.knobs.outages.map(({ to }) => to));
  await until(stormMs);
  w.faults.stop();
  for (const { account } of sides.map((side) => side.w)) {
    account.heal();
    account.repoint?.('home');
  }
  w.credential.settle();
  w.poisons.mend((stream) => stream.includes('#notice#') || w.chance.fixed('mended at last') < 0.5);
  w.queues.redrive();
  for (const side of sides) void letGoOn(side);
  await until(stormMs + w.knobs.quietMs);
  await end(...lives);
  const { seed, profile } = options;
  const reached = new Set<string>();
  for (const [n, side] of sides.entries()) reach(reached, lives[n]?.reached, side);
  return {
    seed,
    profile,
    broken: broken(),
    struck: w.faults.struck,
    deeds: w.deeds,
    hash: w.time.hash(),
    events: w.time.events(),
    reached,
    cells: cellsOf(w.faults),
    seen,
  };
}

/** People insist: where all environments are taken by another merchant's people, they come again. */
async function letGoOn({ w }: Pick<Side, 'w'>): Promise<void> {
  const ended = await switchTo(w, 'running');
  if (ended.is === 'none') w.time.after(second, 'let go on again', () => letGoOn({ w }));
}

/** What happened at all, so that a run can be asked whether it ever went where it should. */
function reach(reached: Set<string>, own: ReadonlySet<string> | undefined, { seen, w }: Side): void {
  const { faults, deeds, knobs, log, atDoors, wrongClocks, account } = w;
  for (const name of clocksMet(knobs, wrongClocks)) reached.add(name);
  for (const name of [...(own ?? []), ...atDoors.reached]) reached.add(name);
  if (deeds.some((name) => name.startsWith('outage'))) reached.add('outage');
  if (deeds.some((name) => name.startsWith('region lost'))) reached.add('region lost');
  for (const code of log.alarms()) reached.add(`alarm ${code}`);
  if (knobs.indexLagMs > 0) reached.add('index lag');
  for (const feature of knobs.row === undefined ? [] : featuresOf(knobs.row)) reached.add(`any: ${feature}`);
  const captures = (entries: readonly SeenEntry[]) =>
    entries.flatMap(({ events }) => events).filter(({ type }) => type === 'payment.captured').length;
  if ([...seen.streams.values()].some((entries) => captures(entries) > 1)) reached.add('captured in parts');
  for (const entries of seen.streams.values())
    for (const { type, legs, reasons } of entries.flatMap(({ events }) => events)) {
      reached.add(type);
      for (const reason of isHold(type) && Array.isArray(reasons) ? reasons : []) reached.add(`held as ${reason}`);
      if (type === 'refund.approved' && Array.isArray(legs) && legs.length > 1) reached.add('refund in parts');
    }
  for (const name of account.errors?.happened ?? []) reached.add(`gateway: ${name}`);
  for (const name of reachedBy(seen)) reached.add(name);
  for (const name of reachedByTenants(seen, start)) reached.add(name);
  for (const line of log.lines)
    if (line.is === 'note' && line.about.secretVersion !== undefined) reached.add(`secret ${line.about.secretVersion}`);
  for (const name of faults.struck) reached.add(`fault ${name.split(' ')[0]}`);
}

const isHold = (type: string): boolean => type === 'refund.held' || type === 'leg.held';
