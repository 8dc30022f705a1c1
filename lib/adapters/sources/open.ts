import type { Connection, Credentials } from '../../app/ports/connections.ts';
import type { Sources } from '../../app/ports/source.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { ClientWorld } from '../kit/open.ts';
import { sources } from './registry.ts';

/** The port `Sources` over the registry: the folder is loaded on first use, the credential is read each time (its adapter caches). */
export const openSources = (credentials: Credentials, world: ClientWorld): Sources => ({
  async open(connection) {
    const client = connection.kind === 'source' ? sources.get(connection.platform)?.client : undefined;
    if (client === undefined) throw new Unavailable('connections', new Error('no source folder that can be asked'));
    const [open, credential] = await Promise.all([client(), credentials.credential(connection.name)]);
    return open(connection, credential, world);
  },
});

/** Whether anything is ever asked of this connection: each gateway is, and a shop whose folder has a client. */
export const isAsked = ({ kind, platform }: Connection): boolean =>
  kind === 'gateway' || sources.get(platform)?.client !== undefined;
