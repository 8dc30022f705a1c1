import { parsePaymentId } from '../domain/ids.ts';
import type { Work } from '../domain/refund/work.ts';
import { partsOf, type StreamName } from '../domain/streams.ts';
import { type PaymentNeeds, secretsOf } from './payments.ts';
import { orderKey } from './refunds.ts';

/**
 * Refunds that may be waiting for this payment: those of its order that this kind of work is owed to. Found by an index that may lag, so it may miss one; that one is
 * due soon and looks for itself.
 */
export async function waitingFor(needs: PaymentNeeds, work: Work): Promise<StreamName[]> {
  const id = parsePaymentId(partsOf(work.stream)[0] ?? '');
  const secrets = id && (await secretsOf(needs, work.merchant, id));
  if (secrets === undefined || secrets === 'foreign' || secrets.order === undefined) return [];
  const page = await needs.table.index('byOrder', { pk: orderKey(work.merchant, secrets.order), limit: 100 });
  return page.items
    .filter(({ follow }) =>
      String(follow ?? '')
        .split(' ')
        .includes(work.queue),
    )
    .map((item) => String(item.pk) as StreamName);
}
