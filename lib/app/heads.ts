import type { StreamName } from '../domain/streams.ts';
import { type Instant, instant, plus } from '../domain/time.ts';
import type { HeadChange } from './journal.ts';
import type { Condition, Item, Table } from './ports/table.ts';

/** Heads and when they are due. A head without `dueAt` is in no sweep: nothing is owed there. */

/** How many partitions the `due` index is spread over; more than one sweep can read side by side. */
export const dueShards = 8;

export const dueShard = (shard: number): string => `due#${shard}`;

/** Instants sort as 13 digits. */
export const sortable = (at: Instant): string => String(at).padStart(13, '0');

export const shardOf = (name: string, shards: number): number => {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return sum % shards;
};

/** A head's due time as its attributes; undefined takes it out of the index. */
export function due(stream: StreamName, at: Instant | undefined): Required<Pick<HeadChange, 'set' | 'remove'>> {
  return at === undefined
    ? { set: {}, remove: ['dueAt', 'dueShard'] }
    : { set: { dueAt: sortable(at), dueShard: dueShard(shardOf(stream, dueShards)) }, remove: [] };
}

/**
 * Moves the due time of a head whose facts did not change; `tries` counts how often that happened since they last did, and is left
 * out where it was no try. Loses
 * silently against anybody who appends: then the due time is theirs to set. With `before`, the tries as they were read, also against
 * anybody who postponed it meanwhile. No instant: nothing more is owed. Where nothing is owed any more nothing becomes due: a notice is
 * done with by its refund's first entry, and its own version stays. Answers whether it moved.
 *
 * With `hintAt` the head also says when somebody comes for it before it is due: whoever comes by chance meanwhile leaves it at that, as
 * long as it is due then, and not when the sweep said, which asked for it since.
 */
export async function postpone(
  table: Table,
  stream: StreamName,
  change: {
    readonly version: number;
    readonly until: Instant | undefined;
    readonly tries?: number;
    readonly before?: number;
    readonly hintAt?: Instant;
  },
): Promise<boolean> {
  const { before, tries, hintAt } = change;
  const still: Condition[] = before === undefined ? [] : [{ attribute: 'tries', is: 'equal', value: BigInt(before) }];
  const stop = due(stream, change.until);
  const written = await table.write([
    {
      update: { table: 'state', pk: stream },
      set: {
        ...stop.set,
        ...(tries !== undefined && { tries: BigInt(tries) }),
        ...(hintAt !== undefined && { waitsUntil: waitOf(String(stop.set.dueAt), hintAt) }),
      },
      remove: stop.remove,
      only: [
        { attribute: 'version', is: 'equal', value: BigInt(change.version) },
        { attribute: 'dueAt', is: 'at-least', value: '0' },
        ...still,
      ],
    },
  ]);
  return written.is === 'written';
}

/** How often the head was postponed since its facts last changed. */
export const triesOf = (head: Item | undefined): number => Number(head?.tries ?? 0n);

const waitOf = (dueAt: string, hintAt: Instant): string => `${dueAt} ${sortable(hintAt)}`;

/** When somebody comes for it, where it waits, and nobody has been asked for since. */
export function waitsUntil(head: Item | undefined): Instant | undefined {
  const [dueAt, hintAt] = String(head?.waitsUntil ?? '').split(' ');
  return hintAt !== undefined && dueAt === head?.dueAt ? instant(Number(hintAt)) : undefined;
}

export const versionOf = (head: Item | undefined): number => Number(head?.version ?? 0n);

export const dueOf = (head: Item | undefined): Instant | undefined =>
  typeof head?.dueAt === 'string' ? plus(Number(head.dueAt) as Instant, 0) : undefined;
