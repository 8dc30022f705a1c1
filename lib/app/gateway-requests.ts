import type { Endpoint } from '../domain/pace.ts';
import type { AttemptLine } from './ports/log.ts';

/** The question whose credential it is goes under the pass of the refund it comes before. */
export type Call = Extract<AttemptLine['call'], 'refund' | 'find' | 'look'>;

/** What one call of ours is at the gateway. A look reads the payment and lists its refunds. */
export const requestsOf: Readonly<Record<Call, { readonly endpoint: Endpoint; readonly requests: number }>> = {
  refund: { endpoint: 'refund', requests: 1 },
  find: { endpoint: 'read', requests: 1 },
  look: { endpoint: 'read', requests: 2 },
};
