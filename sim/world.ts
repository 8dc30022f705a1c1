import { memoryLog } from '../lib/adapters/memory/log.ts';
import { type MemoryTable, memoryTable } from '../lib/adapters/memory/table.ts';
import { memoryVault } from '../lib/adapters/memory/vault.ts';
import { dueOf } from '../lib/app/heads.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { type JournalChange, relay } from '../lib/app/relay.ts';
import { sweep } from '../lib/app/sweep.ts';
import { tend } from '../lib/app/tend.ts';
import { unlimited } from '../lib/app/velocity.ts';
import { hour, minute, plus } from '../lib/domain/time.ts';
import type { Account } from './account.ts';
import { accountsOf, byAddress } from './addresses.ts';
import { anyGateway } from './any-gateway.ts';
import { type Chances, chances } from './chance.ts';
import type { Tenant } from './connections.ts';
import type { CredentialInLife } from './credentials.ts';
import { deployments } from './deployments.ts';
import { doorsOf } from './doors.ts';
import { knobsOf } from './drawn.ts';
import { type Outside, remembering } from './engine.ts';
import { type Faults, faults } from './faults.ts';
import { faultyTable, type Looks, laggingIndexes, observed } from './faulty-table.ts';
import { functionEnvironments } from './functions.ts';
import { simulatedGateway } from './gateway.ts';
import type { Knobs } from './knobs.ts';
import { playLosses, playOutages } from './losses.ts';
import type { Poisons } from './poison.ts';
import type { Process } from './process.ts';
import type { ProfileName } from './profiles.ts';
import { type Message, simulatedQueues } from './queues.ts';
import { restoring } from './restores.ts';
import { type Scheduler, scheduler } from './scheduler.ts';
import { type Settings, settingsOver, start } from './settings.ts';
import { simulatedShop } from './shop.ts';
import { journalStream } from './stream.ts';
import { sweeper } from './sweeper.ts';
import { troublesIn } from './troubles.ts';
import { versionsIn } from './versions.ts';
import type { Witness } from './witness.ts';
import { maxReceives, workOn } from './workers.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly profile: ProfileName;
  /** The faults that may strike; all that chance wants where it is left out. */
  readonly only?: ReadonlySet<string>;
  /** What shops, people, banks and strangers may do, and outages, by name; all that chance wants where it is left out. */
  readonly deeds?: ReadonlySet<string>;
  /** In place of what the seed draws within its profile. */
  readonly knobs?: Knobs;
  readonly faults?: Faults;
}

interface Ground {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly faults: Faults;
  readonly knobs: Knobs;
  readonly settings: Settings;
}

/** The world as one merchant has it: what is its own, and what it shares. */
export interface World extends ReturnType<typeof sideOf>, ReturnType<typeof sharedBy> {
  /** Another merchant's, where there is one on this installation. */
  neighbour(): World | undefined;
}

/** The engine, its clouds, a gateway and a shop's door in one process and virtual time. `witness` hears of everything that counts. */
export function simulatedWorld(options: WorldOptions, witness: Witness): World {
  const seed = `${options.seed} ${options.profile}`;
  const chance = chances(seed);
  const knobs = options.knobs ?? knobsOf(chance, options.profile);
  const time = scheduler(seed, knobs.clocks?.begins.at ?? start);
  const settings = settingsOver({ time, chance }, knobs);
  const happening = options.faults ?? faults(chance, knobs.rates, options.only);
  const ground: Ground = { time, chance, knobs, settings, faults: happening };
  const shared = sharedBy(ground, options, witness, () => sides);
  const sides = settings.tenants.map((tenant, n) =>
    sideOf(n === 0 ? ground : apartFrom(ground, seed), tenant, shared, witness),
  );
  const worlds: World[] = sides.map((side) => ({
    ...shared,
    ...side,
    neighbour: () => worlds.find((one) => one.tenant !== side.tenant),
  }));
  const [first] = worlds;
  if (first === undefined) throw new Error('a world without a merchant');
  if (knobs.shop !== 'generic') tendEvery(ground, shared.functions);
  playOutages(ground, first.account, first.does);
  playLosses(time, knobs.losses, [shared.functions, shared.queues, shared.stream], first.does);
  return first;
}

/** Another merchant's life has chance and faults of its own: it is no mirror of the first one's. */
function apartFrom(ground: Ground, seed: string): Ground {
  const { faults: all } = ground;
  const own: Faults = { ...all, strike: (site, kinds) => all.strike(`neighbour ${site}`, kinds) };
  return { ...ground, chance: chances(`${seed} neighbour`), faults: own };
}

/** The engine and what all its processes share, whoever's refunds they work on. */
function sharedBy(ground: Ground, options: WorldOptions, witness: Witness, sides: () => readonly Side[]) {
  const { time, knobs, settings } = ground;
  const seed = `${options.seed} ${options.profile}`;
  const allowed = deedsOf(options.deeds);
  const troubles = troublesIn(ground, seed, allowed.does);
  const log = memoryLog();
  const stored = memoryTable();
  const sweeps = sweeper({ time, everyMs: knobs.tempo.sweepEveryMs }, stored, () =>
    functions.invoke('sweep', (engine) => sweep(engine), 30_000),
  );
  const { table, index } = simulatedStore(ground, stored, witness, sweeps.wake);
  const versions = versionsIn(ground, knobs.deploys);
  const deployed = deployments();
  const stream = journalStream(ground, (changes) => relayed(functions, versions, changes));
  stored.onInsert((item) => {
    witness.written(item, deployed.writing());
    stream.inserted(item);
  });
  const queues = simulatedQueues(ground, { ...knobs, maxReceives }, (queue, batch) =>
    workers(functions, witness, troubles.poisons)(queue, batch),
  );
  const looks: Looks = { index: index.index, quick: knobs.quickLooks === true };
  const outside: Outside = {
    seed,
    time,
    table: (process) =>
      versions.table(faultyTable(deployed.table(table, process), looks, process, troubles.later), process),
    queues: (process) => queues.of(process),
    account: () => accountsOf(sides()),
    shopExchangeOf: (process) =>
      byAddress(
        sides().flatMap(({ tenant, shop }) => (shop === undefined ? [] : [[tenant.shopUrl, shop.exchangeOf(process)]])),
      ),
    vault: remembering(memoryVault(seed)),
    log: troubles.poisons.log(log),
    tempo: knobs.tempo,
    gateway: { keyWindowMs: knobs.keyWindowMs, lateArrivalMs: knobs.lateArrivalMs },
    settings,
    flood: knobs.tenancy?.flood,
    velocity: knobs.hourly ?? unlimited,
    epochOf: deployed.epochOf,
    wrongBy: troubles.wrongBy,
    credential: troubles.guard,
  };
  const serves = (process: Process) => versions.serves(process) && deployed.serves(process);
  const functions = functionEnvironments(ground, { ...outside, serves }, witness.threw);
  const store = restoring(time, { stored, index, functions, deployed, witness, wake: sweeps.wake });
  return { log, table: stored, queues, stream, functions, store, ...allowed, ...troubles };
}

/** Whether a relay took what is new in the journal. */
async function relayed(
  functions: ReturnType<typeof functionEnvironments>,
  versions: Pick<ReturnType<typeof versionsIn>, 'changesFor'>,
  changes: readonly JournalChange[],
): Promise<boolean> {
  const ended = await functions.invoke('relay', (engine) => relay(engine, versions.changesFor(engine.table, changes)));
  return ended.is === 'done';
}

type Side = ReturnType<typeof sideOf>;

/** What is one merchant's own: its account, its shop, the doors of both, and what its people do. */
function sideOf(
  ground: Ground,
  tenant: Tenant,
  shared: Pick<ReturnType<typeof sharedBy>, 'functions' | 'does' | 'guard'>,
  witness: Witness,
) {
  const first = tenant === ground.settings.tenants[0];
  const account: Account = accountOf(ground, tenant, first ? shared.guard : undefined, {
    answered: (request) => witness.asked(request, account.simulator.refunds(), account.truth?.(), tenant.merchant),
    webhook: (webhook, attempt) => doors.deliver(webhook, attempt),
  });
  const { knobs } = ground;
  const shop =
    knobs.shop === 'generic' ? undefined : simulatedShop(ground, knobs, tenant, (webhook) => doors.announced(webhook));
  const doors = doorsOf(ground, shared.functions, { tenant, simulator: account.simulator, shop });
  const does = (name: string) => shared.does(first ? name : `${tenant.merchant} ${name}`);
  return { ...ground, tenant, account, shop, does, post: doors.post, signShop: doors.signShop, atDoors: doors.atDoors };
}

/** What is done in a run, by name; only some of it where a life is made smaller. */
function deedsOf(allowed: ReadonlySet<string> | undefined) {
  const deeds: string[] = [];
  const does = (name: string): boolean => {
    if (allowed !== undefined && !allowed.has(name)) return false;
    deeds.push(name);
    return true;
  };
  return { does, deeds };
}

/** Stripe's simulator, or a gateway of any kind. */
function accountOf(
  ground: Ground,
  { credential, gatewaySecret: webhookSecret }: Tenant,
  guard: CredentialInLife | undefined,
  hears: Parameters<typeof simulatedGateway>[2],
): Account {
  const { knobs } = ground;
  const { row, pendingRate, pendingMs } = knobs;
  const pendings = { pendingRate, ...(pendingMs !== undefined && { pendingMs }) };
  if (row !== undefined) return anyGateway(ground, { ...pendings, row, webhookSecret }, hears);
  return simulatedGateway(ground, { ...knobs, credential, webhookSecret, ...(guard && { guard }) }, hears);
}

/** What a queue hands its batches to: answers the messages that must come again. */
const workers =
  (
    functions: ReturnType<typeof functionEnvironments>,
    witness: Witness,
    poisoned: Poisons,
  ): Parameters<typeof simulatedQueues>[2] =>
  async (queue, batch) => {
    const done = new Set<Message>();
    const ended = await functions.invoke(queue, (engine) =>
      workOn(engine, queue, batch, { done, bug: witness.threw, poisons: poisoned }),
    );
    if (ended.is === 'none') return 'no-worker';
    return ended.is === 'done' ? batch.filter((message) => !done.has(message)) : batch;
  };

/** By the clock, as long as the world lasts; rarely once it has been quiet for long, since by then there is hardly anything to tend. */
function tendEvery({ time, knobs }: Ground, functions: ReturnType<typeof functionEnvironments>): void {
  const often = plus(time.now(), 2 * knobs.spanMs + 8 * hour);
  const tendNow = (): unknown => {
    time.after(time.now() < often ? 15 * minute : 2 * hour, 'tend', tendNow);
    return functions.invoke('tend', (engine) => tend(engine), 5 * minute);
  };
  time.after(0, 'tend', tendNow);
}

/** The store as everybody shares it: whoever writes is heard, indexes follow later, and what becomes due wakes the sweep. */
function simulatedStore(
  ground: Omit<Ground, 'settings'>,
  stored: MemoryTable,
  witness: Witness,
  due: (at: number) => void,
) {
  const { time, chance, faults: happening, knobs } = ground;
  const lag = laggingIndexes(stored);
  const changed = (items: readonly Item[]): void => {
    const later = happening.stopped() ? 0 : chance.between('index lag', 0, knobs.indexLagMs);
    const keys = items.map(({ pk }) => String(pk));
    if (later === 0) void lag.follow(keys);
    else time.after(later, 'index', () => lag.follow(keys));
    for (const item of items) {
      witness.stored(item);
      const at = dueOf(item);
      if (at !== undefined) due(at);
    }
  };
  return { table: observed(stored, changed), index: lag };
}
