import type { Instant } from '../../../domain/time.ts';
import type { Chance, SimWebhook } from '../../kit/simulator.ts';
import { apiVersion } from './manifest.ts';
import { nextId, type StripeState } from './simulator-state.ts';

/** How far one delivery may fall behind another, so that later events overtake it. */
const furthestBehindMs = 3000;

/** One Event (docs.stripe.com/api/events/object) as the deliveries it leads to: none, one or two. */
export function eventWebhooks(
  state: StripeState,
  chance: Chance,
  now: Instant,
  event: { readonly type: string; readonly object: object; readonly key?: string | null },
): SimWebhook[] {
  const id = nextId(state, 'evt');
  const body = JSON.stringify({
    id,
    object: 'event',
    api_version: apiVersion,
    created: Math.floor(now / 1000),
    data: { object: event.object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: event.key ?? null },
    type: event.type,
  });
  const { dropWebhooks, duplicateWebhooks, reorderWebhooks } = state.faults;
  const drawn = (what: string, rate: number) => rate > 0 && chance(`${what}:${id}`) < rate;
  const lag = (what: string) => 1 + Math.floor(chance(`${what}:${id}`) * furthestBehindMs);
  if (drawn('drop', dropWebhooks)) return [];
  const first = { id, body, delayMs: drawn('reorder', reorderWebhooks) ? lag('behind') : 0 };
  return drawn('duplicate', duplicateWebhooks) ? [first, { ...first, delayMs: first.delayMs + lag('again') }] : [first];
}
