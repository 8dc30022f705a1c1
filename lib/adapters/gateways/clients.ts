import type { OpenGateway } from '../kit/open.ts';
import type { GatewayPlatform } from './platforms.ts';

/** A client is asked for before every call: to import what is loaded already takes Node tens of microseconds each time. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: T | undefined;
  return async () => {
    loaded ??= await load();
    return loaded;
  };
}

/** What calls each gateway. Loaded on first use, and a list of its own: what only calls out has no verifier in its bundle. */
const folders: Readonly<Record<GatewayPlatform, () => Promise<OpenGateway>>> = {
  stripe: once(async () => (await import('./stripe/client.ts')).open),
};

/** By the name that `Connection.platform` gives the gateway. */
export const gatewayClients: ReadonlyMap<string, () => Promise<OpenGateway>> = new Map(Object.entries(folders));
