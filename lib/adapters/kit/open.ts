import type { Connection, Secret } from '../../app/ports/connections.ts';
import type { Gateway } from '../../app/ports/gateway.ts';
import type { SourceClient } from '../../app/ports/source.ts';
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
