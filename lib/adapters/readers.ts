import type { Readers } from '../app/ports/gateway.ts';
import { gateways } from './gateways/registry.ts';
import { sources } from './sources/registry.ts';

/** The port `Readers` over both registries. */
export const readers: Readers = async (connection) => {
  const folders = connection.kind === 'gateway' ? gateways : sources;
  return folders.get(connection.platform)?.reader();
};
