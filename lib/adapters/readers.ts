import type { Reader, Readers } from '../app/ports/gateway.ts';
import { gatewayReaders } from './gateways/readers.ts';
import { sourceReaders } from './sources/readers.ts';

/** The port `Readers` over both lists of readers. A folder that was loaded is not asked for again. */
export const readers: Readers = async ({ kind, platform }) => {
  const known = loaded[kind].get(platform);
  if (known !== undefined) return known;
  const reader = await (kind === 'gateway' ? gatewayReaders : sourceReaders).get(platform)?.();
  if (reader !== undefined) loaded[kind].set(platform, reader);
  return reader;
};

const loaded = { source: new Map<string, Reader>(), gateway: new Map<string, Reader>() };
