import { type Entry, type Hash, readEntry, type Sealed, sealEntry } from '../domain/chain.ts';
import { type Event, readable } from '../domain/events.ts';
import { type CorrelationId, writerToken } from '../domain/ids.ts';
import type { StreamName } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import type { Condition, Item, Table, Write } from './ports/table.ts';
import type { Ids } from './ports/world.ts';

/**
 * The journal: the only thing that decides who was first. One append is one transaction of the entry, its stream's head, and
 * whatever must be true or change with them.
 */
export interface JournalNeeds {
  readonly table: Table;
  readonly ids: Ids;
  readonly hash: Hash;
}

/** Where a stream ended when it was read. */
export interface End {
  readonly version: number;
  readonly digest: string;
}

export const beginning: End = { version: 0, digest: '' };

export interface Append {
  readonly stream: StreamName;
  readonly after: End;
  readonly at: Instant;
  readonly actor: string;
  readonly cause: string;
  readonly correlation: CorrelationId;
  readonly events: readonly Event[];
  readonly head: HeadChange;
  /** Further writes of the transaction. `name` says which condition stood in the way, where one did. */
  readonly also: readonly Also[];
}

/** What changes on the head besides its version and digest. */
export interface HeadChange {
  readonly set: Item;
  readonly add?: Readonly<Record<string, bigint>>;
  readonly remove?: readonly string[];
  readonly only?: readonly Condition[];
}

export interface Also {
  readonly name: string;
  readonly write: Write;
}

export type Appended =
  | { readonly is: 'appended'; readonly end: End }
  /** Somebody was first: read again. */
  | { readonly is: 'stale' }
  /** The stream was to begin here and has begun already; `first` is its first entry. */
  | { readonly is: 'seen'; readonly first: Sealed; readonly head: Item | undefined }
  /** A condition did not hold: a reason, never to be retried blindly. `old` is the item as it stands. */
  | { readonly is: 'blocked'; readonly by: string; readonly old: Item | undefined }
  /** Throttled or in conflict: try again after a pause. */
  | { readonly is: 'busy' };

/**
 * Appends one entry, or says why not. A lost reply, or a retry inside the SDK, makes our own success look like a rival's: the
 * writer token in the entry found there tells the two apart (F71).
 */
export async function append(needs: JournalNeeds, input: Append): Promise<Appended> {
  const { stream, after, at, actor, cause, correlation, events } = input;
  const number = after.version + 1;
  const writer = writerToken(needs.ids.random());
  const entry: Entry<Event> = {
    v: 1,
    stream,
    number,
    at,
    actor,
    cause,
    correlation,
    writer,
    previous: after.digest,
    events,
  };
  const sealed = sealEntry(entry, needs.hash);
  const written = await needs.table.write([
    entryWrite(stream, sealed),
    headWrite(input, sealed),
    ...input.also.map((one) => one.write),
  ]);
  switch (written.is) {
    case 'written':
      return { is: 'appended', end: { version: number, digest: sealed.digest } };
    case 'busy':
      return { is: 'busy' };
    case 'refused':
      return explain(written.failed, { input, writer, sealed });
  }
}

const entryWrite = (stream: StreamName, { number, body, digest }: Sealed): Write => ({
  put: { body, digest },
  key: { table: 'journal', pk: stream, sk: number },
  only: [{ is: 'absent' }],
});

function headWrite({ stream, after, head }: Append, { number, digest }: Sealed): Write {
  const unchanged: Condition =
    after.version === 0 ? { is: 'absent' } : { attribute: 'version', is: 'equal', value: BigInt(after.version) };
  return {
    update: { table: 'state', pk: stream },
    set: { ...head.set, version: BigInt(number), digest },
    ...(head.add && { add: head.add }),
    ...(head.remove && { remove: head.remove }),
    only: [unchanged, ...(head.only ?? [])],
  };
}

type Failed = readonly { readonly index: number; readonly old?: Item }[];

function explain(failed: Failed, of: { input: Append; writer: string; sealed: Sealed }): Appended {
  const { input, writer, sealed } = of;
  const at = (index: number) => failed.find((one) => one.index === index);
  const there = at(0)?.old;
  if (there !== undefined && isWriterOf(there, writer)) {
    return { is: 'appended', end: { version: sealed.number, digest: sealed.digest } };
  }
  const head = at(1);
  if (input.after.version === 0 && there !== undefined)
    return { is: 'seen', first: storedEntry(there, 1), head: head?.old };
  if (at(0) !== undefined) return { is: 'stale' };
  if (head !== undefined && !sameVersion(head.old, input.after)) return { is: 'stale' };
  if (head !== undefined) return { is: 'blocked', by: 'head', old: head.old };
  const also = input.also.findIndex((_, index) => at(index + 2) !== undefined);
  return { is: 'blocked', by: input.also[also]?.name ?? 'unknown', old: at(also + 2)?.old };
}

const sameVersion = (head: Item | undefined, after: End) =>
  head === undefined ? after.version === 0 : head.version === BigInt(after.version);

/** A rival's entry, which is the usual case, is not even read: it does not have our token anywhere. */
function isWriterOf(item: Item, writer: string): boolean {
  const entry = storedEntry(item, 0);
  return entry.body.includes(writer) && readEntry<Event>(entry).writer === writer;
}

/** An item of the journal table as a sealed entry. */
export const storedEntry = (item: Item, number: number): Sealed => ({
  number,
  body: String(item.body ?? ''),
  digest: String(item.digest ?? ''),
});

/** A stream as it is now, by strong reads. */
export interface History<E extends Event> {
  readonly entries: readonly Entry<E>[];
  readonly end: End;
}

export async function load<E extends Event>(
  needs: Pick<JournalNeeds, 'table'>,
  stream: StreamName,
): Promise<History<E>> {
  const items = await needs.table.entries(stream);
  const sealed = items.map((item, index) => storedEntry(item, index + 1));
  const entries = sealed.map((one) => readEntry<E>(one));
  const newer = entries.flatMap((entry) => entry.events).find((event) => !readable(event));
  if (newer !== undefined) throw new NewerVersion(stream);
  return { entries, end: { version: entries.length, digest: sealed.at(-1)?.digest ?? '' } };
}

/** A later version of this code wrote something here that this one can't read: left alone, and tried again after the upgrade. */
export class NewerVersion extends Error {
  override readonly name = 'NewerVersion';
  readonly stream: string;

  constructor(stream: string) {
    super(`${stream} holds events of a newer version`);
    this.stream = stream;
  }
}
