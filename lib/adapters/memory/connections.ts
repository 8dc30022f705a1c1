import type { Connections, Credentials } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { type PlainConnections, plainConnections } from '../kit/plain-connections.ts';

/** The ports `Connections` and `Credentials` for tests and the simulation. `down` says whether the store of secrets is out of reach. */
export function memoryConnections(
  plain: PlainConnections,
  down: () => boolean = () => false,
): Connections & Credentials {
  const connections = plainConnections(plain);
  const unlessDown = () => {
    if (down()) throw new Unavailable('connections');
    return connections;
  };
  return {
    find: async (name) => unlessDown().find(name),
    of: async (merchant) => unlessDown().of(merchant),
    verifySecrets: async (name, now) => unlessDown().verifySecrets(name, now),
    indexKey: async (merchant) => unlessDown().indexKey(merchant),
    credential: async (name) => unlessDown().credential(name),
  };
}
