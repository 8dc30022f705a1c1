import type { PlainConnections } from '../lib/adapters/kit/plain-connections.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { parseConnection, parseMerchant } from '../lib/domain/ids.ts';

/** The merchant, shop and gateway account of a simulated world. Its secrets are canaries: they may appear nowhere. */
export const merchant = must(parseMerchant('demo'));
export const shop = must(parseConnection('generic-demo'));
export const gateway = must(parseConnection('stripe-demo'));
export const shopSecret = new Secret(`whsec_${Buffer.alloc(32, 9).toString('base64')}`);
export const gatewaySecret = new Secret('whsec_canary_of_the_gateway');
export const credential = new Secret('sk_test_canary_of_the_account');
const indexKey = 'canary-of-the-blind-index';

export const canaries: readonly string[] = [shopSecret.reveal(), gatewaySecret.reveal(), credential.reveal(), indexKey];

/** Above it a person must say yes. */
export const approvalLimit = '55.00';

export const plain: PlainConnections = {
  indexKey: { version: 'k1', key: indexKey },
  connections: [
    {
      name: shop,
      merchant,
      kind: 'source',
      platform: 'generic',
      mode: 'test',
      settings: {},
      verifySecrets: [shopSecret.reveal()],
    },
    {
      name: gateway,
      merchant,
      kind: 'gateway',
      platform: 'stripe',
      mode: 'test',
      settings: { baseUrl: 'http://127.0.0.1:1' },
      verifySecrets: [gatewaySecret.reveal()],
      credential: credential.reveal(),
    },
  ],
};

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name');
  return value;
}
