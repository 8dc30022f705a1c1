import type { DatedSecret, PlainConnection, PlainConnections } from '../lib/adapters/kit/plain-connections.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { type ConnectionName, type MerchantId, parseConnection, parseMerchant } from '../lib/domain/ids.ts';

/** A merchant of an installation with a shop of either kind and a gateway account. All secrets are canaries: they may appear nowhere. */
export interface Tenant {
  readonly merchant: MerchantId;
  /** Who decides there. */
  readonly person: string;
  readonly shop: ConnectionName;
  readonly shopify: ConnectionName;
  readonly gateway: ConnectionName;
  readonly shopSecret: Secret;
  /** Of the app, which signs for all the shops that installed it. */
  readonly shopifySecret: Secret;
  readonly gatewaySecret: Secret;
  readonly credential: Secret;
  readonly shopDomain: string;
  readonly shopCredential: Secret;
  /** Where the shop's subscriptions lead to. */
  readonly webhookAddress: string;
  readonly gatewayUrl: string;
  readonly shopUrl: string;
}

const shopifySecret = new Secret('canary_of_the_shopify_app');
/** What the credential of the first merchant's account is exchanged for. */
export const nextCredential = new Secret('sk_test_canary_of_the_next_credential');
const indexKey = 'canary-of-the-blind-index';

/** The merchant of every life. */
export const demo: Tenant = {
  merchant: must(parseMerchant('demo')),
  person: 'ann',
  shop: must(parseConnection('generic-demo')),
  shopify: must(parseConnection('shopify-demo')),
  gateway: must(parseConnection('stripe-demo')),
  shopSecret: new Secret(`whsec_${Buffer.alloc(32, 9).toString('base64')}`),
  shopifySecret,
  gatewaySecret: new Secret('whsec_canary_of_the_gateway'),
  credential: new Secret('sk_test_canary_of_the_account'),
  shopDomain: 'simulated.myshopify.com',
  shopCredential: new Secret('shpat_canary_of_the_shop'),
  webhookAddress: 'https://redress.example/webhooks/returns/shopify-demo',
  gatewayUrl: 'http://127.0.0.1:1',
  shopUrl: 'http://127.0.0.1:2',
};

/** Another one on the same installation: its orders, payments and returns have the same numbers as the first one's. */
export const neighbour: Tenant = {
  merchant: must(parseMerchant('neighbour')),
  person: 'ben',
  shop: must(parseConnection('generic-neighbour')),
  shopify: must(parseConnection('shopify-neighbour')),
  gateway: must(parseConnection('stripe-neighbour')),
  shopSecret: new Secret(`whsec_${Buffer.alloc(32, 5).toString('base64')}`),
  shopifySecret,
  gatewaySecret: new Secret('whsec_canary_of_the_other_gateway'),
  credential: new Secret('sk_test_canary_of_the_other_account'),
  shopDomain: 'neighbour.myshopify.com',
  shopCredential: new Secret('shpat_canary_of_the_other_shop'),
  webhookAddress: 'https://redress.example/webhooks/returns/shopify-neighbour',
  gatewayUrl: 'http://127.0.0.1:3',
  shopUrl: 'http://127.0.0.1:4',
};

/** A third one, of whom nobody knows more than the name: settings give an account to them by mistake. */
export const stranger = must(parseMerchant('stranger'));

export const { merchant, shop, shopify, gateway, shopSecret, credential, gatewaySecret } = demo;

/** What each secret is replaced by where secrets are rotated. */
const freshOf = (secret: Secret): Secret =>
  new Secret(
    secret.reveal().startsWith('whsec_canary')
      ? `${secret.reveal()}_anew`
      : secret === shopifySecret
        ? 'canary_of_the_shopify_app_anew'
        : `whsec_${Buffer.alloc(32, `anew ${secret.reveal()}`).toString('base64')}`,
  );

const known = [demo, neighbour].flatMap((one) => [one.shopSecret, one.shopifySecret, one.gatewaySecret]);
const fresh = new Map(known.map((secret) => [secret, freshOf(secret)]));

/** The secret that takes another one's place. */
export const anew = (secret: Secret): Secret => fresh.get(secret) ?? secret;

export const canaries: readonly string[] = [
  ...new Set([
    ...[demo, neighbour].flatMap((one) =>
      [one.shopSecret, one.shopifySecret, one.gatewaySecret].map((secret) => secret.reveal()),
    ),
    ...[demo, neighbour].flatMap((one) => [one.shopCredential, one.credential].map((secret) => secret.reveal())),
    ...[...fresh.values()].map((secret) => secret.reveal()),
    nextCredential.reveal(),
    indexKey,
  ]),
];

/** Whose returns a life has: posted by anybody who can sign, or confirmed by a Shopify shop that wants this or that paid. */
export type ShopKind = 'generic' | 'refund-record' | 'return-processed';

/** Above it a person must say yes. */
export const approvalLimit = '55.00';

/** The secrets of a connection, as its settings have them. */
export type SecretsOf = (secret: Secret) => readonly (string | DatedSecret)[];

const asItIs: SecretsOf = (secret) => [secret.reveal()];

export const plainOf = (
  kind: ShopKind,
  tenants: readonly Tenant[] = [demo],
  secretsOf: SecretsOf = asItIs,
): PlainConnections => ({
  indexKey: { version: 'k1', key: indexKey },
  connections: tenants.flatMap((tenant) => [
    kind === 'generic' ? genericShop(tenant, secretsOf) : shopifyShop(tenant, kind, secretsOf),
    {
      name: tenant.gateway,
      merchant: tenant.merchant,
      kind: 'gateway' as const,
      platform: 'stripe',
      mode: 'test' as const,
      settings: { baseUrl: tenant.gatewayUrl },
      verifySecrets: secretsOf(tenant.gatewaySecret),
      credential: tenant.credential.reveal(),
    },
  ]),
});

const genericShop = (
  { shop: name, merchant: owner, shopSecret: secret }: Tenant,
  secretsOf: SecretsOf,
): PlainConnection => ({
  name,
  merchant: owner,
  kind: 'source',
  platform: 'generic',
  mode: 'test',
  settings: {},
  verifySecrets: secretsOf(secret),
});

const shopifyShop = (of: Tenant, payOn: Exclude<ShopKind, 'generic'>, secretsOf: SecretsOf): PlainConnection => ({
  name: of.shopify,
  merchant: of.merchant,
  kind: 'source',
  platform: 'shopify',
  mode: 'test',
  settings: {
    shop: of.shopDomain,
    baseUrl: of.shopUrl,
    webhookAddress: of.webhookAddress,
    payOn,
    'gateway.stripe': of.gateway,
  },
  verifySecrets: secretsOf(of.shopifySecret),
  credential: of.shopCredential.reveal(),
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name');
  return value;
}
