import type { CorrelationId, MerchantId } from '../ids.ts';
import type { StreamName } from '../streams.ts';

/** One queue per kind of work. */
export type QueueName = 'assess' | 'execute' | 'reconcile' | 'notify';
export const queueNames: readonly QueueName[] = ['assess', 'execute', 'reconcile', 'notify'];

/** "Look at this." Carries ids only, and nothing that would have to be true still when it is read. */
export interface Work {
  readonly queue: QueueName;
  readonly merchant: MerchantId;
  /** A notice, a refund or a payment. */
  readonly stream: StreamName;
  /** Which part of a refund; absent for all of it. */
  readonly leg?: number;
  readonly correlation: CorrelationId;
}
