import { describe, expect, it } from 'vitest';
import { type Connection, Secret } from '../../../app/ports/connections.ts';
import type { ConnectionName, MerchantId } from '../../../domain/ids.ts';
import { hour, type Instant, instant, plus } from '../../../domain/time.ts';
import { chanceFrom } from '../../kit/simulator.ts';
import { open } from './client.ts';
import { shopSimulator } from './simulator.ts';

const noon = instant(Date.UTC(2026, 10, 21, 12));
const address = 'https://redress.example/webhooks/returns/shopify-test';
const credential = new Secret('shpat_tending');
const limitMs = 1000;

/** A simulated shop behind a wire on which a test can change what the shop says, and its clock, which stands still. */
function shop(settings: Record<string, string> = { webhookAddress: address }, mode: Connection['mode'] = 'test') {
  const simulator = shopSimulator({
    shop: 'demo.myshopify.com',
    credential,
    webhookSecret: new Secret('shopify_client_secret'),
    chance: chanceFrom('tending'),
    address,
  });
  const asked: string[] = [];
  const wire = { at: noon, change: (text: string) => text };
  const connection: Connection = {
    name: 'shopify-test' as ConnectionName,
    merchant: 'test' as MerchantId,
    kind: 'source',
    platform: 'shopify',
    mode,
    settings: { shop: 'demo.myshopify.com', ...settings },
  };
  const client = open(connection, credential, {
    clock: { now: () => wire.at },
    exchange: async ({ method, headers, body, url }) => {
      asked.push(body);
      const step = simulator.handle({ method, path: new URL(url).pathname, query: '', headers, body }, wire.at);
      if (step.reply === 'lost') return { is: 'none', why: 'connection' };
      return { is: 'answer', status: 200, headers: {}, body: new TextEncoder().encode(wire.change(step.reply.body)) };
    },
  });
  const staff = (what: string, body: object) =>
    simulator.handle(
      { method: 'POST', path: `/staff/${what}`, query: '', headers: {}, body: JSON.stringify(body) },
      wire.at,
    );
  const sell = (id: number) =>
    staff('orders', { id, currency: 'EUR', lines: [{ id: 1, quantity: 100, price: '100.00' }], transactions: [] });
  const changes = async (since: Instant) => {
    const page = await client.tending?.changes({ since, limitMs });
    return page?.is === 'page' ? page.changes.map(({ subject }) => subject.return) : page;
  };
  return { client, simulator, asked, wire, staff, sell, changes };
}

describe('F33 the address of a Shopify connection', () => {
  it.each([[undefined], ['']])('that is not set is not looked for (%s)', (webhookAddress) => {
    expect(shop(webhookAddress === undefined ? {} : { webhookAddress }).client.tending).toBeUndefined();
  });

  it.each(['http://example.com/x', 'redress.example', 'https://me@redress.example/x', 'https://redress.example/x#y'])(
    'that nothing can be delivered to is not asked about, and stops nothing else (%s)',
    async (webhookAddress) => {
      const { client, asked } = shop({ webhookAddress });
      expect(await client.tending?.missing({ limitMs })).toEqual({ is: 'cannot-tell', why: 'webhook-address' });
      expect(await client.tending?.subscribe({ topic: 'refunds/create', limitMs })).toMatchObject({ is: 'refused' });
      expect(asked).toEqual([]);
    },
  );

  it('may be on this machine in test mode only', async () => {
    const settings = { webhookAddress: 'http://127.0.0.1:8787/webhooks/returns/x' };
    expect(await shop(settings, 'test').client.tending?.missing({ limitMs })).toMatchObject({ is: 'missing' });
    expect(await shop(settings, 'live').client.tending?.missing({ limitMs })).toMatchObject({ is: 'cannot-tell' });
  });
});

describe('F33 a subscription of a Shopify shop', () => {
  it.each([
    ['another address', address, 'https://redress.example/other'],
    ['another format', '"JSON"', '"XML"'],
    ['a filter', '"filter":null', '"filter":"id:1"'],
    ['a part of the body', '"includeFields":[]', '"includeFields":["id"]'],
  ])('with %s is not the one we want', async (_what, from, to) => {
    const { client, wire } = shop();
    wire.change = (text) => text.replace(from, to);
    expect(await client.tending?.missing({ limitMs })).toEqual({ is: 'missing', topics: ['refunds/create'] });
  });

  it('is looked for at the address as a URL, however it is written', async () => {
    const { client, wire } = shop();
    wire.change = (text) => text.replaceAll('https://redress.example/', 'HTTPS://Redress.Example:443/');
    expect(await client.tending?.missing({ limitMs })).toEqual({ is: 'missing', topics: [] });
  });

  it('is not missing where there may be more pages of them', async () => {
    const { client, wire, staff } = shop();
    staff('subscriptions', { drop: ['refunds/create'] });
    wire.change = (text) => text.replace('"hasNextPage":false', '"hasNextPage":true');
    expect(await client.tending?.missing({ limitMs })).toMatchObject({ is: 'cannot-tell' });
  });

  it('delivers what the simulated shop announces, only while it is there', () => {
    const { staff, sell } = shop();
    sell(1001);
    const record = () => staff('refunds', { order: 1001, lines: [{ id: 1, quantity: 1 }] }).webhooks.length;
    expect(record()).toBe(1);
    staff('subscriptions', { drop: ['refunds/create'] });
    expect(record()).toBe(0);
  });
});

describe('F33 what changed in a Shopify shop', () => {
  it('is a record of no return, and of a return the return', async () => {
    const { staff, sell, changes } = shop();
    for (const id of [1001, 1002]) sell(id);
    staff('refunds', { order: 1001, lines: [{ id: 1, quantity: 1 }] });
    staff('returns', { id: 7, order: 1002, status: 'CLOSED', lines: [{ id: 1, quantity: 1 }] });
    staff('refunds', { order: 1002, return: 7, lines: [{ id: 1, quantity: 1 }] });
    expect(await changes(noon)).toEqual([expect.stringMatching(/^refund\/9/), 'gid://shopify/Return/7']);
  });

  it('is what happened since then, and no older record or closed return of the same order', async () => {
    const { staff, sell, changes, wire } = shop();
    sell(1001);
    staff('refunds', { order: 1001, lines: [{ id: 1, quantity: 1 }] });
    staff('returns', { id: 7, order: 1001, status: 'CLOSED', lines: [{ id: 1, quantity: 1 }] });
    staff('returns', { id: 8, order: 1001, lines: [{ id: 1, quantity: 1 }] });
    wire.at = plus(noon, hour);
    const since = wire.at;
    expect(await changes(since)).toEqual(['gid://shopify/Return/8']);
    staff('returns', { id: 8, order: 1001, status: 'CLOSED' });
    expect(await changes(since)).toEqual(['gid://shopify/Return/8']);
    expect(await changes(plus(since, hour))).toEqual([]);
  });

  it.each([
    ['returns', { status: 'CLOSED' }, 21],
    ['refunds', {}, 25],
  ])('in an order with too many %s names the order, for a person', async (what, more, most) => {
    const { staff, sell, client } = shop();
    sell(1001);
    for (let id = 1; id <= most; id += 1) staff(what, { id, order: 1001, lines: [{ id: 1, quantity: 1 }], ...more });
    const page = await client.tending?.changes({ since: noon, limitMs });
    expect(page).toMatchObject({ is: 'page', unread: ['gid://shopify/Order/1001'] });
  });

  it('is not told from a page that has more and no cursor', async () => {
    const { client, wire } = shop();
    wire.change = (text) => text.replace('"hasNextPage":false', '"hasNextPage":true');
    expect(await client.tending?.changes({ since: noon, limitMs })).toMatchObject({ is: 'cannot-tell' });
  });
});
