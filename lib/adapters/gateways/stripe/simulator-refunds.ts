import type { Instant } from '../../../domain/time.ts';
import type { Chance, SimMove, SimResponse, SimWebhook } from '../../kit/simulator.ts';
import { blocksRefunds } from './simulator-disputes.ts';
import { errorReply, listObject, missing, ok, refundObject } from './simulator-objects.ts';
import {
  nextId,
  paymentOf,
  type Running,
  refundedOf,
  type SimulatedRefund,
  type StripeState,
} from './simulator-state.ts';
import { eventWebhooks } from './simulator-webhooks.ts';

export interface Effect {
  readonly reply: SimResponse;
  readonly webhooks: readonly SimWebhook[];
}

/** How the account behaves beside its faults. */
export interface Habits {
  readonly chance: Chance;
  /** Share of refunds that start as `pending`. */
  readonly pendingRate: number;
  /** After how long a pending refund succeeds, and a doomed one fails. */
  readonly laterMs: number;
}

const invalid = { type: 'invalid_request_error' } as const;

/** Parameters that never reach execution, whose refusal is not stored under the key. */
export function validate(params: Readonly<Record<string, string>>): SimResponse | undefined {
  const { payment_intent: intent, charge, amount } = params;
  if ((intent ?? charge) === undefined)
    return errorReply(400, { ...invalid, code: 'parameter_missing', param: 'charge' });
  if (intent !== undefined && charge !== undefined) return errorReply(400, { ...invalid, param: 'charge' });
  if (amount !== undefined && !/^[1-9]\d{0,14}$/.test(amount)) {
    return errorReply(400, { ...invalid, code: 'parameter_invalid_integer', param: 'amount' });
  }
  const unknown = Object.keys(params).find(
    (name) => !/^(?:payment_intent|charge|amount|reason|metadata\[[^[\]]{1,40}\])$/.test(name),
  );
  return unknown === undefined ? undefined : errorReply(400, { ...invalid, code: 'parameter_unknown', param: unknown });
}

/** Executes a refund that was validated, whatever has happened since. */
export function createRefund(state: StripeState, habits: Habits, running: Running, now: Instant): Effect {
  const { params, key } = running;
  const payment = paymentOf(state, params.payment_intent ?? params.charge);
  const refusal = (error: { code?: string; param?: string }) => ({
    reply: errorReply(400, { ...invalid, ...error }),
    webhooks: [],
  });
  if (payment === undefined) {
    return { reply: missing(params.payment_intent === undefined ? 'charge' : 'payment_intent'), webhooks: [] };
  }
  if (blocksRefunds(state, payment.charge)) return refusal({ code: 'charge_disputed' });
  if (payment.captured === 0) return refusal({ code: 'charge_not_refundable' });
  const left = payment.captured - refundedOf(state, payment);
  const amount = params.amount === undefined ? left : Number(params.amount);
  if (left <= 0 && !state.faults.noCap) return refusal({ code: 'charge_already_refunded' });
  // Stripe gives no code here, only the parameter.
  if (amount > left && !state.faults.noCap) return refusal({ param: 'amount' });
  const id = nextId(state, 're');
  const stays = payment.refundsPending !== null;
  const pending = habits.pendingRate > 0 && habits.chance(`pending:${id}`) < habits.pendingRate && !stays;
  const refund: SimulatedRefund = {
    id,
    charge: payment.charge,
    amount,
    currency: payment.currency,
    created: Math.floor(now / 1000),
    metadata: metadataOf(params),
    reason: params.reason ?? null,
    key,
    status: payment.refundsNeedAction ? 'requires_action' : pending || stays ? 'pending' : 'succeeded',
    pendingReason: payment.refundsPending,
    failureReason: null,
  };
  state.refunds.push(refund);
  const doomed = state.faults.failLater > 0;
  if (doomed) state.faults = { ...state.faults, failLater: state.faults.failLater - 1 };
  if (pending) state.later.push({ atMs: now + habits.laterMs, refund: id, to: 'succeeded' });
  if (doomed) state.later.push({ atMs: now + (pending ? 2 : 1) * habits.laterMs, refund: id, to: 'failed' });
  const object = refundObject(state, refund);
  return {
    reply: ok(object),
    webhooks: eventWebhooks(state, habits.chance, now, { type: 'refund.created', object, key }),
  };
}

/** docs.stripe.com/api/refunds/cancel: only while the customer still has to act. */
export function cancelRefund(state: StripeState, habits: Habits, id: string, now: Instant): Effect {
  const refund = state.refunds.find((one) => one.id === id);
  if (refund === undefined) return { reply: missing('refund'), webhooks: [] };
  if (refund.status !== 'requires_action') return { reply: errorReply(400, invalid), webhooks: [] };
  const webhooks = moveRefund(state, habits, refund, { status: 'canceled' }, now);
  return { reply: ok(refundObject(state, refund)), webhooks };
}

/** A refund's status changes, and Stripe tells: of a failure twice, as two events about one change. */
export function moveRefund(
  state: StripeState,
  habits: Habits,
  refund: SimulatedRefund,
  to: SimMove,
  now: Instant,
): SimWebhook[] {
  refund.status = to.status;
  if (to.status === 'failed') refund.failureReason = to.reason ?? 'expired_or_canceled_card';
  if (to.status === 'pending') refund.pendingReason = to.reason ?? null;
  const object = refundObject(state, refund);
  const types = to.status === 'failed' ? ['refund.updated', 'refund.failed'] : ['refund.updated'];
  return types.flatMap((type) => eventWebhooks(state, habits.chance, now, { type, object }));
}

/** docs.stripe.com/api/refunds/list: newest first. */
export function listRefunds(state: StripeState, query: URLSearchParams): SimResponse {
  const name = query.get('payment_intent') ?? query.get('charge');
  const payment = name === null ? undefined : paymentOf(state, name);
  if (name !== null && payment === undefined) return missing(query.has('charge') ? 'charge' : 'payment_intent');
  const limit = Number(query.get('limit') ?? '10');
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) return errorReply(400, { ...invalid, param: 'limit' });
  const since = Number(query.get('created[gte]') ?? '0');
  const all = state.refunds
    .filter(({ charge, created }) => (payment === undefined || charge === payment.charge) && created >= since)
    .reverse();
  const after = query.get('starting_after');
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) return missing('starting_after');
  const page = all.slice(start, start + limit).map((refund) => refundObject(state, refund));
  return ok(listObject('/v1/refunds', page, start + limit < all.length));
}

const metadataOf = (params: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => {
      const field = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return field === undefined ? [] : [[field, value]];
    }),
  );
