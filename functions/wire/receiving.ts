import { readers } from '../../lib/adapters/readers.ts';
import { openDoor } from '../../lib/app/door.ts';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { productionFlood } from '../../lib/domain/flood.ts';
import type { Env } from './env.ts';
import { common, connectionsOf } from './parts.ts';
import { sealerOf } from './vault.ts';

/** What both receiving functions have: no API credential, and nothing that decrypts. */
export const receiving = (env: Env, serviceName: string) => ({
  ...common(env, serviceName),
  connections: connectionsOf(env),
  readers,
  vault: sealerOf(env),
  door: openDoor(productionFlood),
  recent: recentNotices(mostRecent),
});
