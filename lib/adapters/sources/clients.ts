import type { OpenSource } from '../kit/open.ts';

/**
 * What asks a source back, of those whose scheme does not sign everything or that want to be told; by the name that
 * `Connection.platform` gives it. Loaded on first use.
 */
export const sourceClients: ReadonlyMap<string, () => Promise<OpenSource>> = new Map([
  ['shopify', async () => (await import('./shopify/client.ts')).open],
]);
