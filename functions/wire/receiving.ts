import { readers } from '../../lib/adapters/readers.ts';
import { openDoor } from '../../lib/app/door.ts';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { productionFlood } from '../../lib/domain/flood.ts';
import { connectionsOf } from './connections.ts';
import type { Env } from './env.ts';
import { common } from './parts.ts';
import { sealerOf } from './sealing.ts';

/** What both receiving functions have: no API credential, and nothing that decrypts. */
export function receiving(env: Env, serviceName: string) {
  const own = common(env, serviceName);
  return {
    ...own,
    connections: connectionsOf(env, own.log),
    readers,
    vault: sealerOf(env),
    door: openDoor(productionFlood),
    recent: recentNotices(mostRecent),
  };
}
