import type { Saboteur } from './plant.ts';

/** Bugs in what an event does to a payment’s balance. */
export const inTheBalances: readonly Saboteur[] = [
  {
    name: 'closed-leg-keeps-it',
    does: 'does not give back what a leg had reserved that a person closed',
    patches: [
      ['lib/domain/payment.ts', 'moveMinor: promised(leg) && !mayHaveMoved(leg) ? amountMinor : 0n', 'moveMinor: 0n'],
    ],
    breaks: 'books-agree',
    profile: 'contrary',
    seed: 24,
  },
  {
    name: 'doubt-is-given-back',
    does: 'gives back what a closed leg had reserved although its money may have moved',
    patches: [
      [
        'lib/domain/payment.ts',
        'moveMinor: promised(leg) && !mayHaveMoved(leg) ? amountMinor : 0n',
        'moveMinor: promised(leg) ? amountMinor : 0n',
      ],
    ],
    breaks: 'books-agree',
    profile: 'contrary',
    seed: 28,
  },
  {
    name: 'cancelled-keeps-it',
    does: 'does not give back what a cancelled refund had reserved',
    patches: [
      [
        'lib/domain/payment.ts',
        '? before.legs.map((leg) => effect(leg.payment, { moveMinor: leg.amountMinor }))',
        '? before.legs.map((leg) => effect(leg.payment, {}))',
      ],
    ],
    breaks: 'books-agree',
    profile: 'contrary',
    seed: 7,
  },
  {
    name: 'refused-keeps-the-place',
    does: 'leaves a refused leg in its payment’s one place for requests',
    patches: [
      [
        'lib/domain/payment.ts',
        'return [effect(payment, { ...unlock, moveMinor: promised(leg) && !mayHaveMoved(leg) ? amountMinor : 0n })];',
        'return [effect(payment, { moveMinor: promised(leg) && !mayHaveMoved(leg) ? amountMinor : 0n })];',
      ],
    ],
    breaks: 'shown-as-it-is',
    profile: 'contrary',
    seed: 87,
  },
  {
    name: 'refunded-is-not-counted',
    does: 'drops one side of a posting: takes away from what is left, adds nothing to what is refunded',
    patches: [
      [
        'lib/app/balances.ts',
        'add: { available: moveMinor - reserveMinor, refunded: refundedMinor },',
        'add: { available: moveMinor - reserveMinor },',
      ],
    ],
    breaks: 'books-agree',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'reversal-is-forgotten',
    does: 'gives nothing back when a stranger’s refund fails',
    patches: [
      [
        'lib/domain/balance.ts',
        "    case 'payment.adoption-reversed':\n      return {\n        ...balance,\n        availableMinor: balance.availableMinor + event.amountMinor,",
        "    case 'payment.adoption-reversed':\n      return {\n        ...balance,",
      ],
    ],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 2,
  },
  {
    name: 'dispute-never-ends',
    does: 'leaves a payment frozen when its dispute is won',
    patches: [['lib/domain/balance.ts', 'return { ...balance, disputes: balance.disputes - 1 };', 'return balance;']],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 0,
  },
  {
    name: 'adopts-each-time',
    does: 'counts a stranger’s refund at each piece of news of it',
    patches: [
      [
        'lib/app/adopt.ts',
        "const owner = item === undefined ? undefined : String(item.owner ?? '');",
        'const owner = undefined as string | undefined;',
      ],
      [
        'lib/app/payments.ts',
        "    put: set,\n    key: { table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) },\n    only: [{ is: 'absent' }],",
        "    put: set,\n    key: { table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) },\n    only: [],",
      ],
    ],
    breaks: 'strangers-counted',
    profile: 'late-money',
    seed: 2,
  },
];
