import type { Ids, Pause } from './ports/world.ts';

/**
 * Tries again while `once` says so, with growing, jittered pauses. Answers the last result: the caller sees `undefined` as "still
 * busy" and leaves the rest to the queue or the sweep.
 */
export async function insist<T>(
  needs: { readonly pause: Pause; readonly ids: Ids },
  once: () => Promise<T | undefined>,
  tries = 8,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const result = await once();
    if (result !== undefined) return result;
    await needs.pause(jittered(needs.ids, 10 * 2 ** attempt));
  }
  return undefined;
}

/** Between half of `ms` and all of it: rivals that met once do not meet again. */
export const jittered = (ids: Ids, ms: number): number => Math.ceil(ms / 2 + chanceOf(ids) * (ms / 2));

/** In [0, 1). */
export function chanceOf(ids: Ids): number {
  let sum = 0;
  for (const char of ids.random()) sum += char.charCodeAt(0);
  return (sum % 97) / 97;
}
