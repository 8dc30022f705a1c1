import type { Reader, Readers } from '../app/ports/gateway.ts';
import { gateways } from './gateways/registry.ts';
import { sources } from './sources/registry.ts';

/** The port `Readers` over both registries. A folder that was loaded is not asked for again. */
export const readers: Readers = async ({ kind, platform }) => {
  const known = loaded[kind].get(platform);
  if (known !== undefined) return known;
  const reader = await (kind === 'gateway' ? gateways : sources).get(platform)?.reader();
  if (reader !== undefined) loaded[kind].set(platform, reader);
  return reader;
};

const loaded = { source: new Map<string, Reader>(), gateway: new Map<string, Reader>() };
