import type { SimResponse } from '../../kit/simulator.ts';
import { apiVersion } from './manifest.ts';
import { refundedOf, type SimulatedPayment, type SimulatedRefund, type StripeState } from './simulator-state.ts';

/** Objects and answers in the shapes of docs.stripe.com/api, cut to what a refund engine could look at. */
export const ok = (body: object): SimResponse => response(200, body);

export function refundObject(state: StripeState, refund: SimulatedRefund): object {
  const payment = state.payments.find(({ charge }) => charge === refund.charge);
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: refund.charge,
    created: refund.created,
    currency: refund.currency,
    destination_details: { type: 'card', card: { type: 'refund' } },
    ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
    metadata: refund.metadata,
    payment_intent: payment?.intent ?? null,
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}

export function chargeObject(state: StripeState, payment: SimulatedPayment): object {
  const refunded = refundedOf(state, payment);
  return {
    id: payment.charge,
    object: 'charge',
    amount: payment.amount,
    amount_captured: payment.amount,
    amount_refunded: refunded,
    captured: true,
    created: payment.created,
    currency: payment.currency,
    disputed: payment.disputed,
    livemode: false,
    metadata: metadataOf(payment),
    paid: true,
    payment_intent: payment.intent,
    refunded: refunded >= payment.amount,
    status: 'succeeded',
  };
}

export const intentObject = (state: StripeState, payment: SimulatedPayment, expanded: boolean): object => ({
  id: payment.intent,
  object: 'payment_intent',
  amount: payment.amount,
  amount_capturable: 0,
  amount_received: payment.amount,
  capture_method: 'automatic',
  created: payment.created,
  currency: payment.currency,
  latest_charge: expanded ? chargeObject(state, payment) : payment.charge,
  livemode: false,
  metadata: metadataOf(payment),
  status: 'succeeded',
});

export const listObject = (url: string, data: readonly object[], hasMore: boolean): object => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
});

/** docs.stripe.com/api/errors. The message stands for Stripe's, which may name people: nothing may carry it on. */
export const errorReply = (
  status: number,
  error: { readonly type: string; readonly code?: string; readonly param?: string },
): SimResponse =>
  response(status, { error: { ...error, message: 'Simulated message for Jenny Rosen, 4242 4242 4242 4242.' } });

export const missing = (param: string): SimResponse =>
  errorReply(404, { type: 'invalid_request_error', code: 'resource_missing', param });

const metadataOf = (payment: SimulatedPayment): object => (payment.order === null ? {} : { order: payment.order });

const response = (status: number, body: object): SimResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'stripe-version': apiVersion },
  body: JSON.stringify(body, null, 2),
});
