import type { Instant } from '../../../domain/time.ts';
import type { SimOpened, SimResponse, SimTold, SimWebhook } from '../../kit/simulator.ts';
import { errorReply, listObject, missing, ok } from './simulator-objects.ts';
import { type Habits, moveRefund } from './simulator-refunds.ts';
import { nextId, paymentOf, type SimulatedDispute, type StripeState } from './simulator-state.ts';
import { eventWebhooks } from './simulator-webhooks.ts';

/** Disputes and early fraud warnings, in the shapes and by the rules of docs.stripe.com/disputes. */
export interface Disputing {
  /** In Stripe's integer; all of the charge where it is left out. */
  readonly amount?: number;
  readonly inquiry?: boolean;
  readonly reason?: string;
}

/** A formal dispute takes the money at once, and refunds that are still pending fail: the customer gets it through the bank. */
export function openDispute(
  state: StripeState,
  habits: Habits,
  of: Disputing & { readonly payment: string },
  now: Instant,
): SimOpened {
  const payment = paymentOf(state, of.payment);
  if (payment === undefined) return { is: 'refused', problem: 'there is no such payment' };
  const { amount = payment.captured, inquiry = false, reason = 'fraudulent' } = of;
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > payment.captured)
    return { is: 'refused', problem: 'the amount is not one that was captured' };
  const dispute: SimulatedDispute = {
    id: nextId(state, 'du'),
    charge: payment.charge,
    amount,
    currency: payment.currency,
    created: Math.floor(now / 1000),
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  };
  state.disputes.push(dispute);
  const unfinished = inquiry
    ? []
    : state.refunds.filter(
        ({ charge, status }) => charge === payment.charge && (status === 'pending' || status === 'requires_action'),
      );
  const failed = unfinished.flatMap((refund) =>
    moveRefund(state, habits, refund, { status: 'failed', reason: 'charge_for_pending_refund_disputed' }, now),
  );
  const events = inquiry ? ['created'] : ['created', 'funds_withdrawn'];
  return { is: 'opened', id: dispute.id, webhooks: [...tellOf(state, habits, dispute, events, now), ...failed] };
}

/** The end of a dispute, and of an inquiry that came to nothing (`won`). What has ended stays as it is. */
export function closeDispute(
  state: StripeState,
  habits: Habits,
  of: { readonly id: string; readonly status: 'won' | 'lost' },
  now: Instant,
): SimTold {
  const dispute = state.disputes.find(({ id }) => id === of.id);
  if (dispute === undefined) return { is: 'refused', problem: 'there is no such dispute' };
  if (!isOpen(dispute)) return { is: 'refused', problem: 'the dispute has ended' };
  const inquiry = dispute.status.startsWith('warning_');
  dispute.status = of.status === 'won' && inquiry ? 'warning_closed' : of.status;
  const events = of.status === 'won' && !inquiry ? ['closed', 'funds_reinstated'] : ['closed'];
  return { is: 'told', webhooks: tellOf(state, habits, dispute, events, now) };
}

/** docs.stripe.com/radar/early-fraud-warnings: the network suspects fraud; nothing is disputed yet. */
export function warnOfFraud(state: StripeState, habits: Habits, name: string, now: Instant): SimWebhook[] {
  const payment = paymentOf(state, name);
  if (payment === undefined) return [];
  const object = {
    id: nextId(state, 'issfr'),
    object: 'radar.early_fraud_warning',
    actionable: true,
    charge: payment.charge,
    created: Math.floor(now / 1000),
    fraud_type: 'unauthorized_use_of_card',
    livemode: false,
    payment_intent: payment.intent,
  };
  return eventWebhooks(state, habits.chance, now, { type: 'radar.early_fraud_warning.created', object });
}

export const disputeObject = (state: StripeState, dispute: SimulatedDispute): object => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  charge: dispute.charge,
  created: dispute.created,
  currency: dispute.currency,
  is_charge_refundable: dispute.status.startsWith('warning_') || dispute.status === 'won',
  livemode: false,
  metadata: {},
  payment_intent: paymentOf(state, dispute.charge)?.intent ?? null,
  reason: dispute.reason,
  status: dispute.status,
});

/** docs.stripe.com/api/disputes/list */
export function listDisputes(state: StripeState, query: URLSearchParams): SimResponse {
  const name = query.get('payment_intent') ?? query.get('charge');
  const payment = name === null ? undefined : paymentOf(state, name);
  if (name !== null && payment === undefined) return missing(query.has('charge') ? 'charge' : 'payment_intent');
  if (query.has('starting_after')) return errorReply(400, { type: 'invalid_request_error', param: 'starting_after' });
  const all = state.disputes.filter(({ charge }) => payment === undefined || charge === payment.charge).reverse();
  return ok(
    listObject(
      '/v1/disputes',
      all.map((dispute) => disputeObject(state, dispute)),
      false,
    ),
  );
}

/** While the money is with the bank, or stays there, Stripe takes no refund. An inquiry may be answered by one. */
export const blocksRefunds = (state: StripeState, charge: string): boolean =>
  state.disputes.some(
    (one) => one.charge === charge && ['needs_response', 'under_review', 'lost', 'prevented'].includes(one.status),
  );

const isOpen = ({ status }: SimulatedDispute) => /needs_response$|under_review$/.test(status);

const tellOf = (
  state: StripeState,
  habits: Habits,
  dispute: SimulatedDispute,
  events: readonly string[],
  now: Instant,
): SimWebhook[] =>
  events.flatMap((event) =>
    eventWebhooks(state, habits.chance, now, {
      type: `charge.dispute.${event}`,
      object: disputeObject(state, dispute),
    }),
  );
