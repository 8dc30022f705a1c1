import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  type Connection,
  type Connections,
  type Credentials,
  Secret,
  type WrongSetting,
  WrongSettings,
} from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import type { ConnectionName, MerchantId } from '../../domain/ids.ts';
import { readConnections } from '../kit/connections-shape.ts';
import { configured, plainConnections } from '../kit/plain-connections.ts';
import { readNowAndThen } from '../kit/read-now-and-then.ts';

interface SecretsNeeds {
  /** Its time limits and attempts are its creator's business: see `clientLimits`. */
  readonly client: SecretsManagerClient;
  readonly clock: Clock;
}

/** What else is to be right with connections whose shape is, and who hears of what is not. */
export interface Checking {
  readonly check: (
    all: readonly { readonly connection: Connection; readonly verifySecrets: readonly Secret[] }[],
  ) => Promise<readonly WrongSetting[]>;
  readonly tell: (wrong: readonly WrongSetting[]) => void;
}

/** What a deployment knows of its connections, and whose they are. */
export interface DeployedConnections extends Connections {
  merchants(): Promise<readonly MerchantId[]>;
}

/**
 * The port `Connections` from one secret: settings, verify secrets and the blind index's key, as JSON of the shape that the embedded
 * run's file has, without credentials. Read when it is first needed and cached as the port says. What is wrong with the secret as a whole
 * is a `WrongSettings`, which every call throws as the cause of `Unavailable`. What is wrong with one connection by `check` shuts that one:
 * `find` and `verifySecrets` throw for it, so that nothing is taken or sent under settings that somebody meant otherwise; `of` lists it,
 * for people. `tell` hears of either once, and again when it has changed.
 */
export function secretConnections(needs: SecretsNeeds & Checking & { readonly secret: string }): DeployedConnections {
  const where = `the secret ${needs.secret}`;
  let told = '';
  const tell = (wrong: readonly WrongSetting[]) => {
    const said = JSON.stringify(wrong);
    if (said !== told && wrong.length > 0) needs.tell(wrong);
    told = said;
  };
  const fresh = readNowAndThen(async () => {
    const reading = readConnections(await textOf(needs, needs.secret), 'deployed');
    const wrong = reading.is === 'wrong' ? reading.wrong : await needs.check(configured(reading.plain));
    tell(wrong);
    if (reading.is === 'wrong') throw new WrongSettings(where, wrong);
    const { connections } = reading.plain;
    const merchants = [...new Set(connections.map(({ merchant }) => merchant))];
    return { ...plainConnections(reading.plain), all: merchants, wrong };
  }, needs.clock);
  const usable = async (name: ConnectionName) => {
    const read = await fresh();
    const its = read.wrong.filter(({ connection }) => connection === name);
    if (its.length > 0) throw new Unavailable('connections', new WrongSettings(where, its));
    return read;
  };
  return {
    find: async (name) => (await usable(name)).find(name),
    of: async (merchant) => (await fresh()).of(merchant),
    verifySecrets: async (name, now) => (await usable(name)).verifySecrets(name, now),
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
