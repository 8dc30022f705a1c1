import type { Reader } from '../../app/ports/gateway.ts';

/** What verifies and reads each source's deliveries, by the name that `Connection.platform` gives it. Loaded on first use. */
export const sourceReaders: ReadonlyMap<string, () => Promise<Reader>> = new Map([
  ['generic', async () => (await import('./generic/index.ts')).reader],
  ['shopify', async () => (await import('./shopify/index.ts')).reader],
]);
