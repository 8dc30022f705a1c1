import type { Reader } from '../../app/ports/gateway.ts';
import type { OpenSource } from '../kit/open.ts';

/** A source's folder. Each half loads on first use, and alone. */
export interface SourceFolder {
  reader(): Promise<Reader>;
  /** Of a source that has to be asked back, since its scheme does not sign everything, or that wants to be told. */
  client?(): Promise<OpenSource>;
}

/** Every source, by the name that `Connection.platform` gives it. */
export const sources: ReadonlyMap<string, SourceFolder> = new Map<string, SourceFolder>([
  ['generic', { reader: async () => (await import('./generic/index.ts')).reader }],
  [
    'shopify',
    {
      reader: async () => (await import('./shopify/index.ts')).reader,
      client: async () => (await import('./shopify/client.ts')).open,
    },
  ],
]);
