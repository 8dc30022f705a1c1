import { open } from 'node:fs/promises';
import type { Connections, Credentials } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Clock } from '../../app/ports/world.ts';
import { minute, plus } from '../../domain/time.ts';
import { plainConnections } from '../kit/plain-connections.ts';
import { readConnections } from './connections-shape.ts';

/** What the port allows; secrets that were taken back work no longer than this while the file can be read. */
const cacheMs = 5 * minute;

/**
 * While it can't, what was read last is used for so long: a file that is being replaced or a store that restarts must not cost every
 * webhook a 503. No longer, since a secret that was taken back would work for as long as somebody keeps the store away (F21).
 */
const staleMs = 15 * minute;

/**
 * The ports `Connections` and `Credentials` of the embedded run, from one JSON file that only its owner may read. Reads it at
 * once and throws an Error with what is wrong with it; when it can't be read again later, what was read counts for a quarter of an hour
 * since then, and after that calls throw `Unavailable`.
 */
export async function fileConnections(path: string, clock: Clock): Promise<Connections & Credentials> {
  let cached = { readAt: clock.now(), reading: read(path) };
  let good = { readAt: cached.readAt, made: await cached.reading };
  const fresh = async (): Promise<Connections & Credentials> => {
    const age = clock.now() - cached.readAt;
    if (age >= cacheMs || age < 0) cached = { readAt: clock.now(), reading: read(path) };
    const used = cached;
    try {
      const made = await used.reading;
      if (cached === used) good = { readAt: used.readAt, made };
      return made;
    } catch (error) {
      // A failed reading is not kept: the next call tries again.
      if (cached === used) cached = { ...used, readAt: plus(used.readAt, -cacheMs) };
      const stale = clock.now() - good.readAt;
      if (stale >= 0 && stale < staleMs) return good.made;
      throw new Unavailable('connections', error);
    }
  };
  return {
    find: async (name) => (await fresh()).find(name),
    of: async (merchant) => (await fresh()).of(merchant),
    verifySecrets: async (name, now) => (await fresh()).verifySecrets(name, now),
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
