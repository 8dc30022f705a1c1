import type { Secret } from '../../../app/ports/connections.ts';
import type { Instant } from '../../../domain/time.ts';
import type { SimBegun, SimRequest, SimResponse, SimStep } from '../../kit/simulator.ts';
import { listDisputes } from './simulator-disputes.ts';
import { type Limits, tooMany } from './simulator-limits.ts';
import { chargeObject, errorReply, intentObject, missing, ok, refundObject } from './simulator-objects.ts';
import { cancelRefund, createRefund, type Effect, type Habits, listRefunds, validate } from './simulator-refunds.ts';
import { nextId, paymentOf, type StripeState, simulatedAccountId } from './simulator-state.ts';

export interface SimulatedAccount {
  readonly state: StripeState;
  readonly habits: Habits;
  readonly credential: Secret | undefined;
  readonly keyWindowMs: number;
  readonly limits: Limits | undefined;
}

/**
 * One request, by Stripe's rules of what happens before execution (docs.stripe.com/api/idempotent_requests): 401, 429, failed
 * validation and a key in use are answered and not stored; a stored result is replayed; everything else begins to execute.
 */
export function beginRequest(account: SimulatedAccount, request: SimRequest, now: Instant): SimBegun {
  const { state, habits } = account;
  const key = request.headers['idempotency-key'] ?? null;
  state.calls.push({ method: request.method, path: request.path, key });
  const number = nextId(state, 'req');
  const drawn = (what: string, rate: number) => rate > 0 && habits.chance(`${what}:${number}`) < rate;
  const done = (reply: SimResponse | 'lost'): SimBegun => ({
    is: 'done',
    step: stepOf(state, { reply, webhooks: [] }, number),
  });
  if (state.faults.down) return done('lost');
  if (!letIn(account, request)) return done(errorReply(401, { type: 'invalid_request_error' }));
  const limited = tooMany(state, account.limits, request, now);
  if (limited !== undefined) return done(limited);
  if (drawn('limit', state.faults.rateLimit))
    return done(errorReply(429, { type: 'invalid_request_error', code: 'rate_limit' }));
  const failing = drawn('error', state.faults.errorRate);
  if (request.method !== 'POST' || request.path !== '/v1/refunds') {
    if (failing) return done(serverError);
    return { is: 'done', step: stepOf(state, answer(account, request, now), number) };
  }
  const params = Object.fromEntries(new URLSearchParams(request.body));
  const stored = key === null ? undefined : storedUnder(account, key, now);
  if (stored !== undefined) {
    if (stored.fingerprint !== fingerprintOf(params)) return done(errorReply(400, { type: 'idempotency_error' }));
    if (stored.reply === undefined)
      return done(errorReply(409, { type: 'invalid_request_error', code: 'idempotency_key_in_use' }));
    return done(
      lostOr(state, { ...stored.reply, headers: { ...stored.reply.headers, 'idempotent-replayed': 'true' } }),
    );
  }
  const refusal = validate(params);
  if (refusal !== undefined) return done(refusal);
  const entry = { fingerprint: fingerprintOf(params), atMs: now };
  if (failing && habits.chance(`half:${number}`) < 0.5) {
    if (key !== null) state.keys[`key:${key}`] = { ...entry, reply: serverError };
    return done(serverError);
  }
  if (key !== null) state.keys[`key:${key}`] = entry;
  state.running[number] = { params, key, spoiled: failing };
  return { is: 'running', ticket: number };
}

/** The execution itself; its result is stored under the key, a 500 too. */
export function completeRequest(account: SimulatedAccount, ticket: string, now: Instant): SimStep {
  const { state, habits } = account;
  const running = state.running[ticket];
  if (running === undefined) throw new RangeError('no request is running under this ticket');
  delete state.running[ticket];
  const effect = createRefund(state, habits, running, now);
  const reply = running.spoiled ? serverError : effect.reply;
  const stored = running.key === null ? undefined : state.keys[`key:${running.key}`];
  if (stored !== undefined) stored.reply = reply;
  return stepOf(state, { reply: lostOr(state, reply), webhooks: effect.webhooks }, ticket);
}

const serverError = errorReply(500, { type: 'api_error' });

/** Everything but the creation of refunds. */
function answer(account: SimulatedAccount, request: SimRequest, now: Instant): Effect {
  const { state, habits } = account;
  const query = new URLSearchParams(request.query);
  const reply = (given: SimResponse): Effect => ({ reply: given, webhooks: [] });
  const [, version, kind, id, verb, ...rest] = request.path.split('/');
  if (version !== 'v1' || rest.length > 0) return reply(missing('url'));
  if (kind === 'refunds' && request.method === 'POST' && id !== undefined && verb === 'cancel') {
    return cancelRefund(state, habits, id, now);
  }
  if (request.method !== 'GET' || verb !== undefined) return reply(missing('url'));
  if (kind === 'account' && id === undefined) return reply(ok({ id: simulatedAccountId, object: 'account' }));
  if (kind === 'refunds' && id === undefined) return reply(listRefunds(state, query));
  if (kind === 'disputes' && id === undefined) return reply(listDisputes(state, query));
  if (kind === 'refunds') {
    const refund = state.refunds.find((one) => one.id === id);
    return reply(refund === undefined ? missing('refund') : ok(refundObject(state, refund)));
  }
  const payment = paymentOf(state, id);
  if (kind === 'charges') {
    return reply(payment === undefined || payment.charge !== id ? missing('charge') : ok(chargeObject(state, payment)));
  }
  if (kind !== 'payment_intents') return reply(missing('url'));
  const expanded = [...query].some(([name, value]) => /^expand\[\d*\]$/.test(name) && value === 'latest_charge');
  return reply(
    payment === undefined || payment.intent !== id ? missing('intent') : ok(intentObject(state, payment, expanded)),
  );
}

function letIn({ credential, state }: SimulatedAccount, request: SimRequest): boolean {
  if (state.faults.revoked) return false;
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  return bearer !== undefined && (credential === undefined || bearer === credential.reveal());
}

/** A key is forgotten when its time is over, as Stripe may: the next request with it is a new one. */
function storedUnder({ state, keyWindowMs }: SimulatedAccount, key: string, now: Instant) {
  const stored = state.keys[`key:${key}`];
  if (stored === undefined || stored.reply === undefined || now - stored.atMs < keyWindowMs) return stored;
  delete state.keys[`key:${key}`];
  return undefined;
}

/** Parameters are compared, not their order. */
const fingerprintOf = (params: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(params).sort());

function lostOr(state: StripeState, reply: SimResponse): SimResponse | 'lost' {
  if (state.faults.lostReplies === 0) return reply;
  state.faults = { ...state.faults, lostReplies: state.faults.lostReplies - 1 };
  return 'lost';
}

function stepOf(
  state: StripeState,
  effect: { reply: SimResponse | 'lost'; webhooks: SimStep['webhooks'] },
  number: string,
): SimStep {
  const { reply, webhooks } = effect;
  const marked = reply === 'lost' ? reply : { ...reply, headers: { ...reply.headers, 'request-id': number } };
  return { reply: marked, delayMs: state.faults.delayMs, webhooks };
}
