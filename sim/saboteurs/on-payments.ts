import type { Saboteur } from './plant.ts';

/** Against what is promised of each payment and each return, and of what people are shown. */
export const onPayments: readonly Saboteur[] = [
  {
    name: 'two-at-once',
    does: 'sends on a payment while another leg of it has no answer',
    patches: [['lib/app/balances.ts', "  { attribute: 'inFlight', is: 'unset-or-equal', value: holder },\n", '']],
    breaks: 'one-at-a-time',
    profile: 'calm',
    seed: 63,
  },
  {
    name: 'sends-while-disputed',
    does: 'sends on a payment that is disputed',
    patches: [
      ['lib/app/balances.ts', "  { attribute: 'disputes', is: 'unset-or-equal', value: 0n },\n", ''],
      [
        'lib/app/send-once.ts',
        "payment === undefined || typeof locked === 'string' ? { seen: {} }",
        'payment === undefined ? { seen: {} }',
      ],
    ],
    breaks: 'frozen-while-disputed',
    profile: 'late-money',
    seed: 26,
  },
  {
    name: 'misses-the-end',
    does: 'hears of each dispute once, when it opens',
    patches: [
      [
        'lib/app/disputes.ts',
        "if (!goesOn(known, standing)) return 'done';",
        "if (known !== undefined) return 'done';",
      ],
    ],
    breaks: 'bank-agrees',
    profile: 'late-money',
    seed: 0,
  },
  {
    name: 'one-cent-less',
    does: 'promises a cent less than a return states',
    patches: [
      [
        'lib/domain/return.ts',
        'const amountMinor = max0(max0(owedMinor(now)) - before.promisedMinor);',
        'const amountMinor = max0(max0(owedMinor(now)) - before.promisedMinor - 1n);',
      ],
    ],
    breaks: 'stated-is-promised',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'shows-the-first-only',
    does: 'shows people the first request of each leg and no other',
    patches: [
      [
        'lib/app/attempts.ts',
        'attempts.push({ sending, epoch, key, endpoint, at, outcomes: [] });',
        'if (sending === 1) attempts.push({ sending, epoch, key, endpoint, at, outcomes: [] });',
      ],
    ],
    breaks: 'shown-as-it-is',
    profile: 'brown-out',
    seed: 1,
  },
];
