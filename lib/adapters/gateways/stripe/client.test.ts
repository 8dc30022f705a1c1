import { describe, expect, it } from 'vitest';
import { type Connection, Secret } from '../../../app/ports/connections.ts';
import type { RefundOrder } from '../../../app/ports/gateway.ts';
import { Unavailable } from '../../../app/ports/unavailable.ts';
import type { ConnectionName, MerchantId } from '../../../domain/ids.ts';
import type { Currency } from '../../../domain/money.ts';
import { instant } from '../../../domain/time.ts';
import type { Answer, Exchange, WireRequest } from '../../kit/exchange.ts';
import { open } from './client.ts';
import charge from './fixtures/charge.json' with { type: 'json' };
import dispute from './fixtures/dispute.json' with { type: 'json' };
import intent from './fixtures/payment-intent.json' with { type: 'json' };
import refund from './fixtures/refund.json' with { type: 'json' };

const now = instant(Date.UTC(2026, 10, 21, 12));
const connection = (settings: Record<string, string> = {}, mode: 'test' | 'live' = 'test'): Connection => ({
  name: 'stripe-test' as ConnectionName,
  merchant: 'test' as MerchantId,
  kind: 'gateway',
  platform: 'stripe',
  mode,
  settings,
});
const order: RefundOrder = {
  reference: 'pi_1Fixture',
  amountMinor: 1250n,
  currency: 'EUR' as Currency,
  key: 'rk_1',
  refund: 'rf_fixture0001',
  leg: 2,
  latestStart: now,
  limitMs: 3000,
};
const json = (body: unknown, status = 200): Answer => ({
  is: 'answer',
  status,
  headers: {},
  body: new TextEncoder().encode(JSON.stringify(body)),
});

/** A gateway whose requests are kept, and answered in turn. */
function recorded(answers: readonly (Answer | Error)[], settings?: Record<string, string>) {
  const requests: WireRequest[] = [];
  const exchange: Exchange = async (request) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  };
  const gateway = open(connection(settings), new Secret('sk_test_1'), { clock: { now: () => now }, exchange });
  return { gateway, requests };
}

describe('a request for a refund', () => {
  it('is what docs.stripe.com/api/refunds/create asks for, with our key twice', async () => {
    const { gateway, requests } = recorded([json(refund)]);
    await gateway.refund(order);
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: 'https://api.stripe.com/v1/refunds', limitMs: 3000 });
    expect(request?.headers).toMatchObject({
      'Idempotency-Key': 'rk_1',
      'Stripe-Version': '2026-10-28.endive',
      Authorization: 'Bearer sk_test_1',
      'Content-Type': 'application/x-www-form-urlencoded',
    });
    expect(request?.headers).not.toHaveProperty('Stripe-Account');
    expect(request?.headers).not.toHaveProperty('X-Stripe-Client-Telemetry');
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      payment_intent: 'pi_1Fixture',
      amount: '1250',
      'metadata[refund_key]': 'rk_1',
      'metadata[redress_refund]': 'rf_fixture0001',
      'metadata[redress_leg]': '2',
    });
  });

  it('has its own answer where several are under way, and where clients are used again', async () => {
    const waiting: (() => void)[] = [];
    const keys: string[] = [];
    const exchange: Exchange = ({ headers }) =>
      new Promise((resolve) => {
        const key = String(headers['Idempotency-Key']);
        keys.push(key);
        waiting.push(() => resolve(json({ ...refund, id: `re_of_${key}` })));
      });
    const gateway = open(connection(), new Secret('sk_test_1'), { clock: { now: () => now }, exchange });
    const askAll = async (wanted: readonly string[]) => {
      const asked = wanted.map((key) => gateway.refund({ ...order, key }));
      await new Promise(setImmediate);
      for (const answer of waiting.splice(0).reverse()) answer();
      return (await Promise.all(asked)).map((outcome) =>
        outcome.is === 'accepted' ? outcome.evidence.theirs : outcome.is,
      );
    };
    expect(await askAll(['rk_1', 'rk_2', 'rk_3'])).toEqual(['re_of_rk_1', 're_of_rk_2', 're_of_rk_3']);
    expect(await askAll(['rk_4', 'rk_5'])).toEqual(['re_of_rk_4', 're_of_rk_5']);
    expect(keys).toEqual(['rk_1', 'rk_2', 'rk_3', 'rk_4', 'rk_5']);
  });

  it('names a charge where the payment is one, and the account where there is one', async () => {
    const { gateway, requests } = recorded([json(refund)], {
      account: 'acct_1',
      baseUrl: 'http://127.0.0.1:9/sim/stripe/',
    });
    await gateway.refund({ ...order, reference: 'ch_1Fixture' });
    expect(requests[0]).toMatchObject({
      url: 'http://127.0.0.1:9/sim/stripe/v1/refunds',
      headers: { 'Stripe-Account': 'acct_1' },
    });
    expect(new URLSearchParams(requests[0]?.body).get('charge')).toBe('ch_1Fixture');
    expect(gateway.endpoint).toBe('simulator');
  });

  it.each([
    ['F81 a redirect', json({}, 302)],
    ['F86 "try again"', { ...json({}, 409), headers: { 'stripe-should-retry': 'true' } } as Answer],
    ['a JSON string, which the package could not bear', json('hello')],
    ['a failure of the wire itself', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    ['a broken pipe', Object.assign(new Error('pipe'), { code: 'EPIPE' })],
  ])('is sent once, whatever comes: %s', async (_name, answer) => {
    const { gateway, requests } = recorded([answer]);
    expect(await gateway.refund(order)).toMatchObject({ is: 'unknown' });
    expect(requests).toHaveLength(1);
  });

  it.each([
    [{ reference: 'pi_../../v1/customers' }, 'no-such-reference'],
    [{ reference: 'cus_1' }, 'no-such-reference'],
    [{ key: 'k'.repeat(256) }, 'key-not-usable'],
    [{ key: 'a\r\nx: y' }, 'key-not-usable'],
    [{ key: '' }, 'key-not-usable'],
    [{ currency: 'CLF' as Currency }, 'currency-not-supported'],
    [{ currency: 'KWD' as Currency, amountMinor: 1231n }, 'amount-not-representable'],
  ])('that Stripe could not be asked is refused before it is sent (%#)', async (change, code) => {
    const { gateway, requests } = recorded([json(refund)]);
    expect(await gateway.refund({ ...order, ...change })).toEqual({
      is: 'refused',
      code,
      again: 'final',
      couldBeOurs: false,
    });
    expect(requests).toHaveLength(0);
  });
});

describe('a search', () => {
  const page = (data: readonly object[], more: boolean) =>
    json({ object: 'list', data, has_more: more, url: '/v1/refunds' });
  const find = (answers: readonly Answer[]) => {
    const { gateway, requests } = recorded(answers);
    return { found: gateway.find({ reference: 'pi_1Fixture', keys: ['rk_1'], theirs: [], limitMs: 1000 }), requests };
  };

  it('reads a list by payment, a hundred at a time, to its end', async () => {
    const { found, requests } = find([page([{ ...refund, id: 're_2', metadata: {} }], true), page([refund], false)]);
    expect(await found).toMatchObject({ is: 'found', matches: [{ theirs: 're_1Fixture' }] });
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      '?payment_intent=pi_1Fixture&limit=100',
      '?payment_intent=pi_1Fixture&limit=100&starting_after=re_2',
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('Idempotency-Key');
  });

  it.each([
    ['of another payment: the filter was ignored', page([{ ...refund, payment_intent: 'pi_2' }], false)],
    ['one of which can not be read', page([refund, { ...refund, amount: '1' }], false)],
    ['that does not say whether it ends', json({ object: 'list', data: [] })],
    ['that never ends', page([refund], true)],
    ['of a payment that is missing', json({ error: { type: 'invalid_request_error', code: 'resource_missing' } }, 404)],
  ])('can not tell from a list %s', async (_name, answer) => {
    const { found, requests } = find([answer]);
    expect((await found).is).toBe('cannot-tell');
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  it('finds a refund whose status nobody knows', async () => {
    const { found } = find([page([{ ...refund, status: 'of_tomorrow' }], false)]);
    expect(await found).toMatchObject({ is: 'found', matches: [{ state: 'pending', reason: 'unknown_status' }] });
  });
});

describe('a look', () => {
  it('F25 does not believe an object of the other mode', async () => {
    const { gateway } = recorded([json({ id: 'pi_1', object: 'payment_intent', livemode: true, latest_charge: null })]);
    expect(await gateway.look({ reference: 'pi_1', limitMs: 1000 })).toEqual({ is: 'cannot-tell', why: 'other-mode' });
  });

  it('at what is no name of a payment finds none, without asking', async () => {
    const { gateway, requests } = recorded([json({})]);
    expect(await gateway.look({ reference: 'order 1001', limitMs: 1000 })).toEqual({ is: 'absent' });
    expect(requests).toHaveLength(0);
  });

  it('does not take another payment for the one it asked for', async () => {
    const { gateway } = recorded([
      json({ id: 'pi_2', object: 'payment_intent', livemode: false, latest_charge: null }),
    ]);
    expect(await gateway.look({ reference: 'pi_1', limitMs: 1000 })).toEqual({
      is: 'cannot-tell',
      why: 'other-object',
    });
  });
});

describe('an account', () => {
  const opened = (settings: Record<string, string>, credential: string, mode: 'test' | 'live') => () =>
    open(connection(settings, mode), new Secret(credential), { clock: { now: () => now } });

  it.each([
    ['F25 a live key in test mode', {}, 'sk_live_1', 'test'],
    ['F25 a restricted live key in test mode', {}, 'rk_live_1', 'test'],
    ['F25 a test key in live mode', {}, 'sk_test_1', 'live'],
    ['a key with a line break', {}, 'sk_test_1\n', 'test'],
    ['no key', {}, '', 'test'],
    ['plain HTTP to elsewhere', { baseUrl: 'http://example.com' }, 'sk_test_1', 'test'],
    ['plain HTTP in live mode', { baseUrl: 'http://127.0.0.1:1' }, 'sk_live_1', 'live'],
    ['a base URL with credentials', { baseUrl: 'https://a:b@example.com' }, 'sk_test_1', 'test'],
    ['a base URL with a query', { baseUrl: 'https://example.com?x=' }, 'sk_test_1', 'test'],
    ['no URL', { baseUrl: 'stripe' }, 'sk_test_1', 'test'],
  ] as const)('is not opened with %s', (_name, settings, credential, mode) => {
    expect(opened(settings, credential, mode)).toThrow(Unavailable);
  });

  it.each([
    [{}, 'sk_live_1', 'live'],
    [{}, 'sk_test_1', 'test'],
    [{ baseUrl: 'http://localhost:8787/sim/stripe' }, 'sk_dev', 'test'],
    [{ baseUrl: 'http://[::1]:8787' }, 'sk_dev', 'test'],
  ] as const)('is opened with %j and %s in %s mode', (settings, credential, mode) => {
    expect(opened(settings, credential, mode)).not.toThrow();
  });
});

describe('a look at a payment that was disputed', () => {
  const looked = (disputes: Answer, reference = 'pi_1Fixture') => {
    const contested = { ...charge, disputed: true };
    const body = reference.startsWith('pi_') ? { ...intent, latest_charge: contested } : contested;
    const { gateway, requests } = recorded([json(body), json({ object: 'list', data: [], has_more: false }), disputes]);
    return { looking: gateway.look({ reference, limitMs: 3000 }), requests };
  };
  const list = (data: readonly object[], more = false) => json({ object: 'list', data, has_more: more });

  it('F46 lists the disputes, by the name that was asked about', async () => {
    const { looking, requests } = looked(list([{ ...dispute, status: 'won' }]));
    expect(await looking).toMatchObject({ is: 'payment', disputes: [{ theirs: 'du_1Fixture', stage: 'won' }] });
    expect(requests[2]?.url).toContain('/v1/disputes?payment_intent=pi_1Fixture');
    const direct = looked(list([dispute]), 'ch_1Fixture');
    expect(await direct.looking).toMatchObject({ disputes: [{ stage: 'open' }] });
    expect(direct.requests[2]?.url).toContain('/v1/disputes?charge=ch_1Fixture');
  });

  it.each([
    ['none of them', list([])],
    ['one of another payment', list([{ ...dispute, charge: 'ch_2', payment_intent: 'pi_2' }])],
    ['one that can not be read', list([dispute, { object: 'dispute' }])],
    ['only a page of them', list([dispute], true)],
    ['an error', json({ error: { type: 'api_error' } }, 500)],
  ])('F46 can not tell where it is shown %s', async (_, answer) => {
    expect(await looked(answer).looking).toMatchObject({ is: 'cannot-tell' });
  });
});
