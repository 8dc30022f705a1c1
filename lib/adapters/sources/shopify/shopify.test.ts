import { describe, expect, it } from 'vitest';
import { parseConnection, parseMerchant } from '../../../domain/ids.ts';
import { sourceContract } from '../../contracts/source.ts';
import { reader } from './index.ts';
import { sign } from './sign.ts';

const money = (amount: string) => ({ presentment_money: { amount, currency_code: 'EUR' } });
const line = { id: 11, line_item_id: 1, quantity: 2, subtotal: 20, total_tax: 4, subtotal_set: money('20.00') };
const refund = {
  id: 5,
  admin_graphql_api_id: 'gid://shopify/Refund/5',
  order_id: 1001,
  return: { id: 7, admin_graphql_api_id: 'gid://shopify/Return/7' },
  refund_line_items: [line],
  transactions: [],
};
const returned = {
  admin_graphql_api_id: 'gid://shopify/Return/7',
  status: 'open',
  order: { id: 1001 },
  return_line_items: [],
};
const shop = 'demo.myshopify.com';

sourceContract({
  platform: 'shopify',
  reader,
  signs: 'body',
  settings: { shop },
  sign: (body, secret) => sign(body, secret),
  secrets: ['new_client_secret_1', 'old_client_secret_2', 'strange_secret_3'],
  signatureHeader: 'x-shopify-hmac-sha256',
  returned: refund,
  different: {
    refund: { ...refund, admin_graphql_api_id: 'gid://shopify/Refund/6' },
    return: { ...refund, return: null },
    amount: { ...refund, refund_line_items: [{ ...line, subtotal_set: money('20.01') }] },
    shape: returned,
  },
  unknown: { id: 1, topic: 'refunds/create' },
});

function read(body: object, headers: Record<string, string> = {}, of = shop) {
  const [name, merchant] = [parseConnection('shopify-test'), parseMerchant('demo')];
  if (name === undefined || merchant === undefined) throw new Error('not a name');
  const connection = {
    name,
    merchant,
    kind: 'source',
    platform: 'shopify',
    mode: 'test',
    settings: { shop: of },
  } as const;
  return reader.read({ body: new TextEncoder().encode(JSON.stringify(body)), headers }, connection);
}
const noticeOf = (...of: Parameters<typeof read>) => {
  const reading = read(...of);
  return reading.is === 'notices' ? reading.notices[0] : undefined;
};

describe('a Shopify body', () => {
  it.each([
    ['a refund of a return', refund, { return: 'gid://shopify/Return/7', is: 'return', id: 'gid://shopify/Return/7' }],
    ['a refund alone', { ...refund, return: null }, { return: 'refund/5', is: 'refund', id: 'gid://shopify/Refund/5' }],
    ['a return', returned, { return: 'gid://shopify/Return/7', is: 'return', id: 'gid://shopify/Return/7' }],
    [
      'ids as numbers',
      { ...refund, admin_graphql_api_id: undefined, return: null },
      { return: 'refund/5', is: 'refund', id: 'gid://shopify/Refund/5' },
    ],
  ])('is told by its shape: %s', (_what, body, subject) => {
    expect(noticeOf(body)).toMatchObject({ kind: 'hint', subject });
  });

  it.each([
    ['no id', { ...refund, id: undefined, admin_graphql_api_id: undefined }],
    ['an id of something else', { ...refund, admin_graphql_api_id: 'gid://shopify/Order/5' }],
    [
      'an id that is more than one',
      { ...refund, admin_graphql_api_id: 'gid://shopify/Refund/5?x=gid://shopify/Refund/6' },
    ],
    ['both shapes', { ...refund, ...returned }],
    ['neither shape', { id: 5 }],
  ])('with %s is acted on by nobody', (_what, body) => {
    expect(noticeOf(body)).toMatchObject({ kind: 'unknown' });
  });

  it('F127 has the same name whatever the headers say of delivery, event and time', () => {
    const name = noticeOf(refund)?.id;
    const headers = { 'x-shopify-topic': 'refunds/create', 'x-shopify-webhook-id': 'a', 'shopify-event-id': 'b' };
    expect(noticeOf(refund, headers)).toMatchObject({ kind: 'hint', id: name });
  });

  it('F127 with a topic that contradicts it is another notice, that nobody acts on', () => {
    const other = noticeOf(refund, { 'x-shopify-topic': 'returns/cancel' });
    expect(other).toMatchObject({ kind: 'unknown' });
    expect(other?.id).not.toBe(noticeOf(refund)?.id);
  });

  it('F23 F127 for another shop is foreign, and under another connection another notice', () => {
    expect(read(refund, { 'x-shopify-shop-domain': 'other.myshopify.com' })).toMatchObject({ is: 'foreign' });
    expect(noticeOf(refund, {}, 'other.myshopify.com')?.id).not.toBe(noticeOf(refund)?.id);
  });
});
