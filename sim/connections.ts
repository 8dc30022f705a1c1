import type { PlainConnection, PlainConnections } from '../lib/adapters/kit/plain-connections.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { parseConnection, parseMerchant } from '../lib/domain/ids.ts';

/** The merchant, shop and gateway account of a simulated world. Its secrets are canaries: they may appear nowhere. */
export const merchant = must(parseMerchant('demo'));
export const shop = must(parseConnection('generic-demo'));
export const shopify = must(parseConnection('shopify-demo'));
export const gateway = must(parseConnection('stripe-demo'));
export const shopSecret = new Secret(`whsec_${Buffer.alloc(32, 9).toString('base64')}`);
export const gatewaySecret = new Secret('whsec_canary_of_the_gateway');
export const credential = new Secret('sk_test_canary_of_the_account');
/** What the one above is exchanged for. */
export const nextCredential = new Secret('sk_test_canary_of_the_next_credential');
export const shopDomain = 'simulated.myshopify.com';
export const shopifySecret = new Secret('canary_of_the_shopify_app');
export const shopCredential = new Secret('shpat_canary_of_the_shop');
/** Where the shop's subscriptions lead to. */
export const webhookAddress = 'https://redress.example/webhooks/returns/shopify-demo';
const indexKey = 'canary-of-the-blind-index';

export const canaries: readonly string[] = [
  ...[shopSecret, shopifySecret, shopCredential, gatewaySecret, credential, nextCredential].map((secret) =>
    secret.reveal(),
  ),
  indexKey,
];

/** Whose returns a life has: posted by anybody who can sign, or confirmed by a Shopify shop that wants this or that paid. */
export type ShopKind = 'generic' | 'refund-record' | 'return-processed';
export const gatewayUrl = 'http://127.0.0.1:1';
export const shopUrl = 'http://127.0.0.1:2';

/** Above it a person must say yes. */
export const approvalLimit = '55.00';

export const plainOf = (kind: ShopKind): PlainConnections => ({
  indexKey: { version: 'k1', key: indexKey },
  connections: [
    kind === 'generic' ? genericShop : shopifyShop(kind),
    {
      name: gateway,
      merchant,
      kind: 'gateway',
      platform: 'stripe',
      mode: 'test',
      settings: { baseUrl: gatewayUrl },
      verifySecrets: [gatewaySecret.reveal()],
      credential: credential.reveal(),
    },
  ],
});

const genericShop: PlainConnection = {
  name: shop,
  merchant,
  kind: 'source',
  platform: 'generic',
  mode: 'test',
  settings: {},
  verifySecrets: [shopSecret.reveal()],
};

const shopifyShop = (payOn: Exclude<ShopKind, 'generic'>): PlainConnection => ({
  name: shopify,
  merchant,
  kind: 'source',
  platform: 'shopify',
  mode: 'test',
  settings: { shop: shopDomain, baseUrl: shopUrl, webhookAddress, payOn, 'gateway.stripe': gateway },
  verifySecrets: [shopifySecret.reveal()],
  credential: shopCredential.reveal(),
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name');
  return value;
}
