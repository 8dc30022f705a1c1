import { openGateways } from '../../lib/adapters/gateways/open.ts';
import { openSources } from '../../lib/adapters/sources/open.ts';
import { accountGate } from '../../lib/app/account-gate.ts';
import type { Gateway } from '../../lib/app/ports/gateway.ts';
import type { Vault } from '../../lib/app/ports/vault.ts';
import type { Env } from './env.ts';
import { blindOf, type Common, connectionsOf, credentialsOf } from './parts.ts';
import { sealingVault, vaultOf } from './vault.ts';

/** What the workers that call out have. A gateway's or a shop's code is loaded when the first message needs it. */
export const calling = (env: Env, needs: Common) => over(env, needs, vaultOf(env));

/** The same without the right to decrypt: for those that ask shops, and name no payment. */
export const asking = (env: Env, needs: Common) => over(env, needs, sealingVault(env));

function over(env: Env, needs: Common, vault: Vault) {
  const connections = connectionsOf(env);
  const credentials = credentialsOf(env);
  const { clock } = needs;
  return {
    ...needs,
    connections,
    blind: blindOf(connections),
    vault,
    gateways: openGateways(credentials, { clock }),
    sources: openSources(credentials, { clock }),
    confirmed: new WeakSet<Gateway>(),
    gate: accountGate(needs),
  };
}
