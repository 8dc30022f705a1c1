import type { Exchange } from '../lib/adapters/kit/exchange.ts';
import type { SimRequest, SimStep, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import { type ShopSimulator, shopSimulator } from '../lib/adapters/sources/shopify/simulator.ts';
import { hour, minute, second } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';
import type { Tenant } from './connections.ts';
import type { Faults } from './faults.ts';
import { exchangeWith } from './gateway.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** How long after a webhook that was not answered it comes again: eight times within four hours, however late each of them is. */
const againMs = [10 * second, minute, 5 * minute, 15 * minute, 30 * minute, hour, hour, hour];

export interface SimulatedShop {
  readonly simulator: ShopSimulator;
  exchangeOf(process: Process): Exchange;
  /** What its staff does; answers what the shop's own pages would. Throws where it can't be done. */
  staff(path: 'orders' | 'returns' | 'refunds' | 'subscriptions', body: object): Readonly<Record<string, unknown>>;
  /** Everything it announced so far, as it went out. */
  readonly sent: readonly (SimWebhook & { readonly at: number })[];
}

/**
 * A Shopify shop, the network that leads to it, and its webhooks. What is not answered comes again for four hours; then the shop takes the
 * subscription away, as the real one does (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks).
 */
export function simulatedShop(
  world: { readonly time: Scheduler; readonly chance: Chances; readonly faults: Faults },
  options: { readonly lateArrivalMs: number },
  tenant: Pick<Tenant, 'shopDomain' | 'shopCredential' | 'shopifySecret' | 'webhookAddress'>,
  /** Answers whether it was taken. */
  door: (webhook: SimWebhook) => Promise<boolean>,
): SimulatedShop {
  const { time, chance, faults } = world;
  const simulator = shopSimulator({
    shop: tenant.shopDomain,
    credential: tenant.shopCredential,
    webhookSecret: tenant.shopifySecret,
    address: tenant.webhookAddress,
    chance: (label) => chance.fixed(`shop ${label}`),
  });
  const sent: (SimWebhook & { readonly at: number })[] = [];
  const deliver = async (webhook: SimWebhook, attempt: number): Promise<void> => {
    const fault = faults.strike('shop webhook', ['webhook-lost', 'webhook-twice', 'webhook-late']);
    if (fault === 'webhook-twice')
      time.after(chance.between('shop webhook twice', 0, minute), `${webhook.id} twice`, () => door(webhook));
    const late = fault === 'webhook-late' ? chance.between('shop webhook late', 1000, 30 * second) : 0;
    if (late > 0) return time.after(late, `${webhook.id} late`, () => tried(webhook, attempt));
    if (fault === 'webhook-lost') return again(webhook, attempt);
    return tried(webhook, attempt);
  };
  const tried = async (webhook: SimWebhook, attempt: number): Promise<void> => {
    if (!(await door(webhook))) again(webhook, attempt);
  };
  const again = (webhook: SimWebhook, attempt: number): void => {
    const ms = againMs[attempt - 1];
    if (ms !== undefined) time.after(ms, `${webhook.id} again`, () => deliver(webhook, attempt + 1));
    else staff('subscriptions', { drop: [webhook.id.split('#')[0]] });
  };
  const announce = (webhooks: readonly SimWebhook[]): void => {
    for (const webhook of webhooks) {
      sent.push({ ...webhook, at: time.now() });
      time.after(webhook.delayMs + chance.between('shop webhook', 0, 200), webhook.id, () => deliver(webhook, 1));
    }
  };
  const arrive = (request: SimRequest): SimStep => {
    const step = simulator.handle(request, time.now());
    announce(step.webhooks);
    return step;
  };
  const staff: SimulatedShop['staff'] = (path, body) => {
    const step = arrive({
      method: 'POST',
      path: `/staff/${path}`,
      query: '',
      headers: {},
      body: JSON.stringify(body),
    });
    if (step.reply === 'lost' || step.reply.status !== 201)
      throw new Error(`staff can't do that: ${JSON.stringify(step.reply)}`);
    return JSON.parse(step.reply.body) as Record<string, unknown>;
  };
  const siteOf = ({ body }: SimRequest) => `shop ${/(?:query|mutation) (\w+)/.exec(body)?.[1] ?? ''}`;
  const road = { time, chance, ...options, arrive, deaf: () => false, siteOf };
  return { simulator, sent, staff, exchangeOf: (process) => exchangeWith(road, process) };
}
