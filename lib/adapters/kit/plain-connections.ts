import {
  type Connection,
  type Connections,
  type Credentials,
  Secret,
  VerifySecret,
} from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Instant } from '../../domain/time.ts';

/** A verify secret with the time in which it counts: from `from` on and before `until`, ISO instants; either may be left out. */
export interface DatedSecret {
  readonly secret: string;
  /** Names it in logs; without it, its place in the list does. */
  readonly version?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** A text is live for as long as it stands in the list. */
export type PlainSecret = string | DatedSecret;

/** One connection with its secrets in clear, as a file or a test has them. */
export interface PlainConnection extends Connection {
  /** Newest first, as far as their dates do not say it. */
  readonly verifySecrets: readonly PlainSecret[];
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
  const secretsOf = new Map(plain.connections.map((one) => [one.name, datedSecrets(one.verifySecrets)]));
  return {
    async find(name) {
      const found = byName.get(name);
      return found && withoutSecrets(found);
    },
    async of(merchant) {
      return plain.connections.filter((one) => one.merchant === merchant).map(withoutSecrets);
    },
    async verifySecrets(name, now) {
      return liveSecrets(secretsOf.get(name) ?? [], now);
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

/** Each with its verify secrets apart, so that they can be looked at. */
export const configured = ({ connections }: PlainConnections) =>
  connections.map((connection) => ({
    connection: withoutSecrets(connection),
    verifySecrets: connection.verifySecrets.map((one) => new Secret(typeof one === 'string' ? one : one.secret)),
  }));

interface Dated {
  readonly secret: VerifySecret;
  readonly from: number;
  readonly until: number;
}

/** With the instants between which each counts, the one that begins last first; what has no beginning was always there. */
export const datedSecrets = (all: readonly PlainSecret[]): readonly Dated[] =>
  all
    .map((one): DatedSecret => (typeof one === 'string' ? { secret: one } : one))
    .map(({ secret, version, from, until }, index) => ({
      secret: new VerifySecret(secret, version ?? `place-${index + 1}`),
      from: from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from),
      until: until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until),
    }))
    .sort((a, b) => (a.from === b.from ? 0 : b.from - a.from));

/** Those that count at `now`. */
export const liveSecrets = (all: readonly Dated[], now: Instant): readonly VerifySecret[] =>
  all.filter(({ from, until }) => from <= now && now < until).map(({ secret }) => secret);

const withoutSecrets = ({ name, merchant, kind, platform, mode, settings }: PlainConnection): Connection => ({
  name,
  merchant,
  kind,
  platform,
  mode,
  settings,
});
