import type { CorrelationId, MerchantId } from '../domain/ids.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Tended, Tending } from './ports/source.ts';
import type { RecordNeeds } from './record-notice.ts';
import { insist } from './retry.ts';
import { type Standing, writeStanding } from './standing.ts';

export interface TendNeeds extends RecordNeeds {
  readonly connections: Connections;
  readonly sources: Tended;
  /** Whose connections are tended. */
  readonly merchants: readonly MerchantId[];
  /** How long this invocation still lives: a page is asked for only if its notices can also be recorded here. */
  readonly remainingMs: () => number;
}

/** One connection, and how it stands as it was written last. */
export interface Stand {
  readonly connection: Connection;
  readonly correlation: CorrelationId;
  readonly version: number;
  readonly standing: Standing;
}

/** The same with its shop, which can be asked. */
export interface Turn extends Stand {
  readonly tending: Tending;
}

/** Undefined where somebody else changed it meanwhile: what comes of it is theirs. A store that is busy is asked again for a while. */
export async function save<S extends Stand>(
  needs: TendNeeds,
  turn: S,
  change: Partial<Standing>,
): Promise<S | undefined> {
  const { connection, version } = turn;
  const standing = { ...turn.standing, ...change };
  const written = await insist(needs, async () => {
    const once = await writeStanding(needs.table, connection, { version, standing });
    return once === 'busy' ? undefined : { once };
  });
  return written?.once && { ...turn, ...written.once };
}

/** What an attempt line says. */
export const aboutTurn = ({ correlation, connection }: Stand) => ({ correlation, connection });

/** What a note or an alarm about it says. */
export const said = ({ correlation, connection }: Stand) => ({
  correlation,
  merchant: connection.merchant,
  connection: connection.name,
});
