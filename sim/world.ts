import { noFaults, type SimWebhook } from '../lib/adapters/kit/simulator.ts';
import { memoryLog } from '../lib/adapters/memory/log.ts';
import { type MemoryTable, memoryTable } from '../lib/adapters/memory/table.ts';
import { memoryVault } from '../lib/adapters/memory/vault.ts';
import { dueOf } from '../lib/app/heads.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { receive } from '../lib/app/receive.ts';
import { type JournalChange, relay } from '../lib/app/relay.ts';
import { sweep } from '../lib/app/sweep.ts';
import { tend } from '../lib/app/tend.ts';
import { correlationId } from '../lib/domain/ids.ts';
import { instant, minute } from '../lib/domain/time.ts';
import type { Account } from './account.ts';
import { anyGateway } from './any-gateway.ts';
import { type Chances, chances } from './chance.ts';
import { approvalLimit, credential as firstCredential, gateway, gatewaySecret, shop, shopify } from './connections.ts';
import type { CredentialInLife } from './credentials.ts';
import { deployments } from './deployments.ts';
import { type Outside, remembering } from './engine.ts';
import { type Faults, faults } from './faults.ts';
import { faultyTable, laggingIndexes, observed } from './faulty-table.ts';
import { functionEnvironments } from './functions.ts';
import { simulatedGateway } from './gateway.ts';
import type { Knobs } from './knobs.ts';
import { playLosses } from './losses.ts';
import type { Poisons } from './poison.ts';
import type { Process } from './process.ts';
import { knobsOf, type ProfileName } from './profiles.ts';
import { type Message, simulatedQueues } from './queues.ts';
import { restoring } from './restores.ts';
import { type Scheduler, scheduler } from './scheduler.ts';
import { type SimulatedShop, simulatedShop } from './shop.ts';
import { journalStream } from './stream.ts';
import { sweeper } from './sweeper.ts';
import { troublesIn } from './troubles.ts';
import { versionsIn } from './versions.ts';
import type { Witness } from './witness.ts';
import { maxReceives, workOn } from './workers.ts';

const start = instant(Date.UTC(2026, 10, 21, 12));

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
}

export type World = ReturnType<typeof simulatedWorld>;

/** The engine, its clouds, a gateway and a shop's door in one process and virtual time. `witness` hears of everything that counts. */
export function simulatedWorld(options: WorldOptions, witness: Witness) {
  const seed = `${options.seed} ${options.profile}`;
  const chance = chances(seed);
  const knobs = options.knobs ?? knobsOf(chance, options.profile);
  const time = scheduler(seed, knobs.clocks?.begins.at ?? start);
  const ground: Ground = { time, chance, knobs, faults: options.faults ?? faults(chance, knobs.rates, options.only) };
  const { does, deeds } = deedsOf(options.deeds);
  const troubles = troublesIn(ground, seed, does);
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
  const account: Account = accountOf(ground, troubles.guard, {
    answered: (request) => witness.asked(request, account.simulator.refunds()),
    webhook: (webhook, attempt) => doors.deliver(webhook, attempt),
  });
  const shopifyShop =
    knobs.shop === 'generic' ? undefined : simulatedShop(ground, knobs, (webhook) => doors.announced(webhook));
  const outside: Outside = {
    seed,
    time,
    table: (process) =>
      versions.table(faultyTable(deployed.table(table, process), index, process, troubles.later), process),
    queues: (process) => queues.of(process),
    account,
    shopExchangeOf: (process) => shopifyShop?.exchangeOf(process),
    vault: remembering(memoryVault(seed)),
    log: troubles.poisons.log(log),
    tempo: knobs.tempo,
    gateway: { keyWindowMs: knobs.keyWindowMs, lateArrivalMs: knobs.lateArrivalMs },
    approvalLimit,
    shop: knobs.shop,
    epochOf: deployed.epochOf,
    wrongBy: troubles.wrongBy,
    credential: troubles.guard,
  };
  const serves = (process: Process) => versions.serves(process) && deployed.serves(process);
  const functions = functionEnvironments(ground, { ...outside, serves }, witness.threw);
  const doors = doorsOf(ground, functions, account.simulator, shopifyShop);
  if (shopifyShop !== undefined) tendEvery(time, functions);
  playOutages(ground, account, does);
  playLosses(time, knobs.losses, [functions, queues, stream], does);
  const { post } = doors;
  const store = restoring(time, { stored, index, functions, deployed, witness, wake: sweeps.wake });
  const people = { functions, store, post, does, deeds, ...troubles };
  return { ...ground, log, table: stored, queues, account, shop: shopifyShop, ...people };
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
  guard: CredentialInLife | undefined,
  hears: Parameters<typeof simulatedGateway>[2],
): Account {
  const { knobs } = ground;
  const { row, pendingRate } = knobs;
  if (row !== undefined) return anyGateway(ground, { row, pendingRate, webhookSecret: gatewaySecret }, hears);
  const options = { ...knobs, credential: firstCredential, webhookSecret: gatewaySecret };
  return simulatedGateway(ground, { ...options, ...(guard && { guard }) }, hears);
}

function playOutages({ time, knobs }: Ground, account: Account, does: (name: string) => boolean): void {
  for (const [n, { from, to, deaf }] of knobs.outages.entries()) {
    if (!does(`outage ${n + 1}`)) continue;
    const down = () => (deaf ? account.deafen(true) : account.simulator.setFaults({ ...noFaults, down: true }));
    time.after(from, 'gateway down', down);
    time.after(to, 'gateway up', () => account.heal());
  }
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

/** By the clock, as long as the world lasts. */
function tendEvery(time: Scheduler, functions: ReturnType<typeof functionEnvironments>): void {
  const tendNow = (): unknown => {
    time.after(15 * minute, 'tend', tendNow);
    return functions.invoke('tend', (engine) => tend(engine), 5 * minute);
  };
  time.after(0, 'tend', tendNow);
}

/** The store as everybody shares it: whoever writes is heard, indexes follow later, and what becomes due wakes the sweep. */
function simulatedStore(ground: Ground, stored: MemoryTable, witness: Witness, due: (at: number) => void) {
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

/** Answers after which a sender does not come again. */
export const taken: ReadonlySet<string> = new Set(['recorded', 'seen', 'quarantined']);

/** The two doors, and a gateway that tries them for days with growing waits. */
function doorsOf(
  { time, knobs }: Ground,
  functions: ReturnType<typeof functionEnvironments>,
  simulator: Account['simulator'],
  shopifyShop: SimulatedShop | undefined,
) {
  /** A message at a door; answers what its sender hears. */
  const post = async (kind: 'source' | 'gateway', body: string, headers: Readonly<Record<string, string>>) => {
    const raw = { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } };
    const connection = kind === 'gateway' ? gateway : knobs.shop === 'generic' ? shop : shopify;
    const ended = await functions.invoke(
      'receive',
      (engine) => receive(engine, { kind, connection, raw, correlation: correlationId(engine.ids.random()) }),
      10_000,
    );
    if (ended.is !== 'done') return 'no-answer';
    return ended.value.is === 'fault' ? ended.value.fault.code : ended.value.is;
  };
  const deliver = async (webhook: SimWebhook, attempt: number): Promise<void> => {
    const heard = await post('gateway', webhook.body, simulator.sign(webhook, time.now()));
    if (taken.has(heard) || attempt > 12) return;
    time.after(5000 * 2 ** Math.min(attempt, 10), `webhook ${webhook.id} again`, () => deliver(webhook, attempt + 1));
  };
  /** What the shop said; answers whether it was taken. */
  const announced = async (webhook: SimWebhook): Promise<boolean> =>
    shopifyShop !== undefined &&
    taken.has(await post('source', webhook.body, shopifyShop.simulator.sign(webhook, time.now())));
  return { post, deliver, announced };
}
