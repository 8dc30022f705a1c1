import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { secretConnections, secretCredentials } from '../../lib/adapters/aws/connections.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { hmacHex } from '../../lib/adapters/kit/hmac.ts';
import { readers } from '../../lib/adapters/readers.ts';
import { systemClock } from '../../lib/adapters/system/world.ts';
import { blindIndex } from '../../lib/app/blind.ts';
import { wrongConnections } from '../../lib/app/check-connections.ts';
import type { Connections } from '../../lib/app/ports/connections.ts';
import type { Log } from '../../lib/app/ports/log.ts';
import { type Env, required } from './env.ts';

/** One for the settings and for all credentials: each client has connections of its own. */
let made: SecretsManagerClient | undefined;
function secrets(): SecretsManagerClient {
  made ??= quiet(new SecretsManagerClient({ ...clientLimits() }));
  return made;
}

/** Settings, verify secrets and the key of the blind index; what is wrong with them is alarmed. */
export function connectionsOf(env: Env, log: Log) {
  const { REDRESS_CONNECTIONS_SECRET: secret } = required(env, ['REDRESS_CONNECTIONS_SECRET']);
  return secretConnections({
    client: secrets(),
    clock: systemClock,
    secret,
    check: (all) => wrongConnections(readers, all),
    tell: (wrong) => {
      for (const { connection, field } of wrong)
        log.alarm('connection-wrong', { ...(connection !== undefined && { connection }), code: field });
    },
  });
}

/** API credentials, for those that call out. */
export function credentialsOf(env: Env) {
  const { REDRESS_CREDENTIAL_PREFIX: prefix } = required(env, ['REDRESS_CREDENTIAL_PREFIX']);
  return secretCredentials({ client: secrets(), clock: systemClock, prefix });
}

export const blindOf = (connections: Connections) => blindIndex(connections, hmacHex);
