import type { ConnectionName } from '../domain/ids.ts';
import type { Connection } from './ports/connections.ts';

/**
 * The setting of a gateway connection that says which shops' orders it takes payments for: names of sources separated by spaces, or
 * `*` where no two shops of the merchant use the same order reference.
 */
export const ordersOf = 'ordersOf';

/**
 * Whose order a payment is that was found by nothing but its order's reference: `this` source's, another one's, or not to be known. Two
 * shops of one merchant may both have an order 1001, and the gateway's word holds the number only.
 */
export function ordersAt(
  gateway: Connection,
  source: ConnectionName,
  all: readonly Connection[],
): 'this' | 'other' | 'unknown' {
  const named = gateway.settings[ordersOf]?.split(/\s+/).filter((name) => name !== '') ?? [];
  if (named.includes('*')) return 'this';
  if (named.length > 0) return !named.includes(source) ? 'other' : named.length === 1 ? 'this' : 'unknown';
  return all.some((one) => one.kind === 'source' && one.name !== source) ? 'unknown' : 'this';
}
