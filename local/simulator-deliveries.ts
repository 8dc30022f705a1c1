import type { Simulator, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Instant } from '../lib/domain/time.ts';
import type { Running } from './running.ts';

export interface Delivery {
  readonly webhook: SimWebhook;
  readonly at: Instant;
  /** An event may be delivered more than once: which of its deliveries this is. */
  readonly name: string;
}

export interface Deliverer extends Running {
  add(delivery: Delivery): void;
}

/** What delivering needs of the host's settings. */
export interface DeliverySettings {
  readonly simulator: Pick<Simulator, 'sign'>;
  /** Delivers one signed webhook; false where it was not answered with success. */
  readonly deliver: (body: string, headers: Readonly<Record<string, string>>) => Promise<boolean>;
  readonly now: () => Instant;
}

/** Posts what is signed to a door of this stack, whose address is known only when it runs. */
export const deliverTo =
  (url: () => string): DeliverySettings['deliver'] =>
  async (body, headers) => {
    const response = await fetch(url(), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.ok;
  };

const retryMs = [500, 2000, 5000, 15_000];
/** As many at once as keep a local run busy without drowning it. */
const atOnce = 8;

/** Each webhook until it is answered with success; the same event twice is two deliveries. */
export function deliverer(settings: DeliverySettings, done: (delivery: string) => void): Deliverer {
  const waiting: { readonly delivery: Delivery; readonly due: number; readonly tries: number }[] = [];
  const under = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const pump = () => {
    clearTimeout(timer);
    if (stopped) return;
    waiting.sort((a, b) => a.due - b.due);
    while (under.size < atOnce && (waiting[0]?.due ?? Number.POSITIVE_INFINITY) <= settings.now()) {
      const next = waiting.shift();
      if (next === undefined) break;
      const attempt = one(next).finally(() => {
        under.delete(attempt);
        pump();
      });
      under.add(attempt);
    }
    const first = waiting[0];
    if (first !== undefined && under.size < atOnce) timer = setTimeout(pump, Math.max(0, first.due - settings.now()));
  };
  const one = async (item: (typeof waiting)[number]) => {
    const { webhook } = item.delivery;
    const delivered = await settings
      .deliver(webhook.body, settings.simulator.sign(webhook, settings.now()))
      .catch(() => false);
    if (delivered) return done(item.delivery.name);
    const wait = retryMs[Math.min(item.tries, retryMs.length - 1)] ?? 0;
    waiting.push({ ...item, tries: item.tries + 1, due: settings.now() + wait });
  };
  return {
    add(delivery) {
      waiting.push({ delivery, due: delivery.at + delivery.webhook.delayMs, tries: 0 });
      queueMicrotask(pump);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.allSettled(under);
    },
  };
}
