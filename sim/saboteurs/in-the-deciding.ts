import type { Saboteur } from './plant.ts';

/** Bugs in what is decided. */
export const inTheDeciding: readonly Saboteur[] = [
  {
    name: 'everything-is-small',
    does: 'asks no person above the limit',
    patches: [
      ['lib/domain/policy.ts', 'return limit === undefined || amountMinor > limit;', 'return limit === undefined;'],
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
        'return limit === undefined || amountMinor > limit;',
        'return limit === undefined || amountMinor > limit * 100n;',
      ],
    ],
    breaks: 'people-decide',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'too-late-is-too-late',
    does: 'sends what was not sent yet of a return that was taken back too late',
    patches: [
      [
        'lib/domain/refund/decide.ts',
        '.filter((leg) => leg.cancelKnown !== true)\n',
        '.filter((leg) => leg.leg < 0)\n',
      ],
      ['lib/domain/refund/decide.ts', '(takenBack ? ([', '(leg.leg < 0 ? (['],
    ],
    breaks: 'taken-back-waits',
    profile: 'contrary',
    seed: 38,
  },
  {
    name: 'what-is-gone-is-asked-for-anew',
    does: 'asks again for what was in doubt when its return was taken back, and is not there',
    patches: [['lib/domain/refund/decide.ts', '(takenBack ? ([', '(leg.leg < 0 ? ([']],
    breaks: 'taken-back-waits',
    profile: 'contrary',
    seed: 12,
  },
  {
    name: 'yes-is-yes',
    does: 'takes the yes of a person who has not seen that somebody else refunded meanwhile',
    patches: [['lib/app/operate.ts', 'if (unseen === undefined)', 'if (unseen !== null)']],
    breaks: 'shown-before-a-yes',
    profile: 'late-money',
    seed: 26,
  },
  {
    name: 'sends-unseen',
    does: 'sends what waited although somebody else refunded meanwhile, and asks nobody',
    patches: [
      [
        'lib/app/send-once.ts',
        'await holdUnseen(needs, turn, payment)',
        '{ seen: { [turn.leg.payment]: payment.version } }',
      ],
    ],
    breaks: 'shown-before-it-is-sent',
    profile: 'restore',
    seed: 68,
  },
  {
    name: 'denies-from-memory',
    does: 'denies a refund for want of money without asking its gateway',
    patches: [
      [
        'lib/app/decide-for-sure.ts',
        "if (decided.type !== 'refund.denied') return decided;",
        "if (decided.type !== 'refund.requested') return decided;",
      ],
    ],
    breaks: 'denied-for-sure',
    profile: 'late-money',
    seed: 6,
  },
];
