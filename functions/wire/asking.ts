import { openSources } from '../../lib/adapters/sources/open.ts';
import { connected } from './connected.ts';
import { credentialsOf } from './connections.ts';
import type { Env } from './env.ts';
import type { Common } from './parts.ts';

/** What the workers that ask shops have: no gateway, and nothing that decrypts. A shop's code is loaded when the first message needs it. */
export const asking = (env: Env, needs: Common) => ({
  ...connected(env, needs),
  sources: openSources(credentialsOf(env), { clock: needs.clock }),
});
