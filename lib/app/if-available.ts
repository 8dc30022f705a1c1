import { Unavailable } from './ports/unavailable.ts';

/** What `get` gives; undefined where a port does not answer and the caller has something better to do than to fail. */
export async function ifAvailable<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}
