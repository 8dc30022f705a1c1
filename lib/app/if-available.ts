import type { ConnectionName, MerchantId } from '../domain/ids.ts';
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

type Settings = { readonly connections: Pick<Connections, 'find'> };

/**
 * A connection that has left the settings is `gone`; one whose settings can't be used may be mended. What was written down under a name says
 * nothing of whose it is today: one that settings have given to another merchant since is gone for this one, as its account and its shop are
 * (F23).
 */
export async function connectionNamed(
  { connections }: Settings,
  merchant: MerchantId,
  name: ConnectionName,
): Promise<Connection | 'gone' | 'unusable'> {
  const found = await unlessWrong(async () => (await connections.find(name)) ?? ('gone' as const));
  if (found === undefined) return 'unusable';
  return found !== 'gone' && found.merchant === merchant ? found : 'gone';
}

/** The same where it does not matter why there is none: whoever waits for it is in front of a person in the end. */
export async function connectionOf(
  needs: Settings,
  merchant: MerchantId,
  name: ConnectionName,
): Promise<Connection | undefined> {
  const found = await connectionNamed(needs, merchant, name);
  return found === 'gone' || found === 'unusable' ? undefined : found;
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
