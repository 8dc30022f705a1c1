import type { Instant } from '../../../domain/time.ts';
import type { SimRequest, SimResponse } from '../../kit/simulator.ts';
import { errorReply } from './simulator-objects.ts';
import type { StripeState } from './simulator-state.ts';

/** Requests in any second: at one endpoint, and of the account. */
export interface Limits {
  readonly perEndpoint: number;
  readonly overall: number;
}

/**
 * docs.stripe.com/rate-limits: an endpoint is a method and a path without ids. What is refused is not counted, and nothing of it is
 * stored under its key. Undefined where the request is within the limits.
 */
export function tooMany(
  state: StripeState,
  limits: Limits | undefined,
  request: SimRequest,
  now: Instant,
): SimResponse | undefined {
  if (limits === undefined) return undefined;
  const endpoint = `${request.method} ${request.path.replace(/\/(?:pi|ch|py|re)_[A-Za-z0-9_-]+/g, '/:id')}`;
  state.recent = state.recent.filter(({ atMs }) => atMs > now - 1000);
  const here = state.recent.filter((one) => one.endpoint === endpoint).length;
  if (here >= limits.perEndpoint) return refusal('endpoint-rate');
  if (state.recent.length >= limits.overall) return refusal('global-rate');
  state.recent.push({ atMs: now, endpoint });
  return undefined;
}

function refusal(reason: 'endpoint-rate' | 'global-rate'): SimResponse {
  const reply = errorReply(429, { type: 'invalid_request_error', code: 'rate_limit' });
  return { ...reply, headers: { ...reply.headers, 'stripe-rate-limited-reason': reason } };
}
