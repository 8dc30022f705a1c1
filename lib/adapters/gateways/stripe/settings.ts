import type { Setting } from '../../../app/ports/gateway.ts';
import { isSecureUrl, leadsHere } from '../../kit/base-url.ts';

const account = {
  is: 'text',
  must: 'be the id of an account, acct_…',
  fits: (text: string) => /^acct_[A-Za-z0-9_]{1,60}$/.test(text),
} as const;

export const settings: readonly Setting[] = [
  {
    name: 'orderMetadataKey',
    value: {
      is: 'text',
      // docs.stripe.com/metadata
      must: 'be a key of metadata: 1 to 40 characters, no square brackets',
      fits: (text) => /^[^[\]]{1,40}$/.test(text),
    },
  },
  { name: 'account', value: account },
  { name: 'accountId', value: account },
  {
    name: 'baseUrl',
    value: {
      is: 'text',
      must: 'be an https address, or an http address of this machine',
      fits: (text) => isSecureUrl(text) || leadsHere(text),
    },
  },
];
