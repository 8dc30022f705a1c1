import type { Credentials } from '../../app/ports/connections.ts';
import type { Gateways } from '../../app/ports/gateway.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { ClientWorld } from '../kit/open.ts';
import { gateways } from './registry.ts';

/** The port `Gateways` over the registry: the folder is loaded on first use, the credential is read each time (its adapter caches). */
export const openGateways = (credentials: Credentials, world: ClientWorld): Gateways => ({
  async open(connection) {
    const folder = connection.kind === 'gateway' ? gateways.get(connection.platform) : undefined;
    if (folder === undefined) throw new Unavailable('connections', new Error('no gateway folder of that name'));
    const [open, credential] = await Promise.all([folder.client(), credentials.credential(connection.name)]);
    return open(connection, credential, world);
  },
});
