import type { Item, Table, Write } from '../lib/app/ports/table.ts';
import type { JournalChange } from '../lib/app/relay.ts';
import type { Chances } from './chance.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** A deployment of this life: the newer version comes, may be taken back, and is there in the end. */
export interface Deploys {
  /** Virtual milliseconds from the beginning at which the other version is deployed; the last one deploys the newer. */
  readonly at: readonly number[];
  /** For so long after each, functions of both versions start. */
  readonly mixedMs: number;
  /** Types of events that the newer version writes in a shape that the older can't read; to all others it adds a field. */
  readonly newer: ReadonlySet<string>;
}

/** Which types a life draws from: facts of every kind of stream, some of them in the middle of a refund. */
const types = ['leg.unknown', 'leg.sending', 'leg.accepted', 'leg.held', 'refund.held', 'refund.approved'];
const more = ['payment.captured', 'payment.refund-adopted', 'notice.settled', 'leg.absent', 'leg.failed'];

export function deploysOf(chance: Pick<Chances, 'fixed'>, spanMs: number): Deploys {
  const is = (what: string) => chance.fixed(`deploy ${what}`);
  const times = is('back') < 0.6 ? 3 : 1;
  const at = Array.from({ length: times }, (_, n) => Math.floor(is(`at ${n}`) * spanMs * 1.5)).sort((a, b) => a - b);
  const newer = new Set([...types, ...more].filter((type) => is(type) < 0.3));
  return { at, mixedMs: Math.floor(is('mixed') * 20 * 60_000), newer };
}

interface Event {
  readonly type: string;
  readonly v: number;
}

/**
 * Two versions over one store. What the newer one wrote is stored as it is, and is shown to the older one as that would find it: an event of
 * a version that it does not know, or a field.
 */
export function versionsIn(
  world: { readonly time: Scheduler; readonly chance: Chances },
  deploys: Deploys | undefined,
) {
  if (deploys === undefined) return oneVersion;
  const { deployed, versionOf } = deploying(world, deploys);
  const newer = whatIsNewer(deploys.newer);
  const older = new WeakSet<Table>();
  return {
    serves(process: Process): boolean {
      const { version, mixed } = deployed();
      return mixed || versionOf(process) === version;
    },
    table(table: Table, process: Process): Table {
      if (versionOf(process) === 'newer') return { ...table, write: (writes) => table.write(newer.remembered(writes)) };
      const view = newer.viewOf(table);
      older.add(view);
      return view;
    },
    changesFor: (table: Table, changes: readonly JournalChange[]): readonly JournalChange[] =>
      older.has(table) ? changes.map(newer.shownChange) : changes,
  };
}

const oneVersion = {
  /** Whether an environment that is free is used again: not after the other version was deployed for good. */
  serves: (_: Process): boolean => true,
  table: (table: Table, _: Process): Table => table,
  /** The stream as the relay of one version reads it. */
  changesFor: (_: Table, changes: readonly JournalChange[]): readonly JournalChange[] => changes,
};

/** Which version is deployed, and which one a process has: that of its start. */
function deploying({ time, chance }: { readonly time: Scheduler; readonly chance: Chances }, deploys: Deploys) {
  const begun = time.now();
  const versions = new Map<string, 'older' | 'newer'>();
  const deployed = (): { readonly version: 'older' | 'newer'; readonly mixed: boolean } => {
    const ms = time.now() - begun;
    const done = deploys.at.filter((at) => at <= ms);
    const last = done.at(-1);
    return {
      version: done.length % 2 === 1 ? 'newer' : 'older',
      mixed: last !== undefined && ms < last + deploys.mixedMs,
    };
  };
  const versionOf = (process: Process): 'older' | 'newer' => {
    const known = versions.get(process.name);
    if (known !== undefined) return known;
    const { version, mixed } = deployed();
    const other = version === 'newer' ? 'older' : 'newer';
    const own = mixed && chance.draw('version') < 0.4 ? other : version;
    versions.set(process.name, own);
    return own;
  };
  return { deployed, versionOf };
}

/** Which entries the newer version wrote, and how the older finds them. */
function whatIsNewer(types: ReadonlySet<string>) {
  const written = new Set<string>();
  const shown = (body: string, digest: unknown): string => {
    if (!written.has(String(digest))) return body;
    const entry = JSON.parse(body) as { readonly events: readonly Event[] };
    const events = entry.events.map(({ type, v, ...rest }) =>
      types.has(type) ? { type, v: v + 1, of: rest } : { type, v, ...rest, addedLater: { of: 'any kind' } },
    );
    return JSON.stringify({ ...entry, events });
  };
  const shownItem = (item: Item): Item =>
    typeof item.body === 'string' ? { ...item, body: shown(item.body, item.digest) } : item;
  return {
    /** By its digest, which no other entry has: a request that is lost, or answered by nobody, may or may not have been written. */
    remembered(writes: readonly Write[]): readonly Write[] {
      for (const write of writes) if ('put' in write && 'digest' in write.put) written.add(String(write.put.digest));
      return writes;
    },
    viewOf: (table: Table): Table => ({
      ...table,
      async get(key) {
        const item = await table.get(key);
        return item && shownItem(item);
      },
      entries: async (pk, after) => (await table.entries(pk, after)).map(shownItem),
    }),
    shownChange: (change: JournalChange): JournalChange =>
      change.is === 'inserted'
        ? { ...change, stored: { ...change.stored, body: shown(change.stored.body, change.stored.digest) } }
        : change,
  };
}
