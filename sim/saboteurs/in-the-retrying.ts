import type { Saboteur } from './plant.ts';

/** Bugs in what is asked and sent a second time. */
export const inTheRetrying: readonly Saboteur[] = [
  {
    name: 'window-starts-anew',
    does: 'counts a key’s window from the last request',
    patches: [['lib/domain/refund/leg.ts', 'firstSentAt: leg.firstSentAt ?? at,', 'firstSentAt: at,']],
    breaks: 'same-key-in-its-window',
    profile: 'forgetful',
    seed: 10,
  },
  {
    name: 'lateness-from-the-first',
    does: 'counts from the first request when the last can have arrived',
    patches: [['lib/domain/refund/leg.ts', 'lastSentAt: at,', 'lastSentAt: leg.lastSentAt ?? at,']],
    breaks: 'same-key-in-its-window',
    profile: 'forgetful',
    seed: 0,
  },
  {
    name: 'early-proof',
    does: 'takes for proof that nothing was found while the last request could still arrive',
    patches: [
      [
        'lib/domain/refund/step.ts',
        'const proofs = state.absentAt.filter((at) => at >= settled);',
        'const proofs = state.absentAt;',
      ],
    ],
    breaks: 'same-key-in-its-window',
    profile: 'contrary',
    seed: 8,
  },
  {
    name: 'one-key-for-all-epochs',
    does: 'goes on with the first key where a new one is due',
    patches: [
      [
        'lib/app/send-once.ts',
        'return used ?? keyOf({ refund, leg, epoch }, installation',
        'return keys[0] ?? keyOf({ refund, leg, epoch }, installation',
      ],
    ],
    breaks: 'same-key-in-its-window',
    profile: 'narrow-window',
    seed: 2,
  },
  {
    name: 'silence-is-loss',
    does: 'takes silence about a success for its absence',
    patches: [
      [
        'lib/app/poll.ts',
        "if (found.is !== 'cannot-tell') return { is: 'answered', gateway, found, askedAt };",
        "return { is: 'answered', gateway, found, askedAt };",
      ],
    ],
    breaks: 'lost-is-gone',
    profile: 'brown-out',
    seed: 11,
  },
  {
    name: 'same-key-after-failure',
    does: 'sends what failed again under the key that failed',
    patches: [
      [
        'lib/domain/refund/leg.ts',
        "if (from.is === 'failed' || from.is === 'refused') return nextEpoch(leg, leg.epoch + 1, at);",
        "if (from.is === 'failed' || from.is === 'refused') return { ...leg, now: { is: 'ready', notBefore: at } };",
      ],
    ],
    breaks: 'bounded',
    profile: 'late-money',
    seed: 9,
  },
];
