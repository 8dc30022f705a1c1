import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Connections, type Credentials, Secret } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import type { ConnectionName, MerchantId } from '../../domain/ids.ts';
import { readConnections } from '../kit/connections-shape.ts';
import { plainConnections } from '../kit/plain-connections.ts';
import { readNowAndThen } from '../kit/read-now-and-then.ts';

interface SecretsNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: SecretsManagerClient;
  readonly clock: Clock;
}

/** What a deployment knows of its connections, and whose they are. */
export interface DeployedConnections extends Connections {
  merchants(): Promise<readonly MerchantId[]>;
}

/**
 * The port `Connections` from one secret: settings, verify secrets and the blind index's key, as JSON of the shape that the embedded
 * run's file has, without credentials. Read when it is first needed and cached as the port says. What is wrong with the secret is an
 * Error that names the field and never what stands in it; every call throws it as the cause of `Unavailable`.
 */
export function secretConnections(needs: SecretsNeeds & { readonly secret: string }): DeployedConnections {
  const fresh = readNowAndThen(async () => {
    const reading = readConnections(await textOf(needs, needs.secret), 'deployed');
    if (reading.is === 'wrong')
      throw new Error(`the secret ${needs.secret} can't be used: ${reading.problems.join('; ')}`);
    const { connections } = reading.plain;
    return { ...plainConnections(reading.plain), all: [...new Set(connections.map(({ merchant }) => merchant))] };
  }, needs.clock);
  return {
    find: async (name) => (await fresh()).find(name),
    of: async (merchant) => (await fresh()).of(merchant),
    verifySecrets: async (name, now) => (await fresh()).verifySecrets(name, now),
    indexKey: async (merchant) => (await fresh()).indexKey(merchant),
    merchants: async () => (await fresh()).all,
  };
}

/** The port `Credentials`: a secret for each connection, named by the prefix and the connection's name. The text is the credential. */
export function secretCredentials(needs: SecretsNeeds & { readonly prefix: string }): Credentials {
  const known = new Map<ConnectionName, () => Promise<Secret>>();
  return {
    credential: (name) => {
      const read =
        known.get(name) ??
        readNowAndThen(async () => new Secret(await textOf(needs, `${needs.prefix}${name}`)), needs.clock);
      known.set(name, read);
      return read();
    },
  };
}

async function textOf({ client }: SecretsNeeds, SecretId: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId })).catch((error: unknown) => {
    throw new Unavailable('connections', error);
  });
  if (SecretString === undefined || SecretString === '')
    throw new Unavailable('connections', new Error('an empty secret'));
  return SecretString;
}
