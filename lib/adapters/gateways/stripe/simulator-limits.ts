import type { Instant } from '../../../domain/time.ts';
import type { SimRequest, SimResponse } from '../../kit/simulator.ts';
import { errorReply } from './simulator-objects.ts';
import type { StripeState } from './simulator-state.ts';

/** Requests in any second: at one endpoint, and of the account. */
export interface Limits {
  readonly perEndpoint: number;
  readonly overall: number;
}

/** What is left to ask for, of one endpoint or of all, and when that was. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * docs.stripe.com/rate-limits: an endpoint is a method and a path without ids. Stripe limits by token buckets
 * (https://stripe.com/blog/rate-limiters); how much one holds it does not say, here it is what a second brings. What is refused takes
 * nothing, and nothing of it is stored under its key. Undefined where the request is within the limits.
 */
export function tooMany(
  state: StripeState,
  limits: Limits | undefined,
  request: SimRequest,
  now: Instant,
): SimResponse | undefined {
  if (limits === undefined) return undefined;
  const endpoint = `${request.method} ${request.path.replace(/\/(?:pi|ch|py|re)_[A-Za-z0-9_-]+/g, '/:id')}`;
  const here = filled(state.buckets[endpoint], limits.perEndpoint, now);
  const all = filled(state.buckets.account, limits.overall, now);
  if (here.tokens < 1) return refusal('endpoint-rate');
  if (all.tokens < 1) return refusal('global-rate');
  state.buckets[endpoint] = { ...here, tokens: here.tokens - 1 };
  state.buckets.account = { ...all, tokens: all.tokens - 1 };
  return undefined;
}

function filled(bucket: Bucket | undefined, perSecond: number, now: Instant): Bucket {
  const { tokens, atMs } = bucket ?? { tokens: perSecond, atMs: now };
  return { tokens: Math.min(perSecond, tokens + ((now - atMs) * perSecond) / 1000), atMs: now };
}

function refusal(reason: 'endpoint-rate' | 'global-rate'): SimResponse {
  const reply = errorReply(429, { type: 'invalid_request_error', code: 'rate_limit' });
  return { ...reply, headers: { ...reply.headers, 'stripe-rate-limited-reason': reason } };
}
