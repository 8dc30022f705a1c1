import type { CorrelationId, MerchantId } from '../domain/ids.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Sources, Tending } from './ports/source.ts';
import type { RecordNeeds } from './record-notice.ts';
import { type Standing, writeStanding } from './standing.ts';

export interface TendNeeds extends RecordNeeds {
  readonly connections: Connections;
  readonly sources: Sources;
  /** Whose connections are tended. */
  readonly merchants: readonly MerchantId[];
  /** How long this invocation still lives: a page is asked for only if its notices can also be recorded here. */
  readonly remainingMs: () => number;
}

/** One connection, its shop, and how it stands as it was written last. */
export interface Turn {
  readonly connection: Connection;
  readonly tending: Tending;
  readonly correlation: CorrelationId;
  readonly version: number;
  readonly standing: Standing;
}

/** Undefined where somebody else changed it meanwhile: what comes of it is theirs. */
export async function save(needs: TendNeeds, turn: Turn, change: Partial<Standing>): Promise<Turn | undefined> {
  const { connection, version } = turn;
  const written = await writeStanding(needs.table, connection, { version, standing: { ...turn.standing, ...change } });
  return written && { ...turn, ...written };
}

/** What an attempt line says. */
export const aboutTurn = ({ correlation, connection }: Turn) => ({ correlation, connection });

/** What a note or an alarm about it says. */
export const said = ({ correlation, connection }: Turn) => ({
  correlation,
  merchant: connection.merchant,
  connection: connection.name,
});
