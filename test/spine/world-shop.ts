import type { Answer, Exchange, WireRequest } from '../../lib/adapters/kit/exchange.ts';
import { chanceFrom, type SimStep, type SimWebhook } from '../../lib/adapters/kit/simulator.ts';
import { type ShopSimulator, shopSimulator } from '../../lib/adapters/sources/shopify/simulator.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import type { Clock } from '../../lib/app/ports/world.ts';
import { parseConnection } from '../../lib/domain/ids.ts';

/** A simulated Shopify shop beside the world's Stripe, and the network that leads to it. */
export const shopDomain = 'demo.myshopify.com';
export const shopifySecret = new Secret('shopify_client_secret_of_the_spine');
const credential = new Secret('shpat_spine_token');
/** Where the shop's subscriptions lead to. */
export const webhookAddress = 'https://redress.example/webhooks/returns/shopify-demo';

const name = parseConnection('shopify-demo');
if (name === undefined) throw new Error('not a name');
export const shopify = name;

/** What may happen to one request to the shop. */
/** `meanwhile`: the shop has answered, and that happens before the answer comes. */
export type ShopTrouble =
  | { readonly meanwhile: () => Promise<void> }
  | 'lost-request'
  | 'lost-reply'
  | 'kill-before'
  | 'kill-after'
  | { readonly arrivesAfterMs: number };

export interface ShopOptions {
  readonly seed: string;
  readonly shopSettings?: Readonly<Record<string, string>>;
  readonly shopCredential?: string;
  readonly shopNetwork?: (request: WireRequest, operation: string) => ShopTrouble | undefined;
}

/** The connection as a file of settings would have it. */
export const shopConnection = ({ shopSettings, shopCredential }: ShopOptions, merchant: string) => ({
  name: shopify,
  merchant: merchant as never,
  kind: 'source' as const,
  platform: 'shopify',
  mode: 'test' as const,
  settings: {
    shop: shopDomain,
    baseUrl: 'http://127.0.0.1:2',
    'gateway.stripe': 'stripe-demo',
    ...shopSettings,
  },
  verifySecrets: [shopifySecret.reveal()],
  credential: shopCredential ?? credential.reveal(),
});

const silence: Answer = { is: 'none', why: 'timeout' };
const answerOf = ({ reply }: SimStep): Answer =>
  reply === 'lost'
    ? { is: 'none', why: 'connection' }
    : { is: 'answer', status: reply.status, headers: reply.headers, body: Buffer.from(reply.body) };

export function shopBehindNetwork(
  options: ShopOptions,
  clock: Clock,
  world: {
    later: (ms: number, run: () => void) => void;
    deliver: (webhooks: readonly SimWebhook[]) => void;
    die: () => Promise<never>;
  },
) {
  const simulator: ShopSimulator = shopSimulator({
    shop: shopDomain,
    credential,
    webhookSecret: shopifySecret,
    address: webhookAddress,
    chance: chanceFrom(options.seed),
  });
  const arrive = (request: WireRequest): SimStep => {
    const { pathname } = new URL(request.url);
    const { method, headers, body } = request;
    const step = simulator.handle({ method, path: pathname, query: '', headers, body }, clock.now());
    world.deliver(step.webhooks);
    return step;
  };
  const exchange: Exchange = async (request) => {
    if (!request.mayStart()) return { is: 'none', why: 'not-started' };
    const operation = /(?:query|mutation) (\w+)/.exec(request.body)?.[1] ?? '';
    const trouble = options.shopNetwork?.(request, operation);
    if (trouble === 'kill-before') return world.die();
    if (trouble === 'lost-request') return silence;
    if (typeof trouble === 'object' && 'arrivesAfterMs' in trouble) {
      world.later(trouble.arrivesAfterMs, () => void arrive(request));
      return silence;
    }
    const step = arrive(request);
    if (trouble === 'kill-after') return world.die();
    if (typeof trouble === 'object') await trouble.meanwhile();
    return trouble === 'lost-reply' ? silence : answerOf(step);
  };
  /** What staff does: an order, a return, a refund record; with the webhook that follows unless it is kept back. */
  const staff = (
    path: '_orders' | '_returns' | '_refunds' | '_subscriptions',
    body: object,
  ): Record<string, unknown> => {
    const request = {
      method: 'POST',
      path: `/staff/${path.slice(1)}`,
      query: '',
      headers: {},
      body: JSON.stringify(body),
    };
    const step = simulator.handle(request, clock.now());
    if (step.reply === 'lost' || step.reply.status !== 201) throw new Error(JSON.stringify(step.reply));
    world.deliver(step.webhooks);
    return JSON.parse(step.reply.body) as Record<string, unknown>;
  };
  return {
    simulator,
    exchange,
    staff,
    /** An order of one line of two mugs for 40.00 and 8.00 tax, paid on that Stripe payment. */
    sell: (id: number, payment: string | undefined, more: object = {}) =>
      staff('_orders', {
        id,
        currency: 'EUR',
        lines: [{ id: 1, quantity: 2, price: '40.00', tax: '8.00' }],
        transactions: payment === undefined ? [] : [{ gateway: 'stripe', reference: payment, amount: '48.00' }],
        ...more,
      }),
    /** How often our client asked that. */
    asked: (operation: string) => simulator.calls().filter(({ path }) => path.endsWith(`#${operation}`)).length,
    /** Refund records that carry a reference of ours. */
    told: () => simulator.refunds().filter(({ reference }) => reference !== null),
  };
}
