import type { Reader } from '../../app/ports/gateway.ts';
import type { GatewayPlatform } from './platforms.ts';

/**
 * What verifies and reads each gateway's deliveries. Loaded on first use, and a list of its own: what only receives has no gateway's
 * client in its bundle.
 */
const folders: Readonly<Record<GatewayPlatform, () => Promise<Reader>>> = {
  stripe: async () => (await import('./stripe/index.ts')).reader,
};

/** By the name that `Connection.platform` gives the gateway. */
export const gatewayReaders: ReadonlyMap<string, () => Promise<Reader>> = new Map(Object.entries(folders));
