import { type Entry, readEntry, type Sealed } from '../domain/chain.ts';
import { type Event, readable } from '../domain/events.ts';
import type { MerchantId } from '../domain/ids.ts';
import { next } from '../domain/refund/next.ts';
import type { Work } from '../domain/refund/work.ts';
import type { Log } from './ports/log.ts';
import type { Queues } from './ports/queues.ts';

/** A record of the journal's stream. Anything but an insert means that somebody changed what must never change. */
export type JournalChange =
  | { readonly is: 'inserted'; readonly stored: Sealed }
  | { readonly is: 'tampered'; readonly stream: string };

/**
 * From facts to hints: asks `next` what follows from each new entry and puts that on the queues. Losing this function for two days
 * loses nothing: the sweep asks for whatever is due.
 */
export async function relay(
  needs: { readonly queues: Queues; readonly log: Log },
  changes: readonly JournalChange[],
): Promise<void> {
  const work: Work[] = [];
  for (const change of changes) {
    if (change.is === 'tampered') needs.log.alarm('journal-tampered', { stream: change.stream });
    else work.push(...following(readEntry<Event>(change.stored), needs.log));
  }
  const once = new Map(work.map((one) => [`${one.queue} ${one.stream} ${one.leg ?? ''}`, one]));
  if (once.size > 0) await needs.queues.send([...once.values()]);
  for (const { queue, stream, correlation } of once.values())
    needs.log.note('work-hinted', { correlation, stream, code: queue });
}

function following(entry: Entry<Event>, log: Log): Work[] {
  const { stream, correlation } = entry;
  const merchant = (stream.split('#')[0] ?? '') as MerchantId;
  return entry.events.flatMap((event) => {
    if (!readable(event)) {
      log.alarm('newer-version', { stream, correlation });
      return [];
    }
    return next(event).map(
      ({ queue, leg }): Work => ({ queue, merchant, stream, correlation, ...(leg === undefined ? {} : { leg }) }),
    );
  });
}
