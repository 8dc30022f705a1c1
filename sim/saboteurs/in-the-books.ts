import type { Saboteur } from './plant.ts';

const payment = 'lib/domain/payment.ts';
const balance = 'lib/domain/balance.ts';
const journal = 'lib/app/journal.ts';
const balances = 'lib/app/balances.ts';

/** Bugs in amounts, in the journal and in what is kept of others. */
export const inTheBooks: readonly Saboteur[] = [
  {
    name: 'no-over-refund-guard',
    does: 'promises what was there when it looked',
    patches: [
      [
        balances,
        "if (reserveMinor > 0n) only.push({ attribute: 'available', is: 'at-least', value: reserveMinor });",
        '',
      ],
    ],
    breaks: 'never-more-than-captured',
    profile: 'month-end',
    seed: 0,
  },
  {
    name: 'pending-is-refunded',
    does: 'counts a pending refund as succeeded',
    patches: [[payment, "event.state === 'succeeded' ? said - countedMinor(leg) : 0n", 'said - countedMinor(leg)']],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 3,
  },
  {
    name: 'failure-keeps-the-amount',
    does: 'does not give back what a failed refund had taken',
    patches: [
      [
        payment,
        '          moveMinor: takenMinor(leg),\n          refundedMinor: -countedMinor(leg),',
        '          moveMinor: 0n,\n          refundedMinor: -countedMinor(leg),',
      ],
    ],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 3,
  },
  {
    name: 'late-failure-is-old-news',
    does: 'does not hear of a failure that follows a success',
    patches: [['lib/domain/refund/learn.ts', 'succeeded: 2, failed: 3,', 'succeeded: 3, failed: 2,']],
    breaks: 'truth-agrees',
    profile: 'late-money',
    seed: 3,
  },
  {
    name: 'adopts-nothing',
    does: 'overlooks refunds that were made in the dashboard',
    patches: [
      [
        'lib/app/adopt.ts',
        'if (owner === undefined) return firstTime(needs, target, { stored, evidence, event });',
        "if (owner === undefined) return evidence.amountMinor < 0n ? firstTime(needs, target, { stored, evidence, event }) : 'known';",
      ],
    ],
    breaks: 'strangers-counted',
    profile: 'late-money',
    seed: 2,
  },
  {
    name: 'adoption-is-free',
    does: 'counts a stranger’s refund as refunded and leaves the amount available',
    patches: [
      [
        balance,
        "    case 'payment.refund-adopted':\n      return {\n        ...balance,\n        availableMinor: balance.availableMinor - event.amountMinor,",
        "    case 'payment.refund-adopted':\n      return {\n        ...balance,",
      ],
    ],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 2,
  },
  {
    name: 'chargeback-is-free',
    does: 'leaves available what a lost dispute took',
    patches: [
      [
        balance,
        'chargedBackMinor: balance.chargedBackMinor + event.amountMinor,\n        availableMinor: balance.availableMinor - event.amountMinor,',
        'chargedBackMinor: balance.chargedBackMinor + event.amountMinor,',
      ],
    ],
    breaks: 'never-more-than-captured',
    profile: 'late-money',
    seed: 0,
  },
  {
    name: 'chain-without-links',
    does: 'writes entries that do not name the one before',
    patches: [[journal, 'previous: after.digest,', "previous: '',"]],
    breaks: 'chain-unbroken',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'digest-of-something-else',
    does: 'stores a digest that is not of the stored text',
    patches: [['lib/domain/chain.ts', 'digest: hash(body) }', "digest: hash(body + ' ') }"]],
    breaks: 'chain-unbroken',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'head-without-digest',
    does: 'does not write the digest on the head',
    patches: [[journal, 'version: BigInt(number), digest },', "version: BigInt(number), digest: '' },"]],
    breaks: 'heads-follow',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'names-the-payment',
    does: 'logs the name of a payment',
    patches: [
      [
        'lib/app/send-once.ts',
        '    connection,\n    refund: loaded.id,',
        '    connection,\n    refund: secrets.reference,',
      ],
    ],
    breaks: 'nothing-in-clear',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'index-in-clear',
    does: 'finds payments by their names instead of a digest',
    patches: [
      [
        'lib/app/blind.ts',
        'mac(key.reveal(), JSON.stringify([merchant, scope, text])).slice(0, 40)',
        "(mac('', '') && text)",
      ],
    ],
    breaks: 'nothing-in-clear',
    profile: 'calm',
    seed: 0,
  },
];
