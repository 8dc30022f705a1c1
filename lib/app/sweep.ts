import { room } from '../domain/breaker.ts';
import { correlationId } from '../domain/ids.ts';
import { rateAt } from '../domain/pace.ts';
import { atEach, type QueueName, queueNames, type Work } from '../domain/refund/work.ts';
import { kindOf, merchantOf, type StreamName } from '../domain/streams.ts';
import { type Instant, instant, plus, second } from '../domain/time.ts';
import { type Room, turns, type Waiting } from '../domain/turns.ts';
import { accountKey, accountOf, storedWeather } from './accounts.ts';
import { due, dueOf, dueShard, dueShards, sortable } from './heads.ts';
import type { Needs } from './needs.ts';
import type { Queues } from './ports/queues.ts';
import type { Item } from './ports/table.ts';
import { Unavailable } from './ports/unavailable.ts';
import { alsoOwedToShop, executeAtOf, gatewayIsDue, postponeGateway, waitingOf } from './urgency.ts';

export interface SweepNeeds extends Pick<Needs, 'table' | 'clock' | 'ids' | 'log' | 'tempo'> {
  readonly queues: Queues;
}

/** How many heads of one shard one sweep looks at; the rest is due still, and next. */
const mostPages = 10;
const pageSize = 100;

/** So many heads are asked for, or moved, side by side. */
const sideBySide = 10;

/**
 * Asks for whatever is due and has not moved: the reason why nothing can be forgotten, even if streams and queues are down for two
 * days (F32). What waits for a gateway gets its turn (`turns`): the oldest key window first, no more than its account takes until the
 * next sweep, nothing while its breaker is open (F84, F145). Moves `dueAt` forward as it asks, so that a backlog is not hinted twice.
 * Answers how many it asked for. One item that nobody can read keeps none of the others waiting: the run fails when it has asked for them.
 */
export async function sweep(needs: SweepNeeds): Promise<number> {
  const now = needs.clock.now();
  const heads = await dueHeads(needs, now);
  const { queues, failed } = goingOn(needs.queues);
  const going = { ...needs, queues, failed };
  const read = heads.flatMap((head) => orFailed(failed, head.pk, () => [sorted(head, now)]) ?? []);
  // The longest late first, wherever it was found: a run that is stopped before its end, again and again, must not leave out the same ones.
  read.sort((a, b) => a.dueAt - b.dueAt);
  const atGateways = read.flatMap(({ waiting, ...due }): Due[] =>
    waiting === undefined ? [] : [{ ...waiting, ...due }],
  );
  const others = read.filter(({ waiting }) => waiting === undefined).map(({ stream }) => stream);
  // First of all, since an account that is not given its turns in time stands idle; the others are many where much is late.
  const { asked, toShops } = await giveTurns(going, atGateways, now);
  const all = asked + (await askAll(going, [...toShops, ...others].map(atOnce)));
  if (failed.length > 0) throw failed[0];
  return all;
}

const sorted = (head: Item, now: Instant) => ({
  stream: String(head.pk) as StreamName,
  head,
  dueAt: dueOf(head) ?? now,
  waiting: waitingOf(head, now),
});

/** Undefined where it throws, which is kept, with the name of the item. */
function orFailed<T>(failed: unknown[], pk: unknown, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    failed.push(new Error(`${String(pk)} can't be read`, { cause: error }));
    return undefined;
  }
}

/**
 * A queue that takes nothing keeps nobody of the others waiting. What it did not take is due again after the time of grace, as all that was
 * asked for is, so that it isn't first in line for ever; and the run fails when it has asked for all, so that somebody hears of it.
 */
function goingOn(queues: Queues): { readonly queues: Queues; readonly failed: unknown[] } {
  const failed: unknown[] = [];
  const send: Queues['send'] = async (work, delayMs) => {
    try {
      await queues.send(work, delayMs);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failed.push(error);
    }
  };
  return { queues: { send }, failed };
}

interface Asking {
  readonly stream: StreamName;
  /** So much later, where its account is asked evenly. */
  readonly afterMs: number;
}

/**
 * In their order, since the first to be asked for is the first to be sent; a few at a time, which share a message batch. Who dies between
 * the hint and the new due time has asked once more than needed.
 */
async function askAll(needs: SweepNeeds, all: readonly Asking[]): Promise<number> {
  let asked = 0;
  for (let at = 0; at < all.length; at += sideBySide) {
    const some = await Promise.all(all.slice(at, at + sideBySide).map((one) => dueStill(needs, one)));
    const due = some.filter((one) => one !== undefined);
    for (const [afterMs, work] of byDelay(due)) await needs.queues.send(work, afterMs);
    await Promise.all(due.map((one) => goOn(needs, one)));
    asked += due.reduce((sum, { work }) => sum + work.length, 0);
  }
  return asked;
}

const atOnce = (stream: StreamName): Asking => ({ stream, afterMs: 0 });

/** Queues count in seconds. */
function byDelay(due: readonly DueStill[]): Map<number, Work[]> {
  const delayed = new Map<number, Work[]>();
  for (const { work, afterMs } of due) {
    const ms = Math.ceil(afterMs / second) * second;
    if (work.length > 0) delayed.set(ms, [...(delayed.get(ms) ?? []), ...work]);
  }
  return delayed;
}

interface Due extends Waiting {
  readonly stream: StreamName;
  /** As the index had it, which may lag: for what is only a wait. */
  readonly head: Item;
  readonly dueAt: Instant;
}

/** Found by an index that may lag: what is asked for is read again before. */
async function dueHeads(needs: SweepNeeds, now: Instant): Promise<Item[]> {
  const heads: Item[] = [];
  for (let shard = 0; shard < dueShards; shard += 1) {
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const query = { pk: dueShard(shard), to: sortable(now), limit: pageSize };
      const found = await needs.table.index('due', cursor === undefined ? query : { ...query, cursor });
      heads.push(...found.items);
      cursor = found.cursor;
      if (cursor === undefined) break;
    }
  }
  return heads;
}

/** `toShops`: whose gateway has no turn for them now, and whose shop need not wait for that. */
async function giveTurns(
  needs: SweepNeeds & { readonly failed: unknown[] },
  waiting: readonly Due[],
  now: Instant,
): Promise<{ readonly asked: number; readonly toShops: readonly StreamName[] }> {
  const rooms = new Map<string, Room>();
  for (const { accounts } of waiting)
    for (const account of accounts) if (!rooms.has(account)) rooms.set(account, await roomAt(needs, account, now));
  const planned = turns(waiting, (account) => rooms.get(account) ?? noRoom, { now, everyMs: needs.tempo.sweepEveryMs });
  let asked = 0;
  const toShops: StreamName[] = [];
  for (let at = 0; at < planned.length; at += sideBySide) {
    const some = planned.slice(at, at + sideBySide);
    const hints = some.flatMap(({ of, turn }) =>
      turn.is === 'hint' ? [{ stream: of.stream, afterMs: turn.afterMs }] : [],
    );
    asked += await askAll(needs, hints);
    await Promise.all(
      some.map(async ({ of, turn }) => {
        if (turn.is === 'hint') return;
        const until = turn.is === 'later' ? turn.until : plus(now, needs.tempo.sweepEveryMs);
        if (alsoOwedToShop(of.head)) {
          toShops.push(of.stream);
          await postponeGateway(needs.table, of.head, until);
        } else if (turn.is === 'later') await moveOn(needs, of.stream, of.dueAt, until);
      }),
    );
  }
  return { asked, toShops };
}

const noRoom: Room = { places: 0, perSecond: 1 };

/** What an account takes until the next sweep. `account` names it with its merchant, as its item does. */
async function roomAt(
  { table, failed }: Pick<SweepNeeds, 'table'> & { readonly failed: unknown[] },
  account: string,
  now: Instant,
): Promise<Room> {
  const item = await table.get(accountKey(accountOf(account)));
  const stored = orFailed(failed, item?.pk, () => storedWeather(item, now));
  if (stored === undefined) return noRoom;
  const { weather } = stored;
  const { breaker, pace, rates } = weather;
  const until = breaker.is === 'open' && now < breaker.until ? { until: breaker.until } : {};
  const aheadMs = Math.max(0, Math.max(pace.next.refund, pace.next.account) - now);
  return { places: room(breaker, now), perSecond: rateAt(pace, rates, now), aheadMs, ...until };
}

interface DueStill extends Asking {
  readonly head: Item;
  readonly dueAt: Instant;
  readonly now: Instant;
  readonly work: readonly Work[];
}

/** The index may lag: the head itself is read before anything is asked. */
async function dueStill(needs: SweepNeeds, asking: Asking): Promise<DueStill | undefined> {
  const head = await needs.table.get({ table: 'state', pk: asking.stream });
  const dueAt = dueOf(head);
  const now = needs.clock.now();
  if (head === undefined || dueAt === undefined || dueAt > now) return undefined;
  return { ...asking, head, dueAt, now, work: workOf(asking.stream, head, needs) };
}

async function goOn(needs: SweepNeeds, { stream, head, dueAt, now, work, afterMs }: DueStill): Promise<void> {
  const until = await remind(needs, stream, head, now);
  const again = plus(now, afterMs + needs.tempo.graceMs);
  await moveOn(needs, stream, dueAt, work.length > 0 || until === undefined ? again : until);
}

/** A hold that nobody looked at in its time is alarmed once a period. Answers when the next reminder is due. */
async function remind(needs: SweepNeeds, stream: StreamName, head: Item, now: Instant): Promise<Instant | undefined> {
  const heldUntil = head.status === 'held' && typeof head.heldUntil === 'string' ? head.heldUntil : undefined;
  if (heldUntil === undefined) return undefined;
  if (heldUntil > sortable(now)) return instant(Number(heldUntil));
  needs.log.alarm('hold-overdue', { stream });
  const next = plus(now, needs.tempo.holdLimitMs);
  await needs.table.write([
    {
      update: { table: 'state', pk: stream },
      set: { heldUntil: sortable(next) },
      only: [{ attribute: 'heldUntil', is: 'equal', value: heldUntil }],
    },
  ]);
  return next;
}

const atGateway: ReadonlySet<string> = new Set<QueueName>(['execute', 'reconcile']);

function workOf(stream: StreamName, head: Item, needs: SweepNeeds): Work[] {
  const merchant = merchantOf(stream);
  const gateway = gatewayIsDue(head, needs.clock.now());
  const queues = String(head.follow ?? '')
    .split(' ')
    .filter((queue) => gateway || !atGateway.has(queue));
  return queues
    .filter((queue): queue is QueueName => queueNames.includes(queue as QueueName) && kindOf(stream) !== undefined)
    .map((queue): Work => ({ queue, merchant, stream, correlation: correlationId(needs.ids.random()) }))
    .flatMap((work) => (work.queue === 'execute' ? atEach(work, executeAtOf(head)) : [work]));
}

/** Only if nobody else moved it: then the due time is theirs. */
async function moveOn(needs: SweepNeeds, stream: StreamName, from: Instant, to: Instant): Promise<void> {
  await needs.table.write([
    {
      update: { table: 'state', pk: stream },
      set: due(stream, to).set,
      only: [{ attribute: 'dueAt', is: 'equal', value: sortable(from) }],
    },
  ]);
}
