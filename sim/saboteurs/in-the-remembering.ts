import type { Saboteur } from './plant.ts';

/** Bugs in when somebody next looks. */
export const inTheRemembering: readonly Saboteur[] = [
  {
    name: 'nobody-is-reminded',
    does: 'holds a refund with no time at which somebody is reminded',
    patches: [
      [
        'lib/app/refund-due.ts',
        ": nextReminder(refund.until, now, tempo);\n    case 'approved'",
        ": undefined;\n    case 'approved'",
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'lease-for-years',
    does: 'gives a right to send that never runs out',
    patches: [
      [
        'lib/domain/refund/decide.ts',
        'leaseUntil: plus(now, tempo.leaseMs),',
        'leaseUntil: plus(now, tempo.leaseMs * 1_000_000),',
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'zombie',
    seed: 12,
  },
  {
    name: 'never-looks-again',
    does: 'looks for a success never again',
    patches: [['lib/domain/refund/step.ts', '.find((at) => at > now);', '.find((at) => at > now && at < since);']],
    breaks: 'truth-agrees',
    profile: 'contrary',
    seed: 32,
  },
  {
    name: 'due-in-ten-years',
    does: 'moves what it asked for ten years away',
    patches: [
      [
        'lib/app/sweep.ts',
        'const again = plus(now, afterMs + needs.tempo.graceMs);',
        'const again = plus(now, afterMs + 315_360_000_000);',
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'contrary',
    seed: 8,
  },
  {
    name: 'waiting-is-not-due',
    does: 'waits for news of a payment that may never come',
    patches: [
      [
        'lib/app/refund-due.ts',
        "    case 'waiting':\n      return plus(now, backoff(tempo.askAgainMs, 0));",
        "    case 'waiting':\n      return undefined;",
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'contrary',
    seed: 8,
  },
];
