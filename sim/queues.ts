import { delaySeconds } from '../lib/adapters/kit/delay.ts';
import type { Queues } from '../lib/app/ports/queues.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { QueueName, Work } from '../lib/domain/refund/work.ts';
import type { Chances } from './chance.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';

export interface Message {
  readonly work: Work;
  readonly id: number;
  receives: number;
  visibleAt: number;
}

export interface QueueKnobs {
  readonly visibilityMs: number;
  readonly batch: number;
  readonly maxReceives: number;
}

/** Hands a batch to a worker; answers the messages that are not done, or `no-worker` where none is free. */
export type HandOver = (queue: QueueName, batch: readonly Message[]) => Promise<readonly Message[] | 'no-worker'>;

interface Cloud {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly knobs: QueueKnobs;
  readonly handOver: HandOver;
  readonly waiting: Map<QueueName, Message[]>;
  readonly polls: Set<string>;
  /** Until when no worker is free, by queue: nobody asks before. */
  readonly busyUntil: Map<QueueName, number>;
  readonly dead: Message[];
  ids: number;
}

/**
 * Queues as SQS has them: at least once, in any order, invisible while somebody works on them and visible again when that takes too
 * long, partial batches, dead letters.
 */
export function simulatedQueues(
  world: { readonly time: Scheduler; readonly chance: Chances },
  knobs: QueueKnobs,
  handOver: HandOver,
) {
  const { time, chance } = world;
  const cloud: Cloud = {
    time,
    chance,
    knobs,
    handOver,
    waiting: new Map(),
    polls: new Set(),
    busyUntil: new Map(),
    dead: [],
    ids: 0,
  };
  return {
    /** The port, for one process. */
    of: (process: Process): Queues => portOf(cloud, process),
    /** With their region: what was in them is nowhere. */
    lose: () => {
      for (const messages of cloud.waiting.values()) messages.length = 0;
      cloud.dead.length = 0;
    },
    /** A person moves the dead letters back. */
    redrive: () => {
      for (const message of cloud.dead.splice(0)) put(cloud, message.work, 0);
    },
  };
}

const sendFaults = ['send-lost', 'send-partly', 'send-twice', 'send-late'] as const;

const portOf = (cloud: Cloud, process: Process): Queues => ({
  send: (work, delayMs = 0) =>
    process.call<void, (typeof sendFaults)[number]>(`send ${work[0]?.queue ?? ''}`, sendFaults, (fault) => {
      if (fault === 'send-lost') throw new Unavailable('queues');
      const delay = delaySeconds(delayMs) * 1000;
      for (const one of fault === 'send-partly' ? work.slice(0, Math.ceil(work.length / 2)) : work) {
        put(cloud, one, delay);
        if (fault === 'send-twice') put(cloud, one, delay);
        if (fault === 'send-late') put(cloud, one, delay + 20 * 60_000);
      }
      if (fault === 'send-partly') throw new Unavailable('queues');
    }),
});

function messagesOf({ waiting }: Cloud, queue: QueueName): Message[] {
  const found = waiting.get(queue) ?? [];
  waiting.set(queue, found);
  return found;
}

function put(cloud: Cloud, work: Work, delayMs: number): void {
  const visibleAt = cloud.time.now() + delayMs + cloud.chance.between(`queue ${work.queue}`, 0, 20);
  cloud.ids += 1;
  messagesOf(cloud, work.queue).push({ work, id: cloud.ids, receives: 0, visibleAt });
  pollAt(cloud, work.queue, visibleAt);
}

function pollAt(cloud: Cloud, queue: QueueName, wanted: number): void {
  const at = Math.max(wanted, cloud.busyUntil.get(queue) ?? 0);
  const name = `${queue} ${at}`;
  if (cloud.polls.has(name)) return;
  cloud.polls.add(name);
  const due = (): boolean => messagesOf(cloud, queue).some(({ visibleAt }) => visibleAt <= at);
  const still = (): boolean => due() || !cloud.polls.delete(name);
  const run = () => {
    cloud.polls.delete(name);
    void poll(cloud, queue);
  };
  cloud.time.after(at - cloud.time.now(), `poll ${queue}`, run, still);
}

async function poll(cloud: Cloud, queue: QueueName): Promise<void> {
  const { time, knobs } = cloud;
  if ((cloud.busyUntil.get(queue) ?? 0) > time.now()) return pollAt(cloud, queue, time.now());
  const batch = messagesOf(cloud, queue)
    .filter(({ visibleAt }) => visibleAt <= time.now())
    .slice(0, knobs.batch);
  if (batch.length === 0) return;
  const until = time.now() + knobs.visibilityMs;
  for (const message of batch) {
    message.receives += 1;
    message.visibleAt = until;
    pollAt(cloud, queue, until);
  }
  pollAt(cloud, queue, time.now());
  const failed = await cloud.handOver(queue, batch);
  if (failed === 'no-worker') comeBack(cloud, queue, batch);
  else settle(cloud, queue, batch, failed);
}

/** Nobody was free: not received. */
function comeBack(cloud: Cloud, queue: QueueName, batch: readonly Message[]): void {
  cloud.busyUntil.set(queue, cloud.time.now() + 200);
  for (const message of batch) {
    message.receives -= 1;
    message.visibleAt = cloud.time.now() + 200;
    pollAt(cloud, queue, message.visibleAt);
  }
}

function settle(cloud: Cloud, queue: QueueName, batch: readonly Message[], failed: readonly Message[]): void {
  const messages = messagesOf(cloud, queue);
  for (const message of batch) {
    const again = failed.includes(message);
    if (again && message.receives < cloud.knobs.maxReceives) continue;
    const at = messages.indexOf(message);
    if (at >= 0) messages.splice(at, 1);
    if (again) cloud.dead.push(message);
  }
}
