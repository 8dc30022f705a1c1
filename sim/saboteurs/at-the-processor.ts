import type { Saboteur } from './plant.ts';

/** Bugs that show where a processor captures in parts, goes back on its word, or pays what nobody asked it for. */
export const atTheProcessor: readonly Saboteur[] = [
  {
    name: 'denies-what-may-be-captured',
    does: 'denies what is more than was captured of a payment that was not captured in full yet',
    patches: [
      [
        'lib/app/decide-for-sure.ts',
        'looked === undefined || looked.capturable === true || mayMakeRoom',
        'looked === undefined || mayMakeRoom',
      ],
    ],
    breaks: 'denied-for-good',
    profile: 'processing-errors',
    seed: 3,
  },
  {
    name: 'captured-anew',
    does: 'counts all of a capture once more when some is added to it',
    patches: [
      [
        'lib/app/learn-payment.ts',
        'const event = await capturedEvent(needs, connection, capture, counted);',
        'const event = await capturedEvent(needs, connection, capture, 0n);',
      ],
    ],
    breaks: 'bank-agrees',
    profile: 'processing-errors',
    seed: 1,
  },
  {
    name: 'a-reversal-is-a-fact',
    does: 'writes down that a success was taken back, and shows it to nobody',
    patches: [
      [
        'lib/domain/refund/learn.ts',
        "if (promised(leg)) return [failed, held(leg, ['failed-at-gateway'], moment)];",
        'if (promised(leg)) return [failed];',
      ],
    ],
    breaks: 'gone-is-held',
    profile: 'processing-errors',
    seed: 1,
  },
  {
    name: 'its-key-knows',
    does: 'believes what a gateway still answers under the key of a refund that it has no more',
    patches: [['lib/domain/refund/leg.ts', '  doubtSince: at,\n  spoiled: true,\n', '  doubtSince: at,\n']],
    breaks: 'lost-stays-lost',
    profile: 'processing-errors',
    seed: 205,
  },
  {
    name: 'nothing-is-lost',
    does: 'takes for a success what its gateway has no more',
    patches: [
      [
        'lib/domain/refund/decide.ts',
        "if (leg.now.is !== 'refunded' || askedAt <= leg.now.since) return nothing;",
        "if (leg.now.is !== 'refunded' || askedAt > leg.now.since) return nothing;",
      ],
    ],
    breaks: 'truth-agrees',
    profile: 'processing-errors',
    seed: 0,
  },
  {
    name: 'compared-is-over',
    does: 'never again looks for a success that was held until its last age was over',
    patches: [
      [
        'lib/domain/refund/leg.ts',
        "if (from.is === 'pending' || from.is === 'refunded') return",
        "if (from.is === 'pending') return",
      ],
    ],
    breaks: 'truth-agrees',
    profile: 'processing-errors',
    seed: 247,
  },
  {
    name: 'two-are-an-accident',
    does: 'leaves an account open that has paid a leg twice',
    patches: [
      [
        'lib/app/evidence.ts',
        "if (!events.some((event) => event.type === 'leg.surplus')) return true;",
        'if (events.length > 0) return true;',
      ],
    ],
    breaks: 'stopped-beside-two',
    profile: 'processing-errors',
    seed: 3,
  },
  {
    name: 'yes-pays-again',
    does: 'pays a leg once more when a person lets it go on that was held as a success',
    patches: [
      [
        'lib/domain/refund/leg.ts',
        "if (from.is === 'failed' || from.is === 'refused') return nextEpoch",
        "if (from.is === 'failed' || from.is === 'refused' || from.is === 'refunded') return nextEpoch",
      ],
    ],
    breaks: 'none-beside-one',
    profile: 'processing-errors',
    seed: 235,
  },
];
