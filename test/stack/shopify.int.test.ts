import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sign } from '../../lib/adapters/sources/shopify/sign.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { dataFolder, patienceMs, type Running, removeFolder, settled, start } from './process.ts';

let data: string;
let stack: Running;

beforeAll(async () => {
  data = dataFolder();
  stack = await start(data);
});
afterAll(async () => {
  await stack.stop();
  removeFolder(data);
});

const sell = async (id: number, payment: string) => {
  await stack.pay(payment, 4800, String(id));
  const response = await stack.post('/sim/shopify/_orders', {
    id,
    currency: 'EUR',
    lines: [{ id: 1, quantity: 2, price: '40.00', tax: '8.00' }],
    transactions: [{ gateway: 'stripe', reference: payment, amount: '48.00' }],
  });
  expect(response.status).toBe(201);
};
const record = async (body: object) => {
  const response = await stack.post('/sim/shopify/_refunds', body);
  expect(response.status).toBe(201);
  return ((await response.json()) as { refund: { id: number } }).refund.id;
};
const moved = async (payment: string) =>
  (await stack.truth()).filter((refund) => refund.payment === payment).map((refund) => refund.amountMinor);

it('a refund record of the shop is paid once, and its body replayed with other headers changes nothing', async () => {
  await sell(1001, 'pi_shop1');
  const id = await record({ order: 1001, lines: [{ id: 1, quantity: 1 }] });
  const paid = await stack.until((refunds) => refunds.length === 1 && settled(refunds), { query: '?order=1001' });
  expect(paid).toMatchObject([{ status: 'refunded', amountMinor: 2400, return: `refund/${id}` }]);
  const shop = stack.ready.connections['shopify-demo'];
  expect(shop).toMatchObject({ kind: 'source', shop: 'demo.myshopify.com' });
  const body = JSON.stringify({ id, return: null, refund_line_items: [], transactions: [] });
  const signed = sign(body, new Secret(shop?.secret ?? ''));
  for (const other of [{ 'x-shopify-topic': 'returns/cancel' }, { 'x-shopify-webhook-id': 'x' }, {}]) {
    const headers = { 'content-type': 'application/json', ...signed, ...(other as Record<string, string>) };
    const response = await fetch(`${stack.url}/webhooks/returns/shopify-demo`, { method: 'POST', body, headers });
    expect(response.ok).toBe(true);
  }
  await sell(1002, 'pi_shop2');
  await record({ order: 1002, lines: [{ id: 1, quantity: 1 }] });
  await stack.until((refunds) => refunds.length === 1 && settled(refunds), { query: '?order=1002' });
  expect(await moved('pi_shop1')).toEqual([2400]);
  expect(await stack.refunds('?order=1001')).toEqual(paid);
});

it('what the shop moved itself is not paid again, also after a shop that was down for a while', async () => {
  await sell(1003, 'pi_shop3');
  await stack.post('/sim/shopify/_faults', { down: true });
  await record({ order: 1003, lines: [{ id: 1, quantity: 1 }], moved: '24.00' });
  await record({ order: 1003, lines: [{ id: 1, quantity: 1 }] });
  await stack.post('/sim/shopify/_faults', {});
  await stack.until((refunds) => refunds.length === 1 && settled(refunds), { query: '?order=1003' });
  expect(await moved('pi_shop3')).toEqual([2400]);
});

it('F33 what was missed while the shop had dropped our subscription is asked for by the next process, and paid', async () => {
  await sell(1004, 'pi_shop4');
  // From its first look on there is something that could be missed.
  const looks = () => stack.get<{ path: string }[]>('/sim/shopify/_calls');
  await vi.waitFor(
    async () => expect((await looks()).some(({ path }) => path.endsWith('#RedressSubscriptions'))).toBe(true),
    { timeout: patienceMs, interval: 40 },
  );
  expect((await stack.post('/sim/shopify/_subscriptions', { drop: ['refunds/create'] })).status).toBe(201);
  await record({ order: 1004, lines: [{ id: 1, quantity: 1 }] });
  await stack.stop();
  stack = await start(data);
  await stack.until((refunds) => refunds.length === 1 && settled(refunds), { query: '?order=1004' });
  expect(await moved('pi_shop4')).toEqual([2400]);
  const left = await stack.post('/sim/shopify/_subscriptions', {});
  const { subscriptions } = (await left.json()) as { subscriptions: { topic: string }[] };
  expect(subscriptions.map(({ topic }) => topic)).toContain('REFUNDS_CREATE');
});
