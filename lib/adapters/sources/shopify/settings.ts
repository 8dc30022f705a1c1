import type { Setting } from '../../../app/ports/gateway.ts';
import { isSecureUrl, leadsHere } from '../../kit/base-url.ts';

export const shopForm = /^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/;

const oneOf = (...words: readonly string[]): Setting['value'] => ({
  is: 'text',
  must: `be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  fits: (text) => words.includes(text),
});

export const settings: readonly Setting[] = [
  {
    name: 'shop',
    required: true,
    value: {
      is: 'text',
      must: 'be the name of a shop in lower-case letters, like name.myshopify.com',
      fits: (text) => shopForm.test(text),
    },
  },
  { name: 'payOn', value: oneOf('refund-record', 'return-processed') },
  { name: 'orderReference', value: oneOf('id', 'name', 'gid') },
  { name: 'gateway.*', value: { is: 'connection', kind: 'gateway' } },
  {
    name: 'reference.*',
    value: {
      is: 'text',
      must: 'be authorizationCode, paymentId or receipt: and the name of a field',
      fits: (text) => /^(?:authorizationCode|paymentId|receipt:.+)$/.test(text),
    },
  },
  {
    name: 'webhookAddress',
    value: {
      is: 'text',
      must: 'be the https address that the shop sends webhooks to',
      fits: (text) => isSecureUrl(text) || leadsHere(text),
    },
  },
  {
    name: 'baseUrl',
    value: { is: 'text', must: 'be an http address of this machine', fits: leadsHere },
  },
];
