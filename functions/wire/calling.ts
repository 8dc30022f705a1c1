import { openGateways } from '../../lib/adapters/gateways/open.ts';
import { accountGate } from '../../lib/app/account-gate.ts';
import type { Gateway } from '../../lib/app/ports/gateway.ts';
import { asking } from './asking.ts';
import { credentialsOf } from './connections.ts';
import type { Env } from './env.ts';
import type { Common } from './parts.ts';
import { vaultOf } from './vault.ts';

/** What the workers that call gateways have, and shops. A gateway's code is loaded when the first message needs it. */
export const calling = (env: Env, needs: Common) => ({
  ...asking(env, needs),
  vault: vaultOf(env),
  gateways: openGateways(credentialsOf(env), { clock: needs.clock }),
  confirmed: new WeakSet<Gateway>(),
  gate: accountGate(needs),
});
