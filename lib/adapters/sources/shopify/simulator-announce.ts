import type { Chance, SimWebhook } from '../../kit/simulator.ts';
import { refundBody, returnBody } from './simulator-answers.ts';
import type { Done } from './simulator-seeds.ts';
import { inTheApi, nextNumber, type ShopState } from './simulator-state.ts';

/** What the shop says of something that was done in it. */
export function announced(state: ShopState, done: Done): SimWebhook[] {
  const webhook = (topic: string, body: string) => [{ id: `${topic}#${nextNumber(state)}`, body, delayMs: 0 }];
  if (done.is === 'refund') return webhook('refunds/create', refundBody(state, done.refund));
  if (done.is === 'return') return webhook(`returns/${done.topic}`, returnBody(done.return));
  return [];
}

const isSubscribed = ({ subscriptions, address }: ShopState, topic: string): boolean =>
  subscriptions.some((one) => one.topic === inTheApi(topic) && one.uri === address);

/** Nothing for a topic that nobody is subscribed to at our address. */
export function toDeliver(state: ShopState, webhooks: readonly SimWebhook[], chance: Chance): SimWebhook[] {
  const { dropWebhooks, duplicateWebhooks, reorderWebhooks } = state.faults;
  return webhooks.flatMap((webhook) => {
    if (!isSubscribed(state, webhook.id.split('#')[0] ?? '')) return [];
    if (chance(`${webhook.id} drop`) < dropWebhooks) return [];
    const delayMs = chance(`${webhook.id} late`) < reorderWebhooks ? 5000 : 0;
    const once = { ...webhook, delayMs };
    return chance(`${webhook.id} twice`) < duplicateWebhooks ? [once, once] : [once];
  });
}
