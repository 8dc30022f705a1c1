import { type Connection, type Connections, type Credentials, Secret } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';

/** One connection with its secrets in clear, as a file or a test has them. */
export interface PlainConnection extends Connection {
  /** Newest first. */
  readonly verifySecrets: readonly string[];
  readonly credential?: string;
}

export interface PlainConnections {
  readonly indexKey: { readonly version: string; readonly key: string };
  readonly connections: readonly PlainConnection[];
}

/**
 * The ports `Connections` and `Credentials` from plain data. A connection that has no credential is as good as unreachable to
 * who needs it: `Unavailable`.
 */
export function plainConnections(plain: PlainConnections): Connections & Credentials {
  const byName = new Map(plain.connections.map((one) => [one.name, one]));
  return {
    async find(name) {
      const found = byName.get(name);
      return found && withoutSecrets(found);
    },
    async verifySecrets(name) {
      return (byName.get(name)?.verifySecrets ?? []).map((secret) => new Secret(secret));
    },
    async indexKey() {
      return { version: plain.indexKey.version, key: new Secret(plain.indexKey.key) };
    },
    async credential(name) {
      const credential = byName.get(name)?.credential;
      if (credential === undefined) throw new Unavailable('connections');
      return new Secret(credential);
    },
  };
}

const withoutSecrets = ({ name, merchant, kind, platform, mode, settings }: PlainConnection): Connection => ({
  name,
  merchant,
  kind,
  platform,
  mode,
  settings,
});
