import type { Capture, Dispute, FraudWarning, RefundEvidence } from '../../../domain/notice.ts';
import { fromSeconds, type Instant } from '../../../domain/time.ts';
import { asObject, type Json, type JsonObject } from '../../kit/json.ts';
import { fromWire } from './money.ts';

/** Where our key stands in a refund's metadata: lists can't be filtered by it, but every refund carries it, in webhooks too. */
export const keyField = 'refund_key';

/**
 * A Refund object (docs.stripe.com/api/refunds/object) as evidence; undefined where it is none, or not in money we can count.
 * Amount and currency are theirs, unchanged: comparing them with what was asked is the engine's work (F78).
 */
export function refundEvidence(value: Json | undefined): RefundEvidence | undefined {
  const refund = asObject(value);
  const theirs = idOf(refund?.id);
  if (refund?.object !== 'refund' || theirs === undefined) return undefined;
  const money = fromWire(refund.amount, refund.currency);
  if (money === undefined) return undefined;
  const key = asObject(refund.metadata)?.[keyField];
  return { theirs, ...stateOf(refund), ...money, ...(typeof key === 'string' && key !== '' ? { key } : {}) };
}

/** The same of a refund that must be on this payment; one of another payment says nothing about it. */
export function refundOn(value: Json | undefined, reference: string): RefundEvidence | undefined {
  const refund = asObject(value);
  return refund !== undefined && paymentNames(refund).includes(reference) ? refundEvidence(refund) : undefined;
}

/** Every name that a Refund or a Charge gives its payment, the PaymentIntent first: a refund may be asked of either. */
export const paymentNames = (object: JsonObject): readonly string[] =>
  idsOf(object.payment_intent, object.object === 'charge' ? object.id : object.charge);

/** Those that are ids. */
export const idsOf = (...values: readonly (Json | undefined)[]): readonly string[] =>
  values.map(idOf).filter((name) => name !== undefined);

/**
 * What a Charge has captured, cumulative under the charge's id; undefined while nothing is (an authorisation only, F43). Dated by
 * the charge: Stripe writes no time of capture on it.
 */
export function chargeCapture(charge: JsonObject): Capture | undefined {
  if (charge.object !== 'charge' || charge.captured !== true || charge.status !== 'succeeded') return undefined;
  return capture(charge.id, charge.amount_captured, charge.currency, charge.created);
}

/** What a PaymentIntent has received, under the same id as its charge's capture: two events tell of one capture. */
export function intentCapture(intent: JsonObject): Capture | undefined {
  if (intent.object !== 'payment_intent' || intent.status !== 'succeeded') return undefined;
  return capture(intent.latest_charge, intent.amount_received, intent.currency, intent.created);
}

/**
 * A Dispute (docs.stripe.com/api/disputes/object). `prevented` is lost: the customer was paid by other means, and that side is safe. A status
 * we do not know is open.
 */
export function disputeEvidence(value: Json | undefined): Dispute | undefined {
  const dispute = asObject(value);
  const theirs = idOf(dispute?.id);
  if (dispute?.object !== 'dispute' || theirs === undefined) return undefined;
  const reason = codeOf(dispute.reason);
  return {
    theirs,
    ...stageOf(dispute.status),
    ...fromWire(dispute.amount, dispute.currency),
    ...(reason === undefined ? {} : { reason }),
  };
}

function stageOf(status: Json | undefined): Pick<Dispute, 'stage' | 'kind'> {
  const kind = typeof status === 'string' && status.startsWith('warning_') ? 'inquiry' : 'formal';
  switch (status) {
    case 'won':
    case 'warning_closed':
      return { stage: 'won', kind };
    case 'lost':
    case 'prevented':
      return { stage: 'lost', kind };
    default:
      return { stage: 'open', kind };
  }
}

/** An early fraud warning (docs.stripe.com/api/radar/early_fraud_warnings/object). */
export function fraudWarning(value: Json | undefined): FraudWarning | undefined {
  const warning = asObject(value);
  const theirs = idOf(warning?.id);
  if (warning?.object !== 'radar.early_fraud_warning' || theirs === undefined) return undefined;
  const reason = codeOf(warning.fraud_type);
  return { theirs, actionable: warning.actionable === true, ...(reason === undefined ? {} : { reason }) };
}

/** An id as text, or the id of an expanded object. */
export function idOf(value: Json | undefined): string | undefined {
  const id = typeof value === 'string' ? value : asObject(value)?.id;
  return typeof id === 'string' && /^[A-Za-z0-9_-]{1,100}$/.test(id) ? id : undefined;
}

/** A vendor's code, if it looks like one: free text may hold anything and goes no further. */
export const codeOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value) ? value : undefined;

/** Seconds since the epoch as an instant. */
export const instantOf = (value: Json | undefined): Instant | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1e11
    ? fromSeconds(value)
    : undefined;

/** A status we do not know is a refund that exists and has not ended: pending, with that as its reason. */
function stateOf(refund: JsonObject): Pick<RefundEvidence, 'state' | 'reason'> {
  switch (refund.status) {
    case 'succeeded':
      return { state: 'succeeded' };
    case 'failed':
      return { state: 'failed', reason: codeOf(refund.failure_reason) ?? 'unknown' };
    case 'canceled':
      return { state: 'failed', reason: 'canceled' };
    case 'requires_action':
      return { state: 'pending', reason: 'requires_action' };
    case 'pending': {
      const reason = codeOf(refund.pending_reason);
      return { state: 'pending', ...(reason === undefined ? {} : { reason }) };
    }
    default:
      return { state: 'pending', reason: 'unknown_status' };
  }
}

function capture(
  id: Json | undefined,
  amount: Json | undefined,
  currency: Json | undefined,
  created: Json | undefined,
) {
  const theirs = idOf(id);
  const money = fromWire(amount, currency);
  const at = instantOf(created);
  if (theirs === undefined || money === undefined || money.amountMinor === 0n || at === undefined) return undefined;
  return { theirs, ...money, at } satisfies Capture;
}
