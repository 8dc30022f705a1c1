import { openSources } from '../../lib/adapters/sources/open.ts';
import { blindOf, connectionsOf, credentialsOf } from './connections.ts';
import type { Env } from './env.ts';
import type { Common } from './parts.ts';

/** What the workers that ask shops have: no gateway, and nothing that decrypts. A shop's code is loaded when the first message needs it. */
export function asking(env: Env, needs: Common) {
  const connections = connectionsOf(env, needs.log);
  return {
    ...needs,
    connections,
    blind: blindOf(connections),
    sources: openSources(credentialsOf(env), { clock: needs.clock }),
  };
}
