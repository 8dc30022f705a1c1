import type { OpenTended } from '../kit/open.ts';

/**
 * What looks after a source's subscriptions, by the name that `Connection.platform` gives it: of each that is in the list of clients. A list
 * of its own, so that who only does this has nothing else of the folder in its bundle. Loaded on first use.
 */
export const sourcesTended: ReadonlyMap<string, () => Promise<OpenTended>> = new Map([
  ['shopify', async () => (await import('./shopify/tended.ts')).open],
]);
