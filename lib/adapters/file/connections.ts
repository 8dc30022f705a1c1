import { open } from 'node:fs/promises';
import type { Connections, Credentials } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import { minute, plus } from '../../domain/time.ts';
import { plainConnections } from '../kit/plain-connections.ts';
import { readConnections } from './connections-shape.ts';

/** What the port allows; secrets that were taken back work no longer than this. */
const cacheMs = 5 * minute;

/**
 * The ports `Connections` and `Credentials` of the embedded run, from one JSON file that only its owner may read. Reads it at
 * once and throws an Error with what is wrong with it; when it can't be read again later, calls throw `Unavailable`.
 */
export async function fileConnections(path: string, clock: Clock): Promise<Connections & Credentials> {
  let cached = { readAt: clock.now(), reading: read(path) };
  await cached.reading;
  const fresh = async (): Promise<Connections & Credentials> => {
    const age = clock.now() - cached.readAt;
    if (age >= cacheMs || age < 0) cached = { readAt: clock.now(), reading: read(path) };
    const used = cached;
    try {
      return await used.reading;
    } catch (error) {
      // A failed reading is not kept: the next call tries again.
      if (cached === used) cached = { ...used, readAt: plus(used.readAt, -cacheMs) };
      throw new Unavailable('connections', error);
    }
  };
  return {
    find: async (name) => (await fresh()).find(name),
    verifySecrets: async (name) => (await fresh()).verifySecrets(name),
    indexKey: async (merchant) => (await fresh()).indexKey(merchant),
    credential: async (name) => (await fresh()).credential(name),
  };
}

async function read(path: string): Promise<Connections & Credentials> {
  const file = await open(path, 'r');
  try {
    // The mode of what was opened, not of what the path means a moment later.
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(`${path} holds secrets and can be read by others. Run: chmod 600 ${path}`);
    const reading = readConnections(await file.readFile('utf8'));
    if (reading.is === 'wrong') throw new Error(`${path} can't be used: ${reading.problems.join('; ')}.`);
    return plainConnections(reading.plain);
  } finally {
    await file.close();
  }
}
