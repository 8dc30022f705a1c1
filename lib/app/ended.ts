import type { MerchantId, RefundId } from '../domain/ids.ts';
import type { Refund } from '../domain/refund/state.ts';
import { reasonsOf, type Status, statusOf } from '../domain/refund/status.ts';
import type { EndedLine, EndedStatus } from './ports/log.ts';

const ends: Readonly<Partial<Record<Status, EndedStatus>>> = {
  denied: 'denied',
  cancelled: 'cancelled',
  refunded: 'refunded',
  'partly-refunded': 'partly-refunded',
  failed: 'failed',
};

/** What is said of a refund that ends by this change, or ends otherwise than before; undefined for any other change. */
export function endedLine(
  of: { readonly merchant: MerchantId; readonly id: RefundId; readonly correlation: string; readonly tookMs: number },
  before: Refund,
  after: Refund,
): EndedLine | undefined {
  const status = ends[statusOf(after)];
  if (status === undefined || status === statusOf(before)) return undefined;
  const accounts = new Set(after.is === 'approved' ? after.legs.map(({ connection }) => connection) : []);
  const [reason] = reasonsOf(after);
  const [connection] = accounts;
  return {
    correlation: of.correlation,
    merchant: of.merchant,
    refund: of.id,
    status,
    ...(reason !== undefined && { reason }),
    ...(connection !== undefined && accounts.size === 1 && { connection }),
    tookMs: of.tookMs,
  };
}
