import { randomFillSync } from 'node:crypto';

/** One request to the operating system for so many bytes costs hardly more than one for 16, and each costs 3 µs. */
const pooledBytes = 4096;

/**
 * Random bytes of the operating system, each handed out once and gone from here afterwards. As Node's own `randomUUID`, it asks for
 * many at once.
 */
export function randomSource(fill: (bytes: Uint8Array) => unknown = randomFillSync): (length: number) => Buffer {
  const pool = Buffer.alloc(pooledBytes);
  let used = pooledBytes;
  return (length) => {
    if (length > pooledBytes) throw new RangeError(`${length} random bytes at once`);
    if (used + length > pooledBytes) {
      fill(pool);
      used = 0;
    }
    const part = pool.subarray(used, used + length);
    const bytes = Buffer.from(part);
    part.fill(0);
    used += length;
    return bytes;
  };
}

export const randomBytes = randomSource();
