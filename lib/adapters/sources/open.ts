import type { Credentials } from '../../app/ports/connections.ts';
import type { Sources } from '../../app/ports/source.ts';
import { type ClientWorld, openSource } from '../kit/open.ts';
import { sourceClients } from './clients.ts';

/** The port `Sources` over the list of clients. */
export const openSources = (credentials: Credentials, world: ClientWorld): Sources => ({
  open: (connection) => openSource(sourceClients, connection, credentials, world),
});
