import { expect, it } from 'vitest';
import { Secret } from '../lib/app/ports/connections.ts';
import { WrongUse } from './command.ts';
import { sendReturn } from './send-return.ts';

/** Nobody listens there: whoever asks fails with another error. */
const sender = {
  stack: { url: 'http://127.0.0.1:1', token: () => 'token' } as never,
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
  ['abc', 'EUR', '--amount takes a decimal above zero, such as 42.00 in EUR'],
  ['0', 'EUR', '--amount takes a decimal above zero'],
  ['-5', 'EUR', '--amount takes a decimal above zero'],
  ['5.001', 'EUR', '--amount takes a decimal above zero'],
  ['5.00', 'eur', '--currency takes three capital letters'],
  ['5.00', 'XXX', '--currency takes three capital letters'],
])('%s %s is wrong use, and nothing is asked', async (amount, currency, says) => {
  const sent = sendReturn(sender, silent, { ...options, amount, currency });
  await expect(sent).rejects.toThrow(WrongUse);
  await expect(sent).rejects.toThrow(says);
});
