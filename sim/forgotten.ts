import type { Fact, Seen, SeenEntry } from './seen.ts';

/** What a store that was put back to an earlier instant no longer knows, and what was true all the same. */
export interface Forgotten {
  /** Restore epoch of the deployment over the tables as they are, and the one that their journal has come to. */
  deployment: number;
  journal: number;
  /** Entries that were written once and are gone. */
  readonly entries: SeenEntry[];
  /** Keys under which something was sent in a time that is forgotten, where the store does not know of it. */
  readonly keys: Set<string>;
  /** Amounts that were approved for a leg, by `refund/leg`. */
  readonly amounts: Map<string, Set<bigint>>;
  /** And the payments that it was to be taken from. */
  readonly payments: Map<string, Set<string>>;
  /** Of all that was ever written: the return of each refund, and the most that each return ever stated. */
  readonly returns: Map<string, string>;
  readonly stated: Map<string, bigint>;
}

export const nothingForgottenYet = (): Forgotten => ({
  deployment: 0,
  journal: 0,
  entries: [],
  keys: new Set(),
  amounts: new Map(),
  payments: new Map(),
  returns: new Map(),
  stated: new Map(),
});

/** The restore of the tables as they are has begun, and has not come to its end. */
export const restoring = ({ forgotten }: Seen): boolean => forgotten.journal !== forgotten.deployment;

const whole = (amount: unknown): bigint => BigInt(String(amount));

/** What a snapshot of a return comes to: its lines and its shipping, less its fees. */
export function amountOf(snapshot: Fact): bigint {
  const lines = snapshot.lines as Fact[];
  const { amountMinor, taxMinor } = snapshot.shipping as Fact;
  const parts = [
    ...lines.flatMap((line) => [line.priceMinor, line.taxMinor]),
    amountMinor,
    taxMinor,
    ...(snapshot.fees as Fact[]).map((fee) => -whole(fee.amountMinor)),
  ];
  return parts.reduce<bigint>((sum, part) => sum + whole(part), 0n);
}

/** What an entry says that stays true whatever becomes of the store, and how far its journal has come. */
export function keepTruth(forgotten: Forgotten, { stream, events }: SeenEntry): void {
  const { returns, stated } = forgotten;
  for (const fact of events) {
    if (fact.type === 'control.restore-ended') forgotten.journal = Number(fact.restored);
    if (fact.type === 'refund.requested')
      returns.set(String(stream.split('#').at(-1)), String((fact.return as Fact).id));
    const content = fact.content as Fact | undefined;
    // A shop's own pages say it where its webhooks only name what to ask for.
    if (!['notice.recorded', 'notice.confirmed'].includes(String(fact.type)) || content?.about !== 'return') continue;
    const snapshot = content.snapshot as Fact;
    const most = stated.get(String(snapshot.return)) ?? 0n;
    const amount = amountOf(snapshot);
    stated.set(String(snapshot.return), amount > most ? amount : most);
  }
}

/** What came of it, by the names of counters. */
export function reachedBy({ forgotten, streams }: Seen): string[] {
  const facts = (entries: readonly SeenEntry[]) => entries.flatMap(({ events }) => events);
  const lost = new Set(facts(forgotten.entries).map(({ type }) => `forgotten ${type}`));
  const held = [...streams.values()].some((entries) =>
    facts(entries).some(({ type, reasons }) => type === 'leg.held' && String(reasons).includes('forgotten-refund')),
  );
  return [...lost, ...(held ? ['held as forgotten-refund'] : [])];
}
