import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileConnections, writeConnections } from './dev-connections.ts';

const source = {
  kind: 'source',
  platform: 'generic',
  verifySecrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
};
const gateway = {
  kind: 'gateway',
  platform: 'stripe',
  verifySecrets: [`whsec_${'a'.repeat(32)}`],
  credential: 'sk_test_1',
};

describe('the connections of an embedded stack', () => {
  let path = '';
  const folder = { file: (...names: string[]) => join(path, ...names) };
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'redress-connections-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  async function written(own: object | undefined): Promise<FileConnections> {
    const file = join(path, 'own.json');
    if (own !== undefined) writeFileSync(file, JSON.stringify({ connections: own }));
    const made = await writeConnections(folder, own === undefined ? undefined : file);
    return made.content;
  }

  it('take an account of one’s own for the one shop that there is', async () => {
    const { connections } = await written({ mine: gateway, shop: source });
    expect(connections.mine?.settings.ordersOf).toBe('*');
  });

  it('leave it to two shops to say whose orders an account takes', async () => {
    const { connections } = await written({
      mine: gateway,
      hers: { ...gateway, settings: { ordersOf: 'shop-b' } },
      'shop-a': source,
      'shop-b': source,
    });
    expect(connections.mine?.settings.ordersOf).toBeUndefined();
    expect(connections.hers?.settings.ordersOf).toBe('shop-b');
  });

  it('of a folder that an earlier version made get the settings that have come since, and keep theirs', async () => {
    const first = await written(undefined);
    const before = first.connections['stripe-demo']!;
    const earlier = { ...before, settings: { simulator: 'stripe', accountId: 'acct_mine' } };
    const old = { ...first, connections: { ...first.connections, 'stripe-demo': earlier } };
    writeFileSync(folder.file('dev-connections.json'), JSON.stringify(old));
    const { connections } = await written(undefined);
    expect(connections['stripe-demo']).toMatchObject({
      verifySecrets: before.verifySecrets,
      settings: { accountId: 'acct_mine', ordersOf: '*' },
    });
  });

  const shopify = {
    kind: 'source',
    platform: 'shopify',
    verifySecrets: ['s'.repeat(32)],
    settings: { shop: 'mine.myshopify.com', payOn: 'return-processed', 'gateway.stripe': 'stripe-demo' },
  };
  const withSettings = (one: object, settings: Readonly<Record<string, string>>) =>
    written({ x: { ...one, settings } });

  it('take every setting that a document names', async () => {
    const { connections } = await written({
      x: {
        ...shopify,
        settings: {
          ...shopify.settings,
          'reference.stripe': 'receipt:payment_id',
          orderReference: 'gid',
          webhookAddress: 'https://a.example/webhooks/returns/x',
        },
      },
      mine: { ...gateway, settings: { account: 'acct_1', accountId: 'acct_1', orderMetadataKey: 'n', ordersOf: 'x' } },
      demo: { ...gateway, settings: { simulator: 'stripe', ordersOf: '*' } },
    });
    expect(Object.keys(connections)).toHaveLength(6);
  });

  it.each([
    [
      shopify,
      { payon: 'refund-record' },
      "unknown setting 'payon' of connection x: did you mean 'payOn'? known: shop, payOn",
    ],
    [shopify, { 'gatway.stripe': 'stripe-demo' }, "'gatway.stripe' of connection x: did you mean 'gateway.stripe'?"],
    [shopify, { reference: 'paymentId' }, "'reference' of connection x: did you mean 'reference.NAME'?"],
    [shopify, { colour: 'red' }, "'colour' of connection x: known: shop, payOn, orderReference, gateway.NAME"],
    [shopify, { payOn: 'processed' }, "'payOn' of connection x must be refund-record or return-processed"],
    [shopify, { orderReference: 'number' }, "'orderReference' of connection x must be id, name or gid"],
    [shopify, { 'reference.stripe': 'receipt' }, 'must be authorizationCode, paymentId or receipt: and'],
    [shopify, { shop: 'Mine.myshopify.com' }, "'shop' of connection x must be the name of a shop"],
    [shopify, { 'gateway.stripe': 'stripe-dmeo' }, 'must name a connection of kind gateway; there are: stripe-demo'],
    [shopify, { 'gateway.stripe': 'x' }, 'must name a connection of kind gateway; there are: stripe-demo'],
    [shopify, { webhookAddress: 'a.example/webhooks' }, "'webhookAddress' of connection x must be the https address"],
    [shopify, { baseUrl: 'https://example.com' }, "'baseUrl' of connection x must be an http address of this machine"],
    [gateway, { orderMetadata: 'shop_order' }, "did you mean 'orderMetadataKey'?"],
    [gateway, { accountID: 'acct_1' }, "did you mean 'accountId'?"],
    [gateway, { accountId: 'sk_test_1' }, 'must be the id of an account, acct_…'],
    [gateway, { ordersOf: 'generic-demo shop-b' }, 'must name a connection of kind source; there are: generic-demo'],
    [gateway, { ordersOf: ' ' }, 'must name a source, several separated by spaces, or *'],
    [gateway, { baseUrl: 'http://example.com' }, 'must be an https address, or an http address of this machine'],
    [gateway, { simulator: 'shopify' }, "'simulator' of connection x must be stripe"],
    [source, { shop: 'mine' }, "unknown setting 'shop' of connection x: generic has no settings"],
  ])('of %j with %j are refused in a sentence', async (one, wrong, sentence) => {
    const settings: Readonly<Record<string, string>> = 'settings' in one ? { ...one.settings, ...wrong } : { ...wrong };
    await expect(withSettings(one, settings)).rejects.toThrow(sentence);
  });

  it('are refused with every sentence at once, and none says what stands in a setting', async () => {
    const refused = withSettings(shopify, { payOn: 'a-secret', 'gateway.stripe': 'a-secret' });
    await expect(refused).rejects.toThrow(/'shop' of connection x is missing[\s\S]*'payOn'[\s\S]*'gateway\.stripe'/);
    await expect(refused).rejects.not.toThrow('a-secret');
  });
});
