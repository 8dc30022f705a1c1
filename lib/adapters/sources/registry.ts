import type { Reader } from '../../app/ports/gateway.ts';

/** A source's folder, loaded on first use. */
export interface SourceFolder {
  reader(): Promise<Reader>;
}

/** Every source, by the name that `Connection.platform` gives it. */
export const sources: ReadonlyMap<string, SourceFolder> = new Map([
  ['generic', { reader: async () => (await import('./generic/index.ts')).reader }],
]);
