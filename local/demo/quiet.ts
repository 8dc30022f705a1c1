import type { Entry } from '../../lib/domain/chain.ts';
import type { Event } from '../../lib/domain/events.ts';

/** Longer than the stream is polled apart, and than a webhook of the simulators is on its way. */
const quietMs = 600;
/** A story whose end nobody sees must not stop the telling. */
const patienceMs = 6000;

export interface World {
  now(): number;
  wait(ms: number): Promise<unknown>;
}

/**
 * Listens to the journal, so that what belongs to a story is told under its heading: knows what is under way, and in which story a stream
 * began.
 */
export function listener({ now, wait }: World) {
  const open = new Set<string>();
  const began = new Map<string, string>();
  let story = '';
  let heardAt = now();
  return {
    /** From here on new streams are of this story. */
    begin(name: string) {
      story = name;
    },
    /** Takes an entry, and answers the name of the earlier story it is of; undefined where it is of this one. */
    hear(entry: Entry<Event>): string | undefined {
      heardAt = now();
      for (const event of entry.events) follow(open, entry.stream, event);
      if (!began.has(entry.stream)) began.set(entry.stream, story);
      const of = began.get(entry.stream);
      return of === story ? undefined : of;
    },
    /** When nothing is under way and nothing was heard for a moment; or, whatever is under way, after a while. */
    async quiet(): Promise<void> {
      const from = now();
      heardAt = from;
      while (now() - from < patienceMs && (open.size > 0 || now() - heardAt < quietMs)) await wait(50);
      open.clear();
    },
  };
}

/** What is under way, by what the journal says: a notice until it is dealt with, a request or a word to the shop until it has its answer. */
function follow(open: Set<string>, stream: string, event: Event): void {
  switch (event.type) {
    case 'notice.recorded':
      if (event.kind !== 'unknown') open.add(stream);
      return;
    case 'notice.settled':
      open.delete(stream);
      return;
    case 'refund.requested':
      open.delete(event.notice);
      return;
    case 'refund.telling':
    case 'leg.sending':
    case 'leg.unknown':
      open.add(stream);
      return;
    case 'refund.told':
    case 'refund.tell-given-up':
    case 'leg.accepted':
    case 'leg.refused':
    case 'leg.deferred':
    case 'leg.held':
      open.delete(stream);
      return;
    default:
      return;
  }
}
