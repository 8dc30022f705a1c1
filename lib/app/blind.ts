import type { MerchantId } from '../domain/ids.ts';
import type { Connections } from './ports/connections.ts';

/**
 * The blind index: payments and the gateway's ids are found by an HMAC of what is looked for, so that neither stands in a key in
 * clear. Local, no call to the key service; the key's version is part of the result and is never rotated in place.
 */
export type BlindIndex = (merchant: MerchantId, scope: string, text: string) => Promise<string>;

/** Hex HMAC-SHA256; an argument, like every hash. */
export type Mac = (key: string, text: string) => string;

export function blindIndex(connections: Connections, mac: Mac): BlindIndex {
  return async (merchant, scope, text) => {
    const { version, key } = await connections.indexKey(merchant);
    return `${version}.${mac(key.reveal(), JSON.stringify([merchant, scope, text])).slice(0, 40)}`;
  };
}

/** Orders of one merchant are one scope; connections are named otherwise. */
const orderScope = '(order)';

export const blindOrder = (blind: BlindIndex, merchant: MerchantId, order: string): Promise<string> =>
  blind(merchant, orderScope, order);
