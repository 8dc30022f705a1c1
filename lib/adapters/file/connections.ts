import { open } from 'node:fs/promises';
import type { Connections, Credentials } from '../../app/ports/connections.ts';
import type { Clock } from '../../app/ports/world.ts';
import { readConnections } from '../kit/connections-shape.ts';
import { plainConnections } from '../kit/plain-connections.ts';
import { readNowAndThen } from '../kit/read-now-and-then.ts';

/**
 * The ports `Connections` and `Credentials` of the embedded run, from one JSON file that only its owner may read. Reads it at
 * once and throws an Error with what is wrong with it; when it can't be read again later, what was read counts for a quarter of an hour
 * since then, and after that calls throw `Unavailable`.
 */
export async function fileConnections(path: string, clock: Clock): Promise<Connections & Credentials> {
  const fresh = readNowAndThen(() => read(path), clock, await read(path));
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
