import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../app/ports/connections.ts';
import { type Instant, instant, plus } from '../../../domain/time.ts';
import { chanceFrom, type Faults, noFaults, type SimStep } from '../../kit/simulator.ts';
import { type StripeSimulatorOptions, stripeSimulator } from './simulator.ts';

const now = instant(Date.UTC(2026, 10, 21, 12));
const made = (options: Partial<StripeSimulatorOptions> = {}) => {
  const simulator = stripeSimulator({ webhookSecret: new Secret('whsec_1'), chance: chanceFrom('seed'), ...options });
  simulator.seedPayment({ id: 'pi_1', amountMinor: 10_000, currency: 'EUR', order: '1001' }, now);
  return simulator;
};
type Simulator = ReturnType<typeof made>;

const headers = { authorization: 'Bearer sk_test_1' };
const get = (simulator: Simulator, path: string, query = '') =>
  bodyOf(simulator.handle({ method: 'GET', path, query, headers, body: '' }, now));
const post = (simulator: Simulator, key: string | null, params: Record<string, string>, at: Instant = now) =>
  simulator.handle(
    {
      method: 'POST',
      path: '/v1/refunds',
      query: '',
      headers: key === null ? headers : { ...headers, 'idempotency-key': key },
      body: new URLSearchParams({ payment_intent: 'pi_1', ...params }).toString(),
    },
    at,
  );
const bodyOf = (step: SimStep) => (step.reply === 'lost' ? 'lost' : JSON.parse(step.reply.body));
const statusOf = (step: SimStep) => (step.reply === 'lost' ? 'lost' : step.reply.status);
const eventsOf = (webhooks: SimStep['webhooks']) => webhooks.map(({ body }) => JSON.parse(body));
const fault = (simulator: Simulator, faults: Partial<Faults>) => simulator.setFaults({ ...noFaults, ...faults });

describe('the simulated account', () => {
  it('does the same from the same state, however often it was stopped and read back', () => {
    const run = (restart: boolean) => {
      let simulator = made({ pendingRate: 0.5 });
      fault(simulator, {
        errorRate: 0.3,
        rateLimit: 0.2,
        duplicateWebhooks: 0.3,
        reorderWebhooks: 0.5,
        dropWebhooks: 0.2,
      });
      const seen: unknown[] = [];
      for (let n = 0; n < 60; n++) {
        if (restart) simulator = made({ pendingRate: 0.5, state: JSON.parse(JSON.stringify(simulator.state)) });
        else simulator.seedPayment({ id: 'pi_1', amountMinor: 10_000, currency: 'EUR', order: '1001' }, now);
        const at = plus(now, n * 1000);
        seen.push(post(simulator, `k${n % 40}`, { amount: '100' }, at), simulator.advance(at));
      }
      return { seen, truth: simulator.refunds() };
    };
    expect(run(true)).toEqual(run(false));
  });

  it('tells of a capture as a charge and as a PaymentIntent', () => {
    const simulator = stripeSimulator({ webhookSecret: new Secret('whsec_1'), chance: chanceFrom('seed') });
    const seeded = simulator.seedPayment({ id: 'pi_9', amountMinor: 700, currency: 'ISK' }, now);
    const events = seeded.is === 'seeded' ? eventsOf(seeded.webhooks) : [];
    expect(events).toMatchObject([
      {
        type: 'charge.succeeded',
        livemode: false,
        data: { object: { id: 'ch_9', amount_captured: 70_000, captured: true } },
      },
      { type: 'payment_intent.succeeded', data: { object: { id: 'pi_9', latest_charge: 'ch_9' } } },
    ]);
  });

  it.each([
    [{ id: 'order-1', amountMinor: 1, currency: 'EUR' }],
    [{ id: 'pi_2', amountMinor: 1.5, currency: 'EUR' }],
    [{ id: 'pi_2', amountMinor: 0, currency: 'EUR' }],
    [{ id: 'pi_2', amountMinor: 1, currency: 'EURO' }],
    [{ id: 'pi_1', amountMinor: 9, currency: 'EUR' }],
  ])('refuses to seed %j', (payment) => {
    expect(made().seedPayment(payment, now)).toMatchObject({ is: 'refused' });
  });

  it('answers 401 without the right bearer, and remembers every call', () => {
    const simulator = made({ credential: new Secret('sk_test_2') });
    expect(statusOf(post(simulator, 'k1', {}))).toBe(401);
    expect(simulator.calls()).toEqual([{ method: 'POST', path: '/v1/refunds', key: 'k1' }]);
  });
});

describe("the simulated account's keys", () => {
  it.each([
    [
      '401',
      (one: Simulator) =>
        one.handle(
          { method: 'POST', path: '/v1/refunds', query: '', headers: { 'idempotency-key': 'k1' }, body: '' },
          now,
        ),
      401,
    ],
    [
      '429',
      (one: Simulator) => {
        fault(one, { rateLimit: 1 });
        return post(one, 'k1', { amount: '7' });
      },
      429,
    ],
    ['a failed validation', (one: Simulator) => post(one, 'k1', { amount: '-1' }), 400],
    ['an unknown parameter', (one: Simulator) => post(one, 'k1', { amuont: '1' }), 400],
  ])('do not remember %s', (_name, first, status) => {
    const simulator = made();
    expect(statusOf(first(simulator))).toBe(status);
    fault(simulator, {});
    expect(statusOf(post(simulator, 'k1', { amount: '7' }))).toBe(200);
  });

  it('remember a refusal that was executed', () => {
    const simulator = made();
    const dispute = simulator.openDispute({ payment: 'pi_1' }, now);
    const id = dispute.is === 'opened' ? dispute.id : '';
    const first = post(simulator, 'k1', { amount: '1' });
    expect(bodyOf(first)).toMatchObject({ error: { code: 'charge_disputed' } });
    simulator.closeDispute({ id, status: 'won' }, now);
    const second = post(simulator, 'k1', { amount: '1' });
    expect(second.reply).toMatchObject({ status: 400, headers: { 'idempotent-replayed': 'true' } });
    expect(statusOf(post(simulator, 'k2', { amount: '1' }))).toBe(200);
  });

  it('remember a 500, half of which had an effect', () => {
    const simulator = made();
    fault(simulator, { errorRate: 1 });
    for (let n = 0; n < 40; n++) expect(statusOf(post(simulator, `k${n}`, { amount: '1' }))).toBe(500);
    fault(simulator, {});
    const effects = simulator.refunds().length;
    expect(effects).toBeGreaterThan(8);
    expect(effects).toBeLessThan(32);
    for (let n = 0; n < 40; n++) expect(statusOf(post(simulator, `k${n}`, { amount: '1' }))).toBe(500);
    expect(simulator.refunds()).toHaveLength(effects);
  });

  it('compare parameters, not their order', () => {
    const simulator = made();
    const first = bodyOf(post(simulator, 'k1', { amount: '5', reason: 'duplicate' }));
    expect(bodyOf(post(simulator, 'k1', { reason: 'duplicate', amount: '5' }))).toEqual(first);
    expect(bodyOf(post(simulator, 'k1', { amount: '6' }))).toMatchObject({ error: { type: 'idempotency_error' } });
  });

  it('may be any text', () => {
    const simulator = made();
    for (const key of ['__proto__', 'constructor', 'key:', ' ']) {
      expect(statusOf(post(simulator, key, { amount: '1' }))).toBe(200);
      expect(statusOf(post(simulator, key, { amount: '1' }))).toBe(200);
    }
    expect(simulator.refunds()).toHaveLength(4);
  });

  it('are not needed, and then every request makes a refund', () => {
    const simulator = made();
    post(simulator, null, { amount: '1' });
    post(simulator, null, { amount: '1' });
    expect(simulator.refunds().map(({ key }) => key)).toEqual([null, null]);
  });
});

describe("the simulated account's limits", () => {
  const limits = { perEndpoint: 3, overall: 5 };
  const read = (simulator: Simulator, path: string, at: Instant = now) =>
    simulator.handle({ method: 'GET', path, query: '', headers, body: '' }, at);

  it('F61 are token buckets, by endpoint, which fill again at their rate, and store nothing under a key', () => {
    const simulator = made({ limits });
    const at = (ms: number) => plus(now, ms);
    for (const ms of [0, 1, 2]) expect(statusOf(post(simulator, `k${ms}`, { amount: '1' }, at(ms)))).toBe(200);
    const refused = post(simulator, 'k4', { amount: '1' }, at(300));
    expect(refused.reply).toMatchObject({ status: 429, headers: { 'stripe-rate-limited-reason': 'endpoint-rate' } });
    expect(statusOf(post(simulator, 'k4', { amount: '2' }, at(334)))).toBe(200);
    expect(statusOf(post(simulator, 'k5', { amount: '1' }, at(600)))).toBe(429);
    // What nobody took is not saved up for longer than a second.
    for (const n of [6, 7, 8]) expect(statusOf(post(simulator, `k${n}`, { amount: '1' }, at(60_000)))).toBe(200);
    expect(statusOf(post(simulator, 'k9', { amount: '1' }, at(60_000)))).toBe(429);
    expect(simulator.refunds()).toHaveLength(7);
  });

  it('F61 are counted for all endpoints together, an endpoint being a path without its ids', () => {
    const simulator = made({ limits });
    for (const path of ['pi_1', 'pi_2', 'pi_3'].map((id) => `/v1/payment_intents/${id}`))
      expect(statusOf(read(simulator, path))).not.toBe(429);
    expect(statusOf(read(simulator, '/v1/payment_intents/pi_4'))).toBe(429);
    for (const key of ['k1', 'k2']) expect(statusOf(post(simulator, key, { amount: '1' }))).toBe(200);
    const refused = post(simulator, 'k3', { amount: '1' });
    expect(refused.reply).toMatchObject({ headers: { 'stripe-rate-limited-reason': 'global-rate' } });
  });

  it('F82 let nobody in while the credential is revoked', () => {
    const simulator = made();
    fault(simulator, { revoked: true });
    expect(statusOf(post(simulator, 'k1', { amount: '1' }))).toBe(401);
    fault(simulator, {});
    expect(statusOf(post(simulator, 'k1', { amount: '1' }))).toBe(200);
  });
});

describe("the simulated account's refunds", () => {
  it('are the whole remainder without an amount, and never more unless there is no cap', () => {
    const simulator = made();
    post(simulator, 'k1', { amount: '4000' });
    expect(bodyOf(post(simulator, 'k2', { amount: '6001' })).error).toMatchObject({ param: 'amount' });
    expect(bodyOf(post(simulator, 'k3', {}))).toMatchObject({ amount: 6000 });
    expect(bodyOf(post(simulator, 'k4', {})).error).toMatchObject({ code: 'charge_already_refunded' });
    fault(simulator, { noCap: true });
    expect(statusOf(post(simulator, 'k5', { amount: '9000' }))).toBe(200);
    expect(simulator.refunds().reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(19_000);
  });

  it('may be pending and succeed, or succeed and fail, later', () => {
    const pending = made({ pendingRate: 1 });
    expect(bodyOf(post(pending, 'k1', {}))).toMatchObject({ status: 'pending', pending_reason: 'processing' });
    expect(pending.nextAt()).toBe(plus(now, 3000));
    expect(pending.advance(plus(now, 2999))).toEqual([]);
    expect(eventsOf(pending.advance(plus(now, 3000)))).toMatchObject([
      { type: 'refund.updated', data: { object: { status: 'succeeded' } } },
    ]);
    expect(pending.nextAt()).toBeUndefined();

    const failing = made();
    fault(failing, { failLater: 1 });
    expect(eventsOf(post(failing, 'k1', {}).webhooks)).toMatchObject([
      { type: 'refund.created', request: { idempotency_key: 'k1' }, data: { object: { status: 'succeeded' } } },
    ]);
    post(failing, 'k2', {});
    expect(eventsOf(failing.advance(plus(now, 60_000))).map(({ type }) => type)).toEqual([
      'refund.updated',
      'refund.failed',
    ]);
    expect(failing.refunds()).toMatchObject([{ status: 'failed' }]);
    expect(statusOf(post(failing, 'k3', {}))).toBe(200);
  });

  it('are canceled only while the customer has to act', () => {
    const simulator = made();
    simulator.seedPayment({ id: 'pi_2', amountMinor: 500, currency: 'JPY', refundsNeedAction: true }, now);
    const cancel = (id: string) =>
      simulator.handle({ method: 'POST', path: `/v1/refunds/${id}/cancel`, query: '', headers, body: '' }, now);
    const waiting = bodyOf(post(simulator, 'k1', { payment_intent: 'pi_2' }));
    expect(waiting.status).toBe('requires_action');
    expect(simulator.refunds()).toMatchObject([{ status: 'pending' }]);
    expect(bodyOf(cancel(waiting.id))).toMatchObject({ status: 'canceled' });
    expect(statusOf(cancel(waiting.id))).toBe(400);
    expect(statusOf(cancel('re_nobody'))).toBe(404);
    expect(simulator.refunds()).toMatchObject([{ status: 'canceled' }]);
  });

  it('are listed newest first, in pages, by payment', () => {
    const simulator = made();
    simulator.seedPayment({ id: 'pi_2', amountMinor: 500, currency: 'JPY' }, now);
    for (let n = 0; n < 12; n++) post(simulator, `k${n}`, { amount: '1' });
    post(simulator, 'other', { payment_intent: 'pi_2' });
    const first = get(simulator, '/v1/refunds', 'payment_intent=pi_1');
    expect(first).toMatchObject({ object: 'list', has_more: true });
    const second = get(simulator, '/v1/refunds', `charge=ch_1&limit=100&starting_after=${first.data[9].id}`);
    expect(second.has_more).toBe(false);
    const ids = [...first.data, ...second.data].map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ids).toHaveLength(12);
    expect(get(simulator, '/v1/refunds', 'payment_intent=pi_nobody').error.code).toBe('resource_missing');
    expect(get(simulator, `/v1/refunds/${ids[0]}`)).toMatchObject({ id: ids[0] });
  });

  it('show on the charge and on the PaymentIntent', () => {
    const simulator = made();
    post(simulator, 'k1', { amount: '10000' });
    const refunded = { amount_refunded: 10_000, refunded: true };
    expect(get(simulator, '/v1/charges/ch_1')).toMatchObject({ id: 'ch_1', payment_intent: 'pi_1', ...refunded });
    expect(get(simulator, '/v1/payment_intents/pi_1').latest_charge).toBe('ch_1');
    expect(get(simulator, '/v1/payment_intents/pi_1', 'expand%5B0%5D=latest_charge').latest_charge).toMatchObject(
      refunded,
    );
    for (const path of ['/v1/payment_intents/ch_1', '/v1/charges/pi_1', '/v1/customers/x', '/v2/x', '/%', '/']) {
      expect(get(simulator, path).error, path).toMatchObject({ code: 'resource_missing' });
    }
  });
});

describe("the simulated account's faults", () => {
  it('lose replies to refund requests only, with their effect', () => {
    const simulator = made();
    fault(simulator, { lostReplies: 2 });
    expect(get(simulator, '/v1/refunds', 'payment_intent=pi_1')).toMatchObject({ data: [] });
    const lost = post(simulator, 'k1', { amount: '1' });
    expect([lost.reply, lost.webhooks.length]).toEqual(['lost', 1]);
    expect(post(simulator, 'k1', { amount: '1' }).reply).toBe('lost');
    expect(statusOf(post(simulator, 'k1', { amount: '1' }))).toBe(200);
    expect(simulator.refunds()).toHaveLength(1);
  });

  it('keep everything from happening while it is down', () => {
    const simulator = made();
    fault(simulator, { down: true });
    expect(post(simulator, 'k1', {})).toEqual({ reply: 'lost', delayMs: 0, webhooks: [] });
    expect(get(simulator, '/v1/charges/ch_1')).toBe('lost');
    expect(simulator.refunds()).toEqual([]);
  });

  it('delay, double, drop and reorder as data, for whoever delivers', () => {
    const simulator = made();
    fault(simulator, { delayMs: 400, duplicateWebhooks: 1 });
    const step = post(simulator, 'k1', { amount: '1' });
    expect(step.delayMs).toBe(400);
    expect(step.webhooks.map(({ id }) => id)).toEqual([step.webhooks[0]?.id, step.webhooks[0]?.id]);
    expect(step.webhooks[1]?.delayMs).toBeGreaterThan(0);
    fault(simulator, { reorderWebhooks: 1 });
    expect(post(simulator, 'k2', { amount: '1' }).webhooks[0]?.delayMs).toBeGreaterThan(0);
    fault(simulator, { dropWebhooks: 1 });
    expect(post(simulator, 'k3', { amount: '1' }).webhooks).toEqual([]);
  });

  it('let a ticket work once', () => {
    const simulator = made();
    const request = { method: 'POST', path: '/v1/refunds', query: '', headers, body: 'payment_intent=pi_1' };
    const begun = simulator.begin(request, now);
    expect(simulator.refunds()).toEqual([]);
    const ticket = begun.is === 'running' ? begun.ticket : '';
    simulator.complete(ticket, now);
    expect(simulator.refunds()).toHaveLength(1);
    expect(() => simulator.complete(ticket, now)).toThrow(RangeError);
  });
});

describe("Stripe's own example objects", () => {
  const file = new URL(
    `${process.env.REDRESS_SPECS ?? '../shared'}/specs/stripe-fixtures.refunds.json`,
    `file://${process.cwd()}/`,
  );
  const examples = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (examples === undefined) it.skip('are not on this machine (REDRESS_SPECS)');

  it.runIf(examples !== undefined)('have every field that the simulator shows, of the same kind', () => {
    const simulator = made();
    const { refund, charge, payment_intent: intent, event } = examples;
    const step = post(simulator, 'k1', { amount: '1' });
    const shown: [Record<string, unknown>, Record<string, unknown>][] = [
      [bodyOf(step), refund],
      [get(simulator, '/v1/charges/ch_1'), charge],
      [get(simulator, '/v1/payment_intents/pi_1'), intent],
      [eventsOf(step.webhooks)[0], { ...event, api_version: '' }],
    ];
    for (const [ours, theirs] of shown) {
      for (const [name, value] of Object.entries(ours)) {
        expect(Object.keys(theirs)).toContain(name);
        if (value !== null && theirs[name] !== null) expect(typeof value, name).toBe(typeof theirs[name]);
      }
    }
  });
});
