import type { Saboteur } from './plant.ts';

/** Bugs in what is decided. */
export const inTheDeciding: readonly Saboteur[] = [
  {
    name: 'everything-is-small',
    does: 'asks no person above the limit',
    patches: [
      [
        'lib/domain/policy.ts',
        "return typeof limit !== 'bigint' || amountMinor > limit;",
        "return typeof limit !== 'bigint';",
      ],
    ],
    breaks: 'people-decide',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'limit-in-cents',
    does: 'reads the limit for approval in the wrong unit',
    patches: [
      [
        'lib/domain/policy.ts',
        "return typeof limit !== 'bigint' || amountMinor > limit;",
        "return typeof limit !== 'bigint' || amountMinor > limit * 100n;",
      ],
    ],
    breaks: 'people-decide',
    profile: 'calm',
    seed: 0,
  },
];
