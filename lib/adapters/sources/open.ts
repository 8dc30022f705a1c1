import type { Connection, Credentials } from '../../app/ports/connections.ts';
import type { Sources } from '../../app/ports/source.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { ClientWorld } from '../kit/open.ts';
import { sourceClients } from './clients.ts';

/** The port `Sources` over the list of clients: the folder is loaded on first use, the credential is read each time (its adapter caches). */
export const openSources = (credentials: Credentials, world: ClientWorld): Sources => ({
  async open(connection) {
    const client = connection.kind === 'source' ? sourceClients.get(connection.platform) : undefined;
    if (client === undefined) throw new Unavailable('connections', new Error('no source folder that can be asked'));
    const [open, credential] = await Promise.all([client(), credentials.credential(connection.name)]);
    return open(connection, credential, world);
  },
});

/** Whether anything is ever asked of this connection: each gateway is, and a shop whose folder has a client. */
export const isAsked = ({ kind, platform }: Connection): boolean => kind === 'gateway' || sourceClients.has(platform);
