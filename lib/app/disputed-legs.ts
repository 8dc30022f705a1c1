import type { MerchantId, PaymentId } from '../domain/ids.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import { dispute } from '../domain/refund/decide.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { stageOf } from './disputes.ts';
import { getPayment, oursOf, type PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import { type Author, changeRefund, type Loaded } from './refunds.ts';

/**
 * Marks each leg that one of these refunds of a payment is: what was refunded on a disputed payment is evidence against the dispute.
 * There is no index from payments to legs; our keys say whose they are (docs/adr/0014).
 */
export async function markRefunded(
  needs: PaymentNeeds,
  of: { readonly connection: Connection; readonly payment: PaymentId; readonly author: Author },
  refunds: readonly RefundEvidence[],
): Promise<'done' | 'busy'> {
  const { connection, payment, author } = of;
  const { merchant } = connection;
  const stored = await getPayment(needs, merchant, payment);
  if (stored === undefined) return 'busy';
  const stage = stageOf(stored.balance);
  for (const evidence of refunds) {
    const parts = oursOf(needs, evidence);
    if (parts === undefined || evidence.state === 'failed') continue;
    const changed = await changeRefund(needs, { merchant, id: parts.refund, author }, (refund) =>
      refund.is === 'approved' && refund.legs.some((leg) => leg.leg === parts.leg && leg.payment === payment)
        ? dispute(refund, parts.leg, stage)
        : { is: 'nothing' },
    );
    if (changed.is === 'busy' || changed.is === 'blocked') return 'busy';
  }
  return 'done';
}

/** The same for one leg that has a refund by now: the dispute may have come while its request was under way. */
export async function markIfDisputed(
  needs: PaymentNeeds,
  of: {
    readonly loaded: Pick<Loaded, 'id'> & { readonly merchant: MerchantId };
    readonly leg: Leg;
    readonly author: Author;
  },
): Promise<'done' | 'busy'> {
  const { loaded, leg, author } = of;
  const stored = await getPayment(needs, loaded.merchant, leg.payment);
  const stage = stored === undefined ? 'won' : stageOf(stored.balance);
  if (stage === 'won' && leg.disputed === undefined) return 'done';
  const changed = await changeRefund(needs, { merchant: loaded.merchant, id: loaded.id, author }, (refund) =>
    dispute(refund, leg.leg, stage),
  );
  return changed.is === 'busy' || changed.is === 'blocked' ? 'busy' : 'done';
}
