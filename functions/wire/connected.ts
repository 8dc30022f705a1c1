import { blindOf, connectionsOf } from './connections.ts';
import type { Env } from './env.ts';
import type { Common } from './parts.ts';

/** What whoever knows the connections has. */
export function connected(env: Env, needs: Common) {
  const connections = connectionsOf(env, needs.log);
  return { ...needs, connections, blind: blindOf(connections) };
}
