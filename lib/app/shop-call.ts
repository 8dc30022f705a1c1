import { ifAvailable } from './if-available.ts';
import type { Connection } from './ports/connections.ts';
import type { SourceClient, Sources } from './ports/source.ts';

/** The shop of a connection; undefined where its credential can't be had now, or its folder can't be asked. */
export const openShop = (
  needs: { readonly sources: Sources },
  connection: Connection,
): Promise<SourceClient | undefined> => ifAvailable(() => needs.sources.open(connection));
