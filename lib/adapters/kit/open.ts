import type { Connection, Credentials, Secret } from '../../app/ports/connections.ts';
import type { Gateway } from '../../app/ports/gateway.ts';
import type { SourceClient } from '../../app/ports/source.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import type { Exchange } from './exchange.ts';

/** What a client needs of the world. */
export interface ClientWorld {
  readonly clock: Clock;
  /** How one request is sent; over HTTP unless a simulated world brings its own. */
  readonly exchange?: Exchange;
}

/** What a gateway folder's `client.ts` exports as `open`. Throws `Unavailable` where settings and credential can't be used together. */
export type OpenGateway = (connection: Connection, credential: Secret, world: ClientWorld) => Gateway;

/** The same of a source's folder. */
export type OpenSource = (connection: Connection, credential: Secret, world: ClientWorld) => SourceClient;

/** The same of its `tended.ts`, for who looks after subscriptions and asks or tells nothing else. */
export type OpenTended = (
  connection: Connection,
  credential: Secret,
  world: ClientWorld,
) => Pick<SourceClient, 'tending'>;

/** Opens what a list of sources has for this connection: the folder is loaded on first use, the credential is read each time (its adapter caches). */
export async function openSource<Shop>(
  list: ReadonlyMap<string, () => Promise<(connection: Connection, credential: Secret, world: ClientWorld) => Shop>>,
  connection: Connection,
  credentials: Credentials,
  world: ClientWorld,
): Promise<Shop> {
  const folder = connection.kind === 'source' ? list.get(connection.platform) : undefined;
  if (folder === undefined) throw new Unavailable('connections', new Error('no source folder that can be asked'));
  const [open, credential] = await Promise.all([folder(), credentials.credential(connection.name)]);
  return open(connection, credential, world);
}
