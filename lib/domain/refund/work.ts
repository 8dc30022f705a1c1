import type { ConnectionName, CorrelationId, MerchantId } from '../ids.ts';
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
  /** For `execute`: only legs at this gateway account, whose gateway has a queue of its own; absent where the sender does not know, for all. */
  readonly connection?: ConnectionName;
  readonly correlation: CorrelationId;
}

/** The same work for each of these accounts, so that none of them is behind another one in a queue; as it is where there are none. */
export const atEach = (work: Work, accounts: readonly ConnectionName[]): readonly Work[] =>
  accounts.length === 0 ? [work] : accounts.map((connection) => ({ ...work, connection }));
