import { describe, expect, it } from 'vitest';
import { instant } from '../../../domain/time.ts';
import type { Answer } from '../../kit/exchange.ts';
import { asObject } from '../../kit/json.ts';
import { refundEvidence } from './evidence.ts';
import charge from './fixtures/charge.json' with { type: 'json' };
import error from './fixtures/error.json' with { type: 'json' };
import intent from './fixtures/payment-intent.json' with { type: 'json' };
import refund from './fixtures/refund.json' with { type: 'json' };
import { saysMissing, toLooked, toOutcome } from './translate.ts';

const now = instant(Date.UTC(2026, 10, 21, 12));
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  is: 'answer',
  status,
  headers,
  body: new TextEncoder().encode(JSON.stringify(body)),
});
const outcomeOf = (status: number, body: unknown, headers?: Record<string, string>) =>
  toOutcome(answer(status, body, headers), 'pi_1Fixture', now);
const errorOf = (change: object) => ({ error: { type: 'invalid_request_error', message: 'Jenny Rosen', ...change } });
const said = (again: string, couldBeOurs: boolean, code: string) => ({ is: 'refused', code, again, couldBeOurs });

describe('an answer to a request for a refund', () => {
  it('is accepted when it is a refund, whose amount and currency are handed up as they are', () => {
    expect(outcomeOf(200, refund)).toEqual({
      is: 'accepted',
      evidence: { theirs: 're_1Fixture', state: 'succeeded', amountMinor: 1250n, currency: 'EUR', key: 'rk_1' },
    });
    // F78: not what was asked, and still theirs to say; the engine compares.
    expect(outcomeOf(200, { ...refund, amount: 99, currency: 'usd' })).toMatchObject({
      is: 'accepted',
      evidence: { amountMinor: 99n, currency: 'USD' },
    });
  });

  it.each([
    ['another payment', { payment_intent: 'pi_other', charge: 'ch_other' }],
    ['no payment', { payment_intent: null, charge: null }],
  ])('F78 about a refund of %s is no answer', (_, change) => {
    expect(outcomeOf(200, { ...refund, ...change })).toEqual({ is: 'unknown', why: 'unreadable', spoiled: false });
  });

  it.each([
    ['charge_already_refunded', 400, 'final', true],
    ['amount_too_large', 400, 'final', true],
    ['charge_not_refundable', 400, 'final', true],
    ['charge_exceeds_source_limit', 400, 'final', true],
    ['a_code_of_tomorrow', 400, 'final', true],
    ['a_code_of_tomorrow', 402, 'final', true],
    ['balance_insufficient', 400, 'person', false],
    ['resource_missing', 404, 'final', false],
    ['amount_too_small', 400, 'final', false],
    ['api_key_expired', 401, 'account', false],
    ['secret_key_required', 403, 'account', false],
    ['lock_timeout', 429, 'not-now', false],
    ['rate_limit', 429, 'not-now', false],
    ['rate_limit', 400, 'not-now', false],
  ])('of %s (%i) is refused: %s, could be ours %s', (code, status, again, couldBeOurs) => {
    const limited = code === 'rate_limit' ? { limited: true } : {};
    expect(outcomeOf(status, errorOf({ code }))).toEqual({ ...said(again, couldBeOurs, code), ...limited });
  });

  it.each(['charge_disputed', 'refund_disputed_payment'])('F46 of %s is refused because it is disputed', (code) => {
    expect(outcomeOf(400, errorOf({ code }))).toEqual({ ...said('person', false, code), because: 'disputed' });
  });

  it.each([
    [
      'an amount above what is left, which has no code',
      400,
      { param: 'amount' },
      said('final', true, 'invalid_request_error/amount'),
    ],
    ['nothing but a type', 400, {}, said('final', true, 'invalid_request_error')],
    ['401 without a code', 401, {}, said('account', false, 'unauthorized')],
    ['403 without a code', 403, {}, said('account', false, 'forbidden')],
    ['429 without a code', 429, {}, { ...said('not-now', false, 'rate_limit'), limited: true }],
    ['F62 another body under the key', 400, { type: 'idempotency_error' }, said('final', true, 'key-reused')],
    ['a code that is free text', 400, { code: 'Jenny Rosen' }, said('final', true, 'invalid_request_error')],
  ])('of %s is read too', (_name, status, change, expected) => {
    expect(outcomeOf(status, errorOf(change))).toEqual(expected);
  });

  it.each(['idempotency_key_in_use', 'lock_conflict', undefined])(
    'of 409 (%s) is in progress, and spoils nothing',
    (code) => {
      expect(outcomeOf(409, errorOf({ code }))).toEqual({ is: 'unknown', why: 'in-progress', spoiled: false });
    },
  );

  it.each([402, 424, 500, 502, 503, 504, 529])('F60 of %i is unknown, and spoiled when it was replayed', (status) => {
    expect(outcomeOf(status, errorOf({ type: 'api_error' }))).toEqual({
      is: 'unknown',
      why: 'server-error',
      spoiled: false,
    });
    const replayed = { 'idempotent-replayed': 'true' };
    const again = outcomeOf(status, errorOf({ type: 'api_error' }), replayed);
    expect(again).toEqual({ is: 'unknown', why: 'server-error', spoiled: true });
  });

  it('F60 F80 of 500 that is no error of Stripe’s is unknown as well, and spoiled when it was replayed', () => {
    const replayed = { 'idempotent-replayed': 'true' };
    expect(outcomeOf(500, '<html>', replayed)).toEqual({ is: 'unknown', why: 'server-error', spoiled: true });
  });

  it.each([
    ['another object', 200, charge],
    ['a deleted object', 200, { id: 're_1', object: 'refund', deleted: true }],
    ['a currency that nobody knows', 200, { ...refund, currency: 'zzz' }],
    ['an amount that is text', 200, { ...refund, amount: '1250' }],
    ['half a króna', 200, { ...refund, currency: 'isk', amount: 150 }],
    ['no id', 200, { ...refund, id: null }],
    ['a refund with another success', 201, refund],
    ['no content', 204, null],
    ['an error that is no error', 400, { error: 'invalid_grant' }],
    ['a refund with 400', 400, refund],
  ])('F80 of %s is unreadable', (_name, status, body) => {
    expect(outcomeOf(status, body)).toEqual({ is: 'unknown', why: 'unreadable', spoiled: false });
  });

  it.each([
    ['3', 3000],
    ['0', 0],
    ['999999999', 3_600_000],
    ['Sat, 21 Nov 2026 12:00:07 GMT', 7000],
    ['Sat, 21 Nov 2020 12:00:00 GMT', 0],
  ])('F61 says how long to wait: %s is %i ms', (value, retryAfterMs) => {
    expect(outcomeOf(429, errorOf({}), { 'retry-after': value })).toMatchObject({ retryAfterMs });
  });

  it.each(['soon', '-1', '1e9', ''])('F61 says nothing of waiting when it says %j', (value) => {
    expect(outcomeOf(429, errorOf({}), { 'retry-after': value })).not.toHaveProperty('retryAfterMs');
  });

  it("carries no vendor's text, which may name people", () => {
    expect(outcomeOf(400, error)).toEqual(said('final', true, 'charge_already_refunded'));
    const all = [200, 400, 401, 403, 404, 409, 429, 500].map((status) => outcomeOf(status, error));
    expect(JSON.stringify(all)).not.toMatch(/Jenny|dashboard/);
  });
});

describe("a refund's status", () => {
  const evidence = (change: object) => refundEvidence(JSON.parse(JSON.stringify({ ...refund, ...change })));
  it.each([
    [{ status: 'pending' }, 'pending', undefined],
    [{ status: 'pending', pending_reason: 'insufficient_funds' }, 'pending', 'insufficient_funds'],
    [{ status: 'requires_action' }, 'pending', 'requires_action'],
    [{ status: 'succeeded' }, 'succeeded', undefined],
    [{ status: 'failed', failure_reason: 'lost_or_stolen_card' }, 'failed', 'lost_or_stolen_card'],
    [{ status: 'failed' }, 'failed', 'unknown'],
    [{ status: 'failed', failure_reason: 'Ask Jenny!' }, 'failed', 'unknown'],
    [{ status: 'canceled' }, 'failed', 'canceled'],
    [{ status: 'of_tomorrow' }, 'pending', 'unknown_status'],
    [{ status: null }, 'pending', 'unknown_status'],
  ])('%j is %s (%s)', (change, state, reason) => {
    expect(evidence(change)?.state).toBe(state);
    expect(evidence(change)?.reason).toBe(reason);
  });

  it('has our key only where Stripe echoes it', () => {
    expect(evidence({ metadata: {} })).not.toHaveProperty('key');
    expect(evidence({ metadata: null })).not.toHaveProperty('key');
    expect(evidence({ metadata: { refund_key: '' } })).not.toHaveProperty('key');
  });
});

describe('a payment that is looked at', () => {
  const looked = (change: object, ofCharge: object = {}) =>
    toLooked(
      asObject(JSON.parse(JSON.stringify({ ...intent, latest_charge: { ...charge, ...ofCharge }, ...change }))) ?? {},
      { refunds: [], disputes: [] },
    );

  it('has its names, what was captured and whose order it is', () => {
    expect(looked({})).toEqual({
      is: 'payment',
      names: ['pi_1Fixture', 'ch_1Fixture'],
      captures: [{ theirs: 'ch_1Fixture', amountMinor: 10_000n, currency: 'EUR', at: charge.created * 1000 }],
      refunds: [],
      disputes: [],
      state: 'captured',
      order: '1001',
    });
  });

  it.each([
    [
      'F43 authorised only',
      { status: 'requires_capture' },
      { captured: false, amount_captured: 0 },
      { captures: [], state: 'authorised' },
    ],
    [
      'F43 not paid yet',
      { latest_charge: null, status: 'requires_payment_method' },
      {},
      { captures: [], names: ['pi_1Fixture'] },
    ],
    ['F43 declined', {}, { captured: false, status: 'failed', paid: false }, { captures: [], state: 'authorised' }],
    [
      'F43 given up',
      { status: 'canceled' },
      { captured: false, amount_captured: 0 },
      { captures: [], state: 'voided' },
    ],
    ['F42 captured in part', {}, { amount_captured: 4000 }, { captures: [{ amountMinor: 4000n }] }],
    [
      'F42 captured in part, and more may be',
      { status: 'requires_capture', amount_capturable: 6000 },
      { amount_captured: 4000 },
      { captures: [{ amountMinor: 4000n }], state: 'captured', capturable: true },
    ],
    ['in money we can not count', {}, { currency: 'zzz' }, { is: 'cannot-tell' }],
    ['without its charge, which was asked for', { latest_charge: 'ch_1Fixture' }, {}, { is: 'cannot-tell' }],
    ['no payment', { object: 'customer', id: null }, {}, { is: 'cannot-tell' }],
  ])('%s', (_name, change, ofCharge, expected) => {
    expect(looked(change, ofCharge)).toMatchObject(expected);
  });

  it.each([
    ['F43 a charge on its own that was released', { captured: false, refunded: true }, 'voided'],
    ['F43 a charge on its own that was declined', { captured: false, status: 'failed' }, 'voided'],
    ['F43 a charge on its own that waits', { captured: false }, 'authorised'],
  ])('%s', (_name, change, state) => {
    const body = asObject(JSON.parse(JSON.stringify({ ...charge, amount_captured: 0, ...change }))) ?? {};
    expect(toLooked(body, { refunds: [], disputes: [] })).toMatchObject({ captures: [], state });
  });

  it('is missing only by the word of Stripe itself', () => {
    expect(saysMissing(answer(404, errorOf({ code: 'resource_missing' })))).toBe(true);
    expect(saysMissing(answer(404, errorOf({})))).toBe(false);
    expect(saysMissing(answer(404, '<html>'))).toBe(false);
    expect(saysMissing(answer(400, errorOf({ code: 'resource_missing' })))).toBe(false);
  });
});
