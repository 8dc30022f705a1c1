import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import { decode, encode } from '../domain/json.ts';
import { tendItem } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import type { Table } from './ports/table.ts';

/**
 * How a shop's subscriptions stand: one item for each tended connection, changed on condition of its version. It follows from no fact.
 * Losing it costs a gap that nobody had asked for yet; it moves no money.
 */
export interface Standing {
  /** When this connection was first tended. What was there before is history, and nobody here may have heard of it. */
  readonly startedAt: Instant;
  /** All was subscribed when we first looked: since then at the latest what happened was announced to us. Absent where it was not. */
  readonly announcedSince?: Instant;
  /** Everything we want was subscribed then; absent before the first good look. */
  readonly checkedAt?: Instant;
  /** Topics that somebody was told are missing, for as long as they are; and those that the shop refused. */
  readonly lost: readonly string[];
  readonly refused: readonly string[];
  readonly remindedAt?: Instant;
  /** The restore epoch in which what the tables forgot was last asked for, or is being asked for by the gap; absent while it is 0. */
  readonly restored?: number;
  /** Something was missing, and not all that was missed meanwhile has been asked for. */
  readonly gap?: Gap;
}

export interface Gap {
  /** What changed in the shop since then is asked for. */
  readonly since: Instant;
  /** When all was subscribed again that the shop lets us; absent before. */
  readonly madeAt?: Instant;
  /** One pass through all pages was finished. */
  readonly passed: boolean;
  /** When the pass under way began, and the page it has come to. */
  readonly passAt?: Instant;
  readonly cursor?: string;
}

/** As it was read: `version` 0 where there is none. */
export interface Stood {
  readonly version: number;
  readonly standing: Standing | undefined;
}

interface Of {
  readonly merchant: MerchantId;
  readonly name: ConnectionName;
}

const keyOf = ({ merchant, name }: Of) => ({ table: 'state', pk: tendItem(merchant, name) }) as const;

export async function readStanding(table: Table, of: Of): Promise<Stood> {
  const item = await table.get(keyOf(of));
  if (item === undefined) return { version: 0, standing: undefined };
  return { version: Number(item.version), standing: decode<Standing>(String(item.standing)) };
}

/** Only if nobody changed it since it was read; undefined where somebody did, or where the store is busy: the next run reads it again. */
export async function writeStanding<S extends Standing>(
  table: Table,
  of: Of,
  change: { readonly version: number; readonly standing: S },
): Promise<{ readonly version: number; readonly standing: S } | 'busy' | undefined> {
  const { version, standing } = change;
  const written = await table.write([
    {
      update: keyOf(of),
      set: { version: BigInt(version + 1), standing: encode(standing) },
      only: [version === 0 ? { is: 'absent' } : { attribute: 'version', is: 'equal', value: BigInt(version) }],
    },
  ]);
  if (written.is === 'busy') return 'busy';
  return written.is === 'written' ? { version: version + 1, standing } : undefined;
}
