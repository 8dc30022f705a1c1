import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Secret } from '../lib/app/ports/connections.ts';
import { thisProcess } from '../local/process-id.ts';
import { WrongUse } from './command.ts';
import { sendReturn, shopOf } from './send-return.ts';

/** Nobody listens there: whoever asks fails with another error. */
const sender = {
  stack: { url: 'http://127.0.0.1:1', tokenFor: async () => 'token' },
  shop: 'generic-demo',
  gateway: 'stripe-demo',
  secret: new Secret('whsec_'),
  simulated: true,
};
const silent = { line: () => {}, value: () => {} } as never;
const options = {
  amount: '5.00',
  currency: 'EUR',
  return: undefined,
  order: undefined,
  payment: undefined,
  wait: false,
};

it.each([
  ['abc', 'EUR', '--amount takes a decimal above zero, such as 42.00'],
  ['0', 'EUR', '--amount takes a decimal above zero'],
  ['0.00', 'EUR', '--amount takes a decimal above zero'],
  ['-5', 'EUR', '--amount takes a decimal above zero'],
  ['1e3', 'EUR', '--amount takes a decimal above zero'],
  ['42,00', 'EUR', 'no comma'],
  ['5.001', 'EUR', 'EUR has at most 2 decimals'],
  ['42.00', 'JPY', 'JPY has no decimals'],
  ['1.2345', 'KWD', 'KWD has at most 3 decimals'],
  ['90071992547409.93', 'EUR', '--amount is above the largest amount, 10000000000000.00 EUR'],
  ['5.00', 'eur', '--currency takes three capital letters'],
  ['5.00', 'XXX', '--currency takes three capital letters'],
])(
  '%s %s is wrong use, made up or on a payment that is named, and nothing is asked',
  async (amount, currency, says) => {
    for (const payment of [undefined, 'pi_1']) {
      const sent = sendReturn(sender, silent, { ...options, amount, currency, payment });
      await expect(sent).rejects.toThrow(WrongUse);
      await expect(sent).rejects.toThrow(says);
    }
  },
);

it('says why the simulated gateway takes no such payment', async () => {
  const server = createServer((_, response) => response.writeHead(400).end('{"problem":"is no money"}'));
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  const at = { ...sender, stack: { ...sender.stack, url: `http://127.0.0.1:${port}` } };
  const sent = sendReturn(at, silent, { ...options, amount: '1.234', currency: 'KWD' });
  await expect(sent).rejects.toThrow('The simulated Stripe refused the payment of 1.234 KWD, which is no money.');
  server.close();
});

it.each(['nobody', 'gate', 'other'])('signs as no %s, which does not sign as the demo shop does', (connection) => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-shop-'));
  const verifySecrets = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`];
  const shop = { kind: 'source', platform: 'generic', verifySecrets };
  const connections = {
    'generic-demo': shop,
    mine: shop,
    gate: { ...shop, kind: 'gateway', platform: 'stripe' },
    other: { ...shop, platform: 'shopify' },
  };
  writeFileSync(join(folder, 'connections.json'), JSON.stringify({ connections }));
  writeFileSync(join(folder, 'stack.json'), JSON.stringify({ url: 'http://127.0.0.1:1', ...thisProcess() }));
  const env = { REDRESS_DATA: folder };
  expect(shopOf(env, { connection: 'mine' }).shop).toBe('mine');
  expect(() => shopOf(env, { connection })).toThrow(
    `send-return can't sign as ${connection}; here it can as generic-demo, mine.`,
  );
  expect(shopOf(env, { gateway: 'gate' }).gateway).toBe('gate');
  expect(() => shopOf(env, { gateway: connection === 'gate' ? 'mine' : connection })).toThrow(
    / is no gateway of this stack; its gateways are gate\.$/,
  );
  rmSync(folder, { recursive: true });
});
