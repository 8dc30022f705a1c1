import type { Connection, Credentials, Secret } from '../../app/ports/connections.ts';
import type { Gateway, Gateways } from '../../app/ports/gateway.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { ConnectionName } from '../../domain/ids.ts';
import type { ClientWorld } from '../kit/open.ts';
import { gatewayClients } from './clients.ts';

/** The port `Gateways` over the list of clients: the folder is loaded on first use, the credential is read each time (its adapter caches). */
export function openGateways(credentials: Credentials, world: ClientWorld): Gateways {
  const opened = new Map<ConnectionName, { connection: Connection; credential: Secret; gateway: Gateway }>();
  return {
    async open(connection) {
      const client = connection.kind === 'gateway' ? gatewayClients.get(connection.platform) : undefined;
      if (client === undefined) throw new Unavailable('connections', new Error('no gateway folder of that name'));
      const [open, credential] = await Promise.all([client(), credentials.credential(connection.name)]);
      const known = opened.get(connection.name);
      const same =
        known?.credential.reveal() === credential.reveal() &&
        JSON.stringify(known.connection) === JSON.stringify(connection);
      if (known !== undefined && same) return known.gateway;
      const gateway = open(connection, credential, world);
      opened.set(connection.name, { connection, credential, gateway });
      return gateway;
    },
  };
}
