import type { ConnectionName } from '../domain/ids.ts';
import { type Connection, type Connections, WrongSettings } from './ports/connections.ts';
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

/** A connection that has left the settings is `gone`; one whose settings can't be used may be mended. */
export async function connectionNamed(
  { connections }: { readonly connections: Pick<Connections, 'find'> },
  name: ConnectionName,
): Promise<Connection | 'gone' | 'unusable'> {
  const found = await unlessWrong(async () => (await connections.find(name)) ?? ('gone' as const));
  return found ?? 'unusable';
}

/** A connection whose settings can't be used is as good as none: whoever waits for it is in front of a person in the end. */
export async function unlessWrong<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof Unavailable && error.cause instanceof WrongSettings) return undefined;
    throw error;
  }
}
