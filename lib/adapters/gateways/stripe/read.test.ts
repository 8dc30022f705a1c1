import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../app/ports/connections.ts';
import type { ConnectionName, MerchantId } from '../../../domain/ids.ts';
import type { GatewayNotice } from '../../../domain/notice.ts';
import charge from './fixtures/charge.json' with { type: 'json' };
import dispute from './fixtures/dispute.json' with { type: 'json' };
import event from './fixtures/event.json' with { type: 'json' };
import thin from './fixtures/event-thin.json' with { type: 'json' };
import intent from './fixtures/payment-intent.json' with { type: 'json' };
import refund from './fixtures/refund.json' with { type: 'json' };
import { read } from './read.ts';

const connection = (change: Partial<Connection> = {}): Connection => ({
  name: 'stripe-test' as ConnectionName,
  merchant: 'test' as MerchantId,
  kind: 'gateway',
  platform: 'stripe',
  mode: 'test',
  settings: {},
  ...change,
});
const readOf = (given: unknown, on = connection()) =>
  read({ body: new TextEncoder().encode(typeof given === 'string' ? given : JSON.stringify(given)), headers: {} }, on);
const about = (type: string, object: object, change: object = {}) => ({ ...event, type, data: { object }, ...change });
const noticeOf = (given: unknown, on = connection()) => {
  const reading = readOf(given, on);
  if (reading.is !== 'notices') throw new Error(reading.problem);
  return reading.notices[0]!;
};

describe("Stripe's events", () => {
  it.each(['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'])(
    '%s is news of a refund',
    (type) => {
      expect(noticeOf(about(type, refund))).toEqual({
        kind: 'gateway',
        id: 'evt_1Fixture',
        type,
        sameness: expect.stringMatching(/^[0-9a-f]{64}$/),
        news: {
          about: 'refund',
          evidence: { theirs: 're_1Fixture', state: 'succeeded', amountMinor: 1250n, currency: 'EUR', key: 'rk_1' },
          payment: ['pi_1Fixture', 'ch_1Fixture'],
        },
      });
    },
  );

  it.each(['created', 'updated', 'funds_withdrawn', 'funds_reinstated', 'closed'])(
    'F46 charge.dispute.%s is news of a dispute',
    (word) => {
      expect(noticeOf(about(`charge.dispute.${word}`, dispute))).toMatchObject({
        kind: 'gateway',
        news: {
          about: 'dispute',
          dispute: {
            theirs: 'du_1Fixture',
            stage: 'open',
            kind: 'formal',
            amountMinor: 1250n,
            currency: 'EUR',
            reason: 'product_not_received',
          },
          payment: ['pi_1Fixture', 'ch_1Fixture'],
        },
      });
    },
  );

  it.each([
    ['warning_needs_response', 'open', 'inquiry'],
    ['warning_under_review', 'open', 'inquiry'],
    ['warning_closed', 'won', 'inquiry'],
    ['needs_response', 'open', 'formal'],
    ['under_review', 'open', 'formal'],
    ['won', 'won', 'formal'],
    ['lost', 'lost', 'formal'],
    ['prevented', 'lost', 'formal'],
    ['something_new', 'open', 'formal'],
    [null, 'open', 'formal'],
  ])('F46 a dispute that is %s is %s, %s', (status, stage, kind) => {
    expect(noticeOf(about('charge.dispute.updated', { ...dispute, status }))).toMatchObject({
      news: { dispute: { stage, kind } },
    });
  });

  it('F46 a dispute in money we can not count is known without an amount', () => {
    const { news } = noticeOf(about('charge.dispute.closed', { ...dispute, currency: 'zzz' })) as GatewayNotice;
    expect(news).not.toHaveProperty('dispute.amountMinor');
    expect(news).toMatchObject({ about: 'dispute', dispute: { theirs: 'du_1Fixture' } });
  });

  it('F46 an early fraud warning is news of one', () => {
    const warning = {
      id: 'issfr_1Fixture',
      object: 'radar.early_fraud_warning',
      actionable: true,
      charge: 'ch_1Fixture',
      payment_intent: 'pi_1Fixture',
      fraud_type: 'unauthorized_use_of_card',
    };
    expect(noticeOf(about('radar.early_fraud_warning.created', warning))).toMatchObject({
      news: {
        about: 'fraud-warning',
        warning: { theirs: 'issfr_1Fixture', actionable: true, reason: 'unauthorized_use_of_card' },
        payment: ['pi_1Fixture', 'ch_1Fixture'],
      },
    });
  });

  it.each([
    ['charge.succeeded', charge, charge.created],
    ['charge.captured', charge, charge.created],
    ['payment_intent.succeeded', intent, intent.created],
  ])('%s is news of one capture, under the id of its charge', (type, object, created) => {
    expect(noticeOf(about(type, object))).toMatchObject({
      kind: 'gateway',
      news: {
        about: 'capture',
        capture: { theirs: 'ch_1Fixture', amountMinor: 10_000n, currency: 'EUR', at: created * 1000 },
        payment: ['pi_1Fixture', 'ch_1Fixture'],
        order: '1001',
      },
    });
  });

  it('name the order as the settings say', () => {
    const on = connection({ settings: { orderMetadataKey: 'shop_order' } });
    const named = about('charge.succeeded', { ...charge, metadata: { order: '1001', shop_order: 'A-7' } });
    expect(noticeOf(named, on)).toMatchObject({ news: { order: 'A-7' } });
    expect(noticeOf(about('charge.succeeded', charge), on)).not.toHaveProperty('news.order');
  });

  it.each([
    [
      'F43 a charge that is authorised only',
      about('charge.succeeded', { ...charge, captured: false, amount_captured: 0 }),
    ],
    ['a refund in money we can not count', about('refund.updated', { ...refund, currency: 'zzz' })],
    ['a refund of no payment', about('refund.updated', { ...refund, payment_intent: null, charge: null })],
    ['a refund that is none', about('refund.updated', charge)],
    ['a payment without a charge', about('payment_intent.succeeded', { ...intent, latest_charge: null })],
    ['charge.refunded', about('charge.refunded', charge)],
    ['a dispute of nothing', about('charge.dispute.created', { id: 'dp_1', object: 'dispute', amount: 1 })],
    [
      'an early fraud warning',
      about('radar.early_fraud_warning.created', { id: 'issfr_1', object: 'radar.early_fraud_warning' }),
    ],
    ['a type of tomorrow', about('refund.teleported', refund)],
    ['an event of version 2', thin],
    ['an event without data', { ...event, data: null }],
  ])('F22 %s is kept as unknown', (_name, given) => {
    expect(noticeOf(given).kind).toBe('unknown');
  });

  it.each([
    ['F25 a live event on a test connection', about('refund.updated', refund, { livemode: true }), connection()],
    ['F25 a test event on a live connection', about('refund.updated', refund), connection({ mode: 'live' })],
    ['F25 an event of neither mode', about('refund.updated', refund, { livemode: 'false' }), connection()],
    ['F25 a thin event of the other mode', { ...thin, livemode: true }, connection()],
    [
      'F24 an event of another account',
      about('refund.updated', refund, { account: 'acct_2' }),
      connection({ settings: { account: 'acct_1' } }),
    ],
    [
      'F24 an event of a connected account on an endpoint bound to none',
      about('refund.updated', refund, { account: 'acct_2' }),
      connection(),
    ],
    [
      "F24 an event of the platform's own account on an endpoint bound to a connected one",
      about('refund.updated', refund),
      connection({ settings: { account: 'acct_1' } }),
    ],
  ])('%s is foreign', (_name, given, on) => {
    expect(readOf(given, on).is).toBe('foreign');
  });

  it('F24 of the account that the endpoint is bound to are ours', () => {
    const on = connection({ settings: { account: 'acct_1' } });
    expect(readOf(about('refund.updated', refund, { account: 'acct_1' }), on).is).toBe('notices');
  });

  it.each([
    ['no JSON', 'type=refund.updated'],
    ['F17 a repeated key', JSON.stringify(event).replace('{', '{"livemode":true,')],
    ['a list', '[]'],
    ['no id', { ...event, id: undefined }],
    ['an id that is none', { ...event, id: 'evt 1' }],
    ['no type', { ...event, type: undefined }],
  ])('%s is unreadable', (_name, given) => {
    expect(readOf(given).is).toBe('unreadable');
  });

  it('F10 are the same while only the count of deliveries or of changed fields differs', () => {
    const first = noticeOf(about('refund.updated', refund)).sameness;
    const again = about(
      'refund.updated',
      { ...refund, receipt_number: '1', balance_transaction: null },
      { pending_webhooks: 1 },
    );
    expect(noticeOf({ ...again, created: 1, request: null }).sameness).toBe(first);
  });

  it.each([
    ['type', about('refund.failed', refund)],
    ['refund', about('refund.updated', { ...refund, id: 're_2' })],
    ['status', about('refund.updated', { ...refund, status: 'failed' })],
    ['reason', about('refund.updated', { ...refund, status: 'failed', failure_reason: 'declined' })],
    ['amount', about('refund.updated', { ...refund, amount: 1251 })],
    ['currency', about('refund.updated', { ...refund, currency: 'usd' })],
    ['key', about('refund.updated', { ...refund, metadata: { refund_key: 'rk_2' } })],
    ['payment', about('refund.updated', { ...refund, payment_intent: 'pi_2' })],
    ['kind', about('refund.updated', { ...refund, object: 'charge' })],
  ])('F10 are different when the %s differs', (_what, given) => {
    expect(noticeOf(given).sameness).not.toBe(noticeOf(about('refund.updated', refund)).sameness);
  });

  it('carry nobody by name', () => {
    const all = ['charge.succeeded', 'payment_intent.succeeded', 'charge.refunded'].map((type) =>
      readOf(about(type, type.startsWith('p') ? intent : charge)),
    );
    expect(JSON.stringify(all, (_key, part) => (typeof part === 'bigint' ? String(part) : part))).not.toMatch(
      /jenny|4242/i,
    );
  });
});
