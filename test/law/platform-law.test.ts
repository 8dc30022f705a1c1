import { describe, expect, it } from 'vitest';
import { expectOnly, found, plant } from './planted.ts';
import { platformLaw } from './platform-law.ts';

describe('the law of platforms refuses', () => {
  it.each([
    ['a string', 'lib/app/a.ts', "const url = 'https://api.stripe.com'; // here"],
    ['a name', 'lib/domain/a.ts', 'const adyenLimit = 1; // here'],
    ['a template', 'lib/adapters/kit/a.ts', `const a = \`paypal-\${b}\`; // here`],
    ['another folder’s name', 'lib/adapters/gateways/stripe/a.ts', "const a = 'adyen'; // here"],
    ['a source', 'functions/a.ts', "const header = 'x-shopify-hmac-sha256'; // here"],
    ['an everyday word as a string', 'lib/app/a.ts', "const a = 'generic'; // here"],
    [
      'an import',
      'functions/operator/a.ts',
      "const a = () => import('../../lib/adapters/gateways/mollie/index.ts'); // here",
    ],
  ])('%s that names one elsewhere', (_, path, text) =>
    expectOnly(platformLaw, 'platform-name', plant(path, `\n${text}`)),
  );

  it('the name of any folder there is', () => {
    const folder = plant('lib/adapters/gateways/newpay/index.ts', 'export const name = "newpay";');
    expectOnly(platformLaw, 'platform-name', plant('lib/app/a.ts', "\nconst a = 'newpay'; // here"), folder);
  });

  it.each([
    "if (connection.platform === 'demo') return; // here",
    "if (a.connection?.platform !== 'demo') return; // here",
    "if ('demo' === connection.platform) return; // here",
    "if (platform == 'demo') return; // here",
    'switch (connection.platform) { // here',
  ])('a comparison, in roots too: %s', (text) => {
    for (const path of ['lib/app/a.ts', 'local/a.ts', 'lib/adapters/gateways/stripe/a.ts'])
      expectOnly(platformLaw, 'platform-comparison', plant(path, `\n${text}`));
  });
});

describe('the law of platforms allows', () => {
  it.each([
    ['its own folder', 'lib/adapters/gateways/stripe/manifest.ts', "const url = 'https://api.stripe.com';"],
    ['the list of readers', 'lib/adapters/gateways/readers.ts', "['stripe', () => import('./stripe/index.ts')]"],
    ['the list of who is tended', 'lib/adapters/sources/tended.ts', "['shopify', () => import('./shopify/tended.ts')]"],
    ['the list of clients', 'lib/adapters/sources/clients.ts', "['shopify', () => import('./shopify/client.ts')]"],
    ['a root', 'local/a.ts', "const name = 'stripe-demo';"],
    ['a test', 'lib/domain/a.test.ts', "const name = 'stripe-demo';"],
    ['a comment', 'lib/domain/money.ts', '/** Lower case is accepted (Stripe writes `eur`). */'],
    ['an everyday word', 'lib/app/a.ts', "const generic = 'a generic answer'; square(2);"],
    ['another sort of platform', 'local/a.ts', "if (process.platform === 'linux') return;"],
    ['looking one up', 'lib/adapters/readers.ts', 'return folders.get(connection.platform);'],
  ])('%s', (_, path, text) => expect(found(platformLaw, plant(path, text))).toEqual([]));
});
