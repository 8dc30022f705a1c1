import type { MerchantId } from '../domain/ids.ts';
import type { QueueName, Work } from '../domain/refund/work.ts';
import type { StreamName } from '../domain/streams.ts';
import { plus, second } from '../domain/time.ts';
import type { DeadLetters } from './ports/dead-letters.ts';
import type { Queues } from './ports/queues.ts';
import type { Clock } from './ports/world.ts';

/** Ids only. */
export interface Redriven {
  readonly moved: readonly { readonly stream: StreamName; readonly leg: number | null }[];
  /** Messages that are none of ours, seen and left where they are. */
  readonly unreadable: number;
  /** There may be more: ask again. */
  readonly more: boolean;
}

/**
 * A call of the operator API has to end in a few seconds, or what it moved is told to nobody. One look may take one: where a kind of work has
 * several queues, an empty one is waited for beside a full one.
 */
const mostCalls = 20;
const mostMs = 5 * second;

/**
 * Puts what was given up on a queue back on it, once whatever kept it from being done is mended. A message is a hint, so that one that is
 * moved twice, since this process died between sending and removing it, does nothing the second time. Another merchant's is left where it
 * is (F129).
 */
export async function redrive(
  needs: { readonly queues: Queues; readonly deadLetters: DeadLetters; readonly clock: Clock },
  merchant: MerchantId,
  queue: QueueName,
): Promise<Redriven> {
  const moved: Work[] = [];
  let unreadable = 0;
  let more = true;
  const until = plus(needs.clock.now(), mostMs);
  for (let calls = 0; calls < mostCalls && more && needs.clock.now() < until; calls += 1) {
    const letters = await needs.deadLetters.take(queue);
    more = letters.length > 0;
    unreadable += letters.filter(({ work }) => work === undefined).length;
    // A letter that names another queue was put there by somebody else.
    const ours = letters.filter(({ work }) => work?.merchant === merchant && work.queue === queue);
    if (ours.length === 0) continue;
    const work = ours.flatMap((letter) => letter.work ?? []);
    await needs.queues.send(work);
    await needs.deadLetters.remove(queue, ours);
    moved.push(...work);
  }
  return { moved: moved.map(({ stream, leg }) => ({ stream, leg: leg ?? null })), unreadable, more };
}
