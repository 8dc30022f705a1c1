import { correlationId, type MerchantId } from '../domain/ids.ts';
import { type QueueName, queueNames, type Work } from '../domain/refund/work.ts';
import { kindOf, type StreamName } from '../domain/streams.ts';
import { type Instant, instant, plus } from '../domain/time.ts';
import { due, dueOf, dueShard, dueShards, sortable } from './heads.ts';
import type { Needs } from './needs.ts';
import type { Queues } from './ports/queues.ts';
import type { Item } from './ports/table.ts';

export interface SweepNeeds extends Pick<Needs, 'table' | 'clock' | 'ids' | 'log' | 'tempo'> {
  readonly queues: Queues;
}

/** How many heads of one shard one sweep looks at; the rest is due still, and next. */
const mostPerShard = 100;

/**
 * Asks for whatever is due and has not moved: the reason why nothing can be forgotten, even if streams and queues are down for two
 * days (F32). Oldest first; moves `dueAt` forward as it asks, so that a backlog is not hinted twice. Answers how many it asked for.
 */
export async function sweep(needs: SweepNeeds): Promise<number> {
  let asked = 0;
  for (let shard = 0; shard < dueShards; shard += 1) {
    const page = await needs.table.index('due', {
      pk: dueShard(shard),
      to: sortable(needs.clock.now()),
      limit: mostPerShard,
    });
    for (const { pk } of page.items) asked += await ask(needs, String(pk) as StreamName);
  }
  return asked;
}

/** The index may lag: the head itself is read before anything is asked. */
async function ask(needs: SweepNeeds, stream: StreamName): Promise<number> {
  const head = await needs.table.get({ table: 'state', pk: stream });
  const dueAt = dueOf(head);
  const now = needs.clock.now();
  if (head === undefined || dueAt === undefined || dueAt > now) return 0;
  const work = workOf(stream, head, needs);
  if (work.length > 0) await needs.queues.send(work);
  const until = await remind(needs, stream, head, now);
  await moveOn(needs, stream, dueAt, work.length > 0 || until === undefined ? plus(now, needs.tempo.graceMs) : until);
  return work.length;
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

function workOf(stream: StreamName, head: Item, needs: SweepNeeds): Work[] {
  const merchant = (stream.split('#')[0] ?? '') as MerchantId;
  const queues = String(head.follow ?? '').split(' ');
  return queues
    .filter((queue): queue is QueueName => queueNames.includes(queue as QueueName) && kindOf(stream) !== undefined)
    .map((queue) => ({ queue, merchant, stream, correlation: correlationId(needs.ids.random()) }));
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
