import type { Connection } from './ports/connections.ts';
import type { SourceClient, Sources } from './ports/source.ts';
import { Unavailable } from './ports/unavailable.ts';

/** The shop of a connection; undefined where its credential can't be had now, or its folder can't be asked. */
export async function openShop(
  needs: { readonly sources: Sources },
  connection: Connection,
): Promise<SourceClient | undefined> {
  try {
    return await needs.sources.open(connection);
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}
