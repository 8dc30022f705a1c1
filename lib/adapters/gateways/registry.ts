import type { Reader } from '../../app/ports/gateway.ts';
import type { OpenGateway } from '../kit/open.ts';
import type { GatewayPlatform } from './platforms.ts';

/** A gateway's folder. Each half loads on first use, and alone: what receives has no client, what calls out has no verifier. */
export interface GatewayFolder {
  reader(): Promise<Reader>;
  client(): Promise<OpenGateway>;
}

/** A client is asked for before every call: to import what is loaded already takes Node tens of microseconds each time. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: T | undefined;
  return async () => {
    loaded ??= await load();
    return loaded;
  };
}

const folders: Readonly<Record<GatewayPlatform, GatewayFolder>> = {
  stripe: {
    reader: async () => (await import('./stripe/index.ts')).reader,
    client: once(async () => (await import('./stripe/client.ts')).open),
  },
};

/** Every gateway, by the name that `Connection.platform` gives it. */
export const gateways: ReadonlyMap<string, GatewayFolder> = new Map(Object.entries(folders));
