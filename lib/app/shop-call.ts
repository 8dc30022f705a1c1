import { ifAvailable } from './if-available.ts';
import type { Connection } from './ports/connections.ts';
import type { SourceClient } from './ports/source.ts';

/** The shop of a connection; undefined where its credential can't be had now, or its folder can't be asked. */
export const openShop = <Shop extends Pick<SourceClient, 'tending'>>(
  needs: { readonly sources: { open(connection: Connection): Promise<Shop> } },
  connection: Connection,
): Promise<Shop | undefined> => ifAvailable(() => needs.sources.open(connection));
