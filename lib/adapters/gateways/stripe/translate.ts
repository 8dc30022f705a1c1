import type { CannotTell, Found, Looked } from '../../../app/ports/gateway.ts';
import type { Dispute, RefundEvidence } from '../../../domain/notice.ts';
import type { Outcome, Refused } from '../../../domain/refund/outcome.ts';
import type { Instant } from '../../../domain/time.ts';
import { type Answer, type Answered, retryAfterMs } from '../../kit/exchange.ts';
import { asObject, type JsonObject, readJson } from '../../kit/json.ts';
import { chargeCapture, codeOf, idsOf, paymentNames, refundOn } from './evidence.ts';

/**
 * What the answer to `POST /v1/refunds` on this payment means. Only Stripe's own explicit word is `accepted` or `refused`. A refund of
 * another payment is no answer to what was asked (F78).
 */
export function toOutcome(answer: Answer, reference: string, now: Instant): Outcome {
  if (answer.is === 'none') {
    switch (answer.why) {
      case 'not-started':
        return notStarted;
      case 'timeout':
      case 'connection':
        return unknown(answer.why);
      case 'cut-off':
        return unknown('unreadable');
    }
  }
  const { status } = answer;
  if (status >= 300 && status < 400) return unknown('redirected');
  if (status >= 500) return failure(answer);
  if (status >= 400) return refusal(answer, now) ?? unknown('unreadable');
  const evidence = status === 200 ? refundOn(bodyOf(answer), reference) : undefined;
  return evidence === undefined ? unknown('unreadable') : { is: 'accepted', evidence };
}

/** Nothing left this process: the time to start had passed, or what was asked can't be said to Stripe. */
export const notStarted: Refused = { is: 'refused', code: 'not-started', again: 'not-now', couldBeOurs: false };

/**
 * Codes after which the refund can't exist by our own earlier request. Everything else, an unknown code or none (Stripe gives
 * none for an amount above what is left), could be our own success refused in its second telling: ask before believing it.
 */
const notOurs: ReadonlyMap<string, Refused['again']> = new Map([
  ['charge_disputed', 'person'],
  ['refund_disputed_payment', 'person'],
  ['balance_insufficient', 'person'],
  ['resource_missing', 'final'],
  ['livemode_mismatch', 'person'],
  ['testmode_charges_only', 'person'],
  ['amount_too_small', 'final'],
]);

const disputes: ReadonlySet<string> = new Set(['charge_disputed', 'refund_disputed_payment']);

/** docs.stripe.com/api/errors, docs.stripe.com/error-codes. Undefined where the body is not an error of Stripe's. */
function refusal(answer: Answered, now: Instant): Outcome | undefined {
  const error = asObject(bodyOf(answer)?.error);
  const type = codeOf(error?.type);
  if (error === undefined || type === undefined) return undefined;
  const { status } = answer;
  const code = codeOf(error.code);
  // "Safe to retry": neither was executed, neither is stored under the key.
  if (status === 429 || code === 'rate_limit' || code === 'lock_timeout') {
    const wait = retryAfterMs(answer.headers['retry-after'], now);
    // A lock is about one object, the others are about the account.
    const limited = code === 'lock_timeout' ? {} : { limited: true as const };
    const refusal = { is: 'refused', code: code ?? 'rate_limit', again: 'not-now', couldBeOurs: false } as const;
    const again = { ...refusal, ...limited };
    return wait === undefined ? again : { ...again, retryAfterMs: wait };
  }
  // "A temporary problem with Stripe's servers" (docs.stripe.com/api/errors), whatever its status: a failure on the way, and no refusal.
  if (type === 'api_error') return failure(answer);
  // A request with this key is being executed now: it is ours, and its result is not known yet.
  if (status === 409) return unknown('in-progress');
  if (type === 'idempotency_error') return refused('key-reused', 'final', true);
  if (status === 401 || status === 403)
    return refused(code ?? (status === 401 ? 'unauthorized' : 'forbidden'), 'account', false);
  const again = code === undefined ? undefined : notOurs.get(code);
  if (again === undefined) return refused(code ?? fallbackCode(type, error), 'final', true);
  const no = refused(code ?? type, again, false);
  return code !== undefined && disputes.has(code) ? { ...no, because: 'disputed' } : no;
}

/** The body of a read, or why there is none to go by, as a code. */
export function readBody(
  answer: Answer,
  now: Instant,
): { readonly is: 'body'; readonly body: JsonObject } | CannotTell {
  if (answer.is === 'none') return { is: 'cannot-tell', why: answer.why, weather: 'silence' };
  const body = bodyOf(answer);
  const { status } = answer;
  if (status === 200)
    return body === undefined ? { is: 'cannot-tell', why: 'unreadable', weather: 'silence' } : { is: 'body', body };
  const error = asObject(body?.error);
  const why = codeOf(error?.code) ?? `http-${status}`;
  if (error === undefined || status >= 500) return { is: 'cannot-tell', why, weather: 'silence' };
  if (status === 401 || status === 403) return { is: 'cannot-tell', why, weather: 'account' };
  if (status !== 429) return { is: 'cannot-tell', why };
  const wait = retryAfterMs(answer.headers['retry-after'], now);
  return { is: 'cannot-tell', why, weather: 'rate', ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

/** Stripe's own word that it has no such object, not some proxy's 404. */
export const saysMissing = (answer: Answer): boolean =>
  answer.is === 'answer' && answer.status === 404 && asObject(bodyOf(answer)?.error)?.code === 'resource_missing';

/**
 * Every refund of the payment is at hand: those that carry one of the keys, or are known by id, since metadata can be edited by anybody
 * with the dashboard. Never an empty answer while one could not be read.
 */
export function toFound(
  refunds: readonly RefundEvidence[],
  { keys, theirs }: { readonly keys: readonly string[]; readonly theirs: readonly string[] },
): Found {
  const matches = refunds.filter(
    (one) => theirs.includes(one.theirs) || (one.key !== undefined && keys.includes(one.key)),
  );
  return matches.length === 0 ? { is: 'absent' } : { is: 'found', matches };
}

/** A PaymentIntent with its latest charge expanded, or a Charge, and all refunds of it. */
export function toLooked(
  body: JsonObject,
  more: { readonly refunds: readonly RefundEvidence[]; readonly disputes: readonly Dispute[] },
  orderField?: string,
): Looked {
  const direct = body.object === 'charge';
  const charge = chargeOf(body);
  const unpaid = charge === undefined && (body.latest_charge ?? null) === null;
  const [first, ...others] = direct ? paymentNames(body) : idsOf(body.id, body.latest_charge);
  const isPayment = direct || body.object === 'payment_intent';
  if (!isPayment || first === undefined || (charge?.object !== 'charge' && !unpaid)) {
    return { is: 'cannot-tell', why: 'unreadable' };
  }
  const capture = charge === undefined ? undefined : chargeCapture(charge);
  // Captured, but not in money we can count: not the same as nothing captured.
  if (charge?.captured === true && capture === undefined) return { is: 'cannot-tell', why: 'capture-unreadable' };
  const order = orderOf(body, orderField) ?? (charge === undefined ? undefined : orderOf(charge, orderField));
  return {
    is: 'payment',
    names: [first, ...others],
    captures: capture === undefined ? [] : [capture],
    ...more,
    state: capture === undefined ? uncaptured(body, charge) : 'captured',
    ...(Number(body.amount_capturable ?? 0) > 0 && capture !== undefined && { capturable: true as const }),
    ...(order === undefined ? {} : { order }),
  };
}

/** The charge of what is looked at, if it is at hand. */
export const chargeOf = (body: JsonObject): JsonObject | undefined =>
  body.object === 'charge' ? body : asObject(body.latest_charge);

/**
 * Nothing is captured: will it ever be? An intent says `canceled`; a released authorisation is a charge that is refunded without having
 * been captured (docs.stripe.com/refunds, "Cancel a payment"); a charge that failed is tried again only as another one.
 */
function uncaptured(body: JsonObject, charge: JsonObject | undefined): 'authorised' | 'voided' {
  if (body.object === 'payment_intent') return body.status === 'canceled' ? 'voided' : 'authorised';
  return charge?.refunded === true || charge?.status === 'failed' ? 'voided' : 'authorised';
}

/** The shop's order reference, where the shop wrote it into the metadata. */
export function orderOf(object: JsonObject, field = 'order'): string | undefined {
  const order = asObject(object.metadata)?.[field];
  return typeof order === 'string' && order !== '' ? order : undefined;
}

function bodyOf(answer: Answered): JsonObject | undefined {
  const read = readJson(answer.body);
  return read.ok ? asObject(read.value) : undefined;
}

const unknown = (why: Extract<Outcome, { is: 'unknown' }>['why'], spoiled = false): Outcome => ({
  is: 'unknown',
  why,
  spoiled,
});

export const refused = (code: string, again: Refused['again'], couldBeOurs: boolean): Refused => ({
  is: 'refused',
  code,
  again,
  couldBeOurs,
});

/** Nobody can tell what it did. One that was replayed is all that this key will ever answer (F60). */
const failure = ({ headers }: Answered): Outcome => unknown('server-error', headers['idempotent-replayed'] === 'true');

/** `invalid_request_error/amount`: the parameter tells more than the type alone. */
function fallbackCode(type: string, error: JsonObject): string {
  const param = codeOf(error.param);
  return param === undefined ? type : `${type}/${param}`;
}
