import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../app/ports/connections.ts';
import { Secret } from '../../../app/ports/connections.ts';
import type { ConnectionName, MerchantId } from '../../../domain/ids.ts';
import type { Currency } from '../../../domain/money.ts';
import { instant } from '../../../domain/time.ts';
import { sourceClientContract } from '../../contracts/source-client.ts';
import { chanceFrom, type Simulator } from '../../kit/simulator.ts';
import { open } from './client.ts';
import { topics } from './manifest.ts';
import { shopSimulator } from './simulator.ts';

const now = instant(Date.UTC(2026, 10, 21, 12));
const shop = 'demo.myshopify.com';
const connection = (baseUrl: string, settings: Record<string, string> = {}): Connection => ({
  name: 'shopify-test' as ConnectionName,
  merchant: 'test' as MerchantId,
  kind: 'source',
  platform: 'shopify',
  mode: 'test',
  settings: { shop, baseUrl, 'gateway.stripe': 'stripe-demo', ...settings },
});
const webhookAddress = 'https://redress.example/webhooks/returns/shopify-test';
const webhookSecret = new Secret('shopify_client_secret');
const staff = (simulator: Simulator, what: string, body: object) =>
  simulator.handle({ method: 'POST', path: `/staff/${what}`, query: '', headers: {}, body: JSON.stringify(body) }, now);
const mugs = [{ id: 1, quantity: 2, price: '40.00', tax: '8.00' }];
const paid = [{ gateway: 'stripe', reference: 'pi_one', amount: '48.00' }];
const subject = { return: 'gid://shopify/Return/7', is: 'return', id: 'gid://shopify/Return/7' } as const;

sourceClientContract({
  platform: 'shopify',
  open,
  simulator: (credential) =>
    shopSimulator({ shop, credential, webhookSecret, chance: chanceFrom('contract'), address: webhookAddress }),
  connection: (baseUrl) => connection(baseUrl, { payOn: 'return-processed', webhookAddress }),
  seed: (simulator) => {
    staff(simulator, 'orders', { id: 1001, currency: 'EUR', lines: mugs, transactions: paid });
    staff(simulator, 'returns', { id: 7, order: 1001, lines: [{ id: 1, quantity: 1, processed: 1 }] });
    return subject;
  },
  tending: {
    topics,
    drop: (simulator) => {
      staff(simulator, 'subscriptions', { drop: ['refunds/create', 'returns/process'] });
      return ['refunds/create', 'returns/process'];
    },
  },
  nowhere: { return: 'gid://shopify/Return/8', is: 'return', id: 'gid://shopify/Return/8' },
  order: {
    lines: [{ id: 'gid://shopify/LineItem/1', quantity: 1 }],
    shippingMinor: 0n,
    amountMinor: 2400n,
    currency: 'EUR' as Currency,
    reference: 'rf_0123456789abcdef0123-told-01234567',
  },
});

/** A shop of one order, and what its client says of one refund record of it. */
async function confirmed(
  order: object,
  refund: object,
  settings: Record<string, string> = {},
  change = (text: string) => text,
) {
  const credential = new Secret('shpat_contract');
  const simulator = shopSimulator({ shop, credential, webhookSecret, chance: chanceFrom('x') });
  staff(simulator, 'orders', { id: 1001, currency: 'EUR', lines: mugs, transactions: paid, ...order });
  staff(simulator, 'refunds', { order: 1001, lines: [{ id: 1, quantity: 1 }], ...refund });
  const id = `gid://shopify/Refund/${simulator.refunds()[0]?.id.split('/').at(-1)}`;
  const client = open(connection('http://127.0.0.1:1', settings), credential, {
    clock: { now: () => now },
    exchange: async ({ method, headers, body, url }) => {
      const step = simulator.handle({ method, path: new URL(url).pathname, query: '', headers, body }, now);
      if (step.reply === 'lost') return { is: 'none', why: 'connection' };
      return { is: 'answer', status: 200, headers: {}, body: new TextEncoder().encode(change(step.reply.body)) };
    },
  });
  return client.confirm({ subject: { return: 'refund/1', is: 'refund', id }, limitMs: 1000 });
}

describe('what a Shopify shop says', () => {
  it.each([
    ['"20.00"', '"20"', 2400n],
    ['"20.00"', '"20.0"', 2400n],
    ['"20.00"', '"20.000"', 2400n],
    ['"20.00"', '"20.001"', undefined],
    ['"20.00"', '"-20.00"', undefined],
    ['"20.00"', '"2e1"', undefined],
    ['"currencyCode":"EUR"', '"currencyCode":"USD"', undefined],
    ['"hasNextPage":false', '"hasNextPage":true', undefined],
  ])('F37 is taken exactly or not at all: %s as %s', async (was, is, total) => {
    const said = await confirmed({}, {}, {}, (text) => text.replace(was, is));
    if (total === undefined) return expect(said).toMatchObject({ is: 'cannot-tell' });
    const lines = said.is === 'return' ? said.snapshot.lines : [];
    expect(lines.reduce((all, line) => all + line.priceMinor + line.taxMinor, 0n)).toBe(total);
  });

  it('of a currency without decimals is the same number', async () => {
    const order = {
      currency: 'JPY',
      lines: [{ id: 1, quantity: 2, price: '4000' }],
      transactions: [{ gateway: 'stripe', reference: 'pi_one', amount: '4000' }],
    };
    const said = await confirmed(order, {}, {}, (text) => text.replace('"2000"', '"2000.0"'));
    expect(said).toMatchObject({ snapshot: { currency: 'JPY', lines: [{ priceMinor: 2000n }] } });
  });

  it.each([
    [undefined, '1001'],
    ['name', '#1001'],
    ['gid', 'gid://shopify/Order/1001'],
  ])('calls its order as the settings say (%s)', async (orderReference, order) => {
    expect(await confirmed({}, {}, orderReference === undefined ? {} : { orderReference })).toMatchObject({
      snapshot: { order },
    });
  });

  it.each([
    ['authorizationCode', 'pi_one'],
    ['paymentId', 'c1001.1'],
    ['receipt:id', 'pi_one'],
    ['receipt:nothing', undefined],
  ])('F48 names its payment where the settings say it stands (%s)', async (place, reference) => {
    const said = await confirmed({}, {}, { 'reference.stripe': place });
    const payments = reference === undefined ? [] : [{ connection: 'stripe-demo', reference }];
    expect(said).toMatchObject({ payments, concerns: [] });
  });

  it('names no payment at a gateway that is not mapped', async () => {
    expect(await confirmed({ transactions: [{ ...paid[0], gateway: 'manual' }] }, {})).toMatchObject({ payments: [] });
  });

  it.each([
    ['PENDING', 'under-way'],
    ['AWAITING_RESPONSE', 'under-way'],
    ['UNKNOWN', 'under-way'],
    ['SUCCESS', 'return'],
    ['FAILURE', 'return'],
    ['ERROR', 'return'],
  ])('F76 means something once its own transactions have ended: %s', async (status, is) => {
    const refund = { moved: '24.00', status: 'PENDING' };
    const said = await confirmed({}, refund, {}, (text) => text.replace('"PENDING"', `"${status}"`));
    expect(said.is).toBe(is);
  });

  it('of a refund that belongs to a return is counted there', async () => {
    expect(await confirmed({}, { return: 7 })).toMatchObject({ is: 'elsewhere', subject });
  });
});
