import type { Saboteur } from './plant.ts';

const step = 'lib/domain/refund/step.ts';
const decide = 'lib/domain/refund/decide.ts';
const sendOnce = 'lib/app/send-once.ts';
const execute = 'lib/app/execute.ts';

/** Bugs around the one request that moves money. */
export const inTheSending: readonly Saboteur[] = [
  {
    name: 'timeout-is-failure',
    does: 'takes silence for a refusal and frees the amount',
    patches: [
      [
        decide,
        "return events({ type: 'leg.unknown', v: 1, leg: leg.leg, why: outcome.why, spoiled: outcome.spoiled });",
        "return events({ type: 'leg.refused', v: 1, leg: leg.leg, code: 'timeout' });",
      ],
    ],
    breaks: ['truth-agrees', 'books-agree', 'never-more-than-captured'],
    profile: 'late-money',
    seed: 12,
  },
  {
    name: 'new-key-each-time',
    does: 'makes a new idempotency key for every request',
    patches: [
      [
        sendOnce,
        'leg: leg.leg, epoch: leg.epoch }, needs.installation',
        'leg: leg.leg, epoch: leg.sendings + 1 }, needs.installation',
      ],
      [sendOnce, '    rail: leg.rail,\n    key,\n', '    rail: leg.rail,\n'],
    ],
    breaks: ['one-refund-per-leg', 'only-with-the-right', 'truth-agrees'],
    profile: 'narrow-window',
    seed: 3,
  },
  {
    name: 'key-for-ever',
    does: 'repeats a request under its key when the gateway may have forgotten the key',
    patches: [[step, 'return plus(now, margin) < plus(leg.firstSentAt, rules.keyWindowMs);', 'return margin > 0;']],
    breaks: ['same-key-in-its-window', 'one-refund-per-leg'],
    profile: 'narrow-window',
    seed: 2,
  },
  {
    name: 'one-proof-is-enough',
    does: 'makes a new key after one look that found nothing',
    patches: [[step, "if (rest.some((at) => at >= second)) return { do: 'renew' };", "return { do: 'renew' };"]],
    breaks: ['same-key-in-its-window', 'one-refund-per-leg'],
    profile: 'narrow-window',
    seed: 2,
  },
  {
    name: 'silence-is-absence',
    does: 'takes a lookup without an answer for one that found nothing',
    patches: [[execute, "if (found.is === 'cannot-tell') return waitLonger(needs, turn);", '']],
    breaks: ['one-refund-per-leg', 'same-key-in-its-window', 'truth-agrees'],
    profile: 'narrow-window',
    seed: 15,
  },
  {
    name: 'looks-for-nothing',
    does: 'asks the gateway for none of its keys',
    patches: [['lib/app/gateway-call.ts', 'keys: leg.keys, theirs,', 'keys: [], theirs,']],
    breaks: ['one-refund-per-leg', 'truth-agrees'],
    profile: 'narrow-window',
    seed: 6,
  },
  {
    name: 'sends-twice',
    does: 'sends each request twice with one right',
    patches: [
      [sendOnce, '() => gateway.refund(order));', '() => gateway.refund(order).then(() => gateway.refund(order)));'],
    ],
    breaks: ['only-with-the-right'],
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'retries-by-itself',
    does: 'sends again at once where no answer came',
    patches: [
      [
        sendOnce,
        '() => gateway.refund(order));',
        "() => gateway.refund(order).then((o) => (o.is === 'unknown' ? gateway.refund(order) : o)));",
      ],
    ],
    breaks: ['only-with-the-right', 'same-key-in-its-window'],
    profile: 'narrow-window',
    seed: 6,
  },
  {
    name: 'one-cent-more',
    does: 'asks for a little more than was approved',
    patches: [
      [
        sendOnce,
        'amountMinor: leg.amountMinor,\n    currency: before.currency',
        'amountMinor: leg.amountMinor + 1n,\n    currency: before.currency',
      ],
    ],
    breaks: ['asked-as-approved'],
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'ignores-the-stop',
    does: 'sends while a person has stopped sending',
    patches: [
      [
        'lib/app/control.ts',
        "only: [merchantMark, accountMark(connection)].map((attribute): Condition => ({ attribute, is: 'unset' })),",
        "only: [{ attribute: 'nothing', is: 'unset' }],",
      ],
    ],
    breaks: ['right-when-allowed'],
    profile: 'everything',
    seed: 0,
  },
  {
    name: 'cancels-what-was-sent',
    does: 'cancels a refund whose money is on its way',
    patches: [[decide, 'return refund.legs.every(untouched)', 'return refund.legs.length > 0']],
    breaks: ['truth-agrees', 'books-agree', 'never-throws', 'nothing-forgotten', 'never-more-than-captured'],
    profile: 'late-money',
    seed: 0,
  },
  {
    name: 'pending-is-not-due',
    does: 'waits for a webhook that may never come',
    patches: [
      [
        step,
        "    case 'pending':\n      return nextPoll(leg.now.since, now, tempo);\n    case 'refunded':",
        "    case 'pending':\n      return undefined;\n    case 'refunded':",
      ],
    ],
    breaks: ['nothing-forgotten', 'truth-agrees'],
    profile: 'late-money',
    seed: 9,
  },
];
