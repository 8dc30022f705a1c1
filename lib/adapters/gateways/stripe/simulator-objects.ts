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
    ...(refund.status === 'pending' ? { pending_reason: refund.pendingReason ?? 'processing' } : {}),
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
    amount_captured: payment.captured,
    amount_refunded: refunded,
    captured: payment.captured > 0,
    created: payment.created,
    currency: payment.currency,
    disputed: state.disputes.some(({ charge }) => charge === payment.charge),
    livemode: false,
    metadata: metadataOf(payment),
    paid: true,
    payment_intent: payment.intent,
    refunded: payment.voided || (payment.captured > 0 && refunded >= payment.captured),
    status: 'succeeded',
  };
}

export const intentObject = (state: StripeState, payment: SimulatedPayment, expanded: boolean): object => ({
  id: payment.intent,
  object: 'payment_intent',
  amount: payment.amount,
  amount_capturable: payment.captured === 0 && !payment.voided ? payment.amount : 0,
  amount_received: payment.captured,
  capture_method: payment.captured === payment.amount ? 'automatic' : 'manual',
  created: payment.created,
  currency: payment.currency,
  latest_charge: expanded ? chargeObject(state, payment) : payment.charge,
  livemode: false,
  metadata: metadataOf(payment),
  status: payment.captured > 0 ? 'succeeded' : payment.voided ? 'canceled' : 'requires_capture',
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
