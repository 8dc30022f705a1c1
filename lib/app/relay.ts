import { type Entry, readEntry, type Sealed } from '../domain/chain.ts';
import { type Event, readable } from '../domain/events.ts';
import type { ConnectionName } from '../domain/ids.ts';
import { next } from '../domain/refund/next.ts';
import { atEach, type Work } from '../domain/refund/work.ts';
import { merchantOf, type StreamName } from '../domain/streams.ts';
import type { Log } from './ports/log.ts';
import type { Queues } from './ports/queues.ts';

/** A record of the journal's stream. Anything but an insert means that somebody changed what must never change. */
export type JournalChange =
  | { readonly is: 'inserted'; readonly stored: Sealed }
  | { readonly is: 'tampered'; readonly stream: string };

export interface RelayNeeds {
  readonly queues: Queues;
  readonly log: Log;
  /** At which gateway accounts work on a stream is done, where its event does not say; without it such a hint is for all of them. */
  readonly executeAt?: (stream: StreamName) => Promise<readonly ConnectionName[]>;
}

/**
 * From facts to hints: asks `next` what follows from each new entry and puts that on the queues. Losing this function for two days
 * loses nothing: the sweep asks for whatever is due.
 */
export async function relay(needs: RelayNeeds, changes: readonly JournalChange[]): Promise<void> {
  const work: Work[] = [];
  for (const change of changes) {
    if (change.is === 'tampered') needs.log.alarm('journal-tampered', { stream: change.stream });
    else work.push(...following(readEntry<Event>(change.stored), needs.log));
  }
  const once = new Map(work.map((one) => [`${one.queue} ${one.stream} ${one.leg ?? ''}`, one]));
  const placed = (await Promise.all([...once.values()].map((one) => atItsAccount(needs, one)))).flat();
  if (placed.length > 0) await needs.queues.send(placed);
  for (const { queue, stream, correlation } of once.values())
    needs.log.note('work-hinted', { correlation, stream, code: queue });
}

/** Each gateway has its own queue for what calls it (ADR 23). That is one read of a head, after what is rare: a silence, a person's word. */
async function atItsAccount({ executeAt }: RelayNeeds, work: Work): Promise<readonly Work[]> {
  if (work.queue !== 'execute' || work.connection !== undefined || executeAt === undefined) return [work];
  return atEach(work, await executeAt(work.stream));
}

function following(entry: Entry<Event>, log: Log): Work[] {
  const { stream, correlation } = entry;
  const merchant = merchantOf(stream);
  return entry.events.flatMap((event) => {
    if (!readable(event)) {
      log.alarm('newer-version', { stream, correlation });
      return [];
    }
    return next(event).map((follow): Work => ({ ...follow, merchant, stream, correlation }));
  });
}
