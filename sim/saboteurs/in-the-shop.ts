import type { Saboteur } from './plant.ts';

/** Bugs between us and a Shopify shop. */
export const inTheShop: readonly Saboteur[] = [
  {
    name: 'puts-off-what-is-done',
    does: 'puts off a notice that another one is done with meanwhile',
    patches: [['lib/app/heads.ts', "        { attribute: 'dueAt', is: 'at-least', value: '0' },", '']],
    breaks: 'done-is-not-due',
    profile: 'shopify',
    seed: 92,
  },
  {
    name: 'tells-without-a-key',
    does: 'tells the shop again under another key, and without asking whether it knows',
    patches: [
      [
        'lib/adapters/sources/shopify/tell.ts',
        'key: order.reference },',
        "key: order.reference + '-' + String(shop.now()) },",
      ],
      [
        'lib/domain/refund/tell.ts',
        "{ do: 'give-up', code: 'no-answer' } : { do: 'find' };",
        "{ do: 'give-up', code: 'no-answer' } : { do: 'tell' };",
      ],
    ],
    breaks: 'told-once',
    profile: 'shopify',
    seed: 3,
  },
  {
    name: 'tells-too-early',
    does: 'tells the shop of a refund as soon as it is approved',
    patches: [
      [
        'lib/domain/refund/tell.ts',
        "const moneyIsBack = (refund: Refund): boolean => ['refunded', 'partly-refunded'].includes(statusOf(refund));",
        "const moneyIsBack = (refund: Refund): boolean => refund.is === 'approved' && statusOf(refund) !== 'held';",
      ],
    ],
    breaks: 'told-when-back',
    profile: 'shopify',
    seed: 3,
  },
  {
    name: 'forgets-what-was-missed',
    does: 'asks for what was missed since it looked, and not since all was well',
    patches: [['lib/app/tend.ts', 'gap: { since, passed: false },', 'gap: { since: lookedAt, passed: false },']],
    breaks: 'shop-is-served',
    profile: 'shopify',
    seed: 7,
  },
  {
    name: 'pays-what-the-shop-paid',
    does: 'pays a refund record although the shop moved its money itself',
    patches: [
      [
        'lib/adapters/sources/shopify/owed.ts',
        'smaller(record.movedMinor, totalOf(record))',
        'smaller(0n, totalOf(record))',
      ],
    ],
    breaks: 'shop-is-served',
    profile: 'shopify',
    seed: 0,
  },
];
