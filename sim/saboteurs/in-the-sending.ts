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
    breaks: 'truth-agrees',
    profile: 'late-money',
    seed: 30,
  },
  {
    name: 'new-key-each-time',
    does: 'makes a new idempotency key for every request',
    patches: [
      [
        sendOnce,
        'return used ?? keyOf({ refund, leg, epoch }, installation',
        'return keyOf({ refund, leg, epoch: keys.length + 1 }, installation',
      ],
      [sendOnce, '    rail: leg.rail,\n    key,\n', '    rail: leg.rail,\n'],
    ],
    breaks: 'one-refund-per-leg',
    profile: 'narrow-window',
    seed: 53,
  },
  {
    name: 'key-for-ever',
    does: 'repeats a request under its key when the gateway may have forgotten the key',
    patches: [
      [
        step,
        'return plus(now, slowestMs(rules, tempo)) < plus(leg.firstSentAt, rules.keyWindowMs);',
        'return now > 0;',
      ],
    ],
    breaks: 'same-key-in-its-window',
    profile: 'narrow-window',
    seed: 2,
  },
  {
    name: 'one-proof-is-enough',
    does: 'makes a new key after one look that found nothing',
    patches: [[step, "if (rest.some((at) => at >= second)) return { do: 'renew' };", "return { do: 'renew' };"]],
    breaks: 'same-key-in-its-window',
    profile: 'narrow-window',
    seed: 2,
  },
  {
    name: 'silence-is-absence',
    does: 'takes a lookup without an answer for one that found nothing',
    patches: [[execute, "if (found.is === 'cannot-tell') return waitLonger(needs, turn);", '']],
    breaks: 'one-refund-per-leg',
    profile: 'forgetful',
    seed: 818,
  },
  {
    name: 'looks-for-nothing',
    does: 'asks the gateway for none of its keys',
    patches: [['lib/app/gateway-call.ts', 'keys: leg.keys, theirs,', 'keys: [], theirs,']],
    breaks: 'one-refund-per-leg',
    profile: 'narrow-window',
    seed: 78,
  },
  {
    name: 'sends-twice',
    does: 'sends each request twice with one right',
    patches: [
      [sendOnce, '() => gateway.refund(order));', '() => gateway.refund(order).then(() => gateway.refund(order)));'],
    ],
    breaks: 'only-with-the-right',
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
    breaks: 'turned-away-did-nothing',
    profile: 'narrow-window',
    seed: 10,
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
    breaks: 'asked-as-approved',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'ignores-the-stop',
    does: 'sends while a person has stopped sending',
    patches: [
      [
        'lib/app/control.ts',
        "...[merchantMark, accountMark(connection)].map((attribute): Condition => ({ attribute, is: 'unset' })),",
        "{ attribute: 'nothing', is: 'unset' },",
      ],
    ],
    breaks: 'right-when-allowed',
    profile: 'everything',
    seed: 6,
  },
  {
    name: 'cancels-what-was-sent',
    does: 'cancels a refund whose money is on its way',
    patches: [
      [decide, 'return refund.legs.every(untouched)', 'return refund.legs.length > 0'],
      [
        'lib/domain/refund/state.ts',
        "if (refund.is === 'approved' && !refund.legs.every(untouched))",
        "if (refund.is === 'approved' && refund.legs.length === 0)",
      ],
    ],
    breaks: 'books-agree',
    profile: 'late-money',
    seed: 3,
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
    breaks: 'nothing-forgotten',
    profile: 'late-money',
    seed: 9,
  },
  {
    name: 'busy-is-written',
    does: 'takes a throttled write for a written one',
    patches: [
      [
        'lib/app/journal.ts',
        "    case 'busy':\n      return { is: 'busy' };",
        "    case 'busy':\n      return { is: 'appended', end: { version: number, digest: sealed.digest } };",
      ],
    ],
    breaks: 'accepted-is-kept',
    profile: 'brown-out',
    seed: 3,
  },
  {
    name: 'sends-before-it-writes',
    does: 'sends first and writes down afterwards that it may',
    patches: [
      [
        'lib/app/send-once.ts',
        'const sent = await takeRight(needs, turn, permit, looked);',
        'const early = { amountMinor: leg.amountMinor, currency: before.currency, key: permit.key, refund: loaded.id, leg: leg.leg };\n  await gateway.refund({ ...early, reference: secrets.reference, latestStart: (needs.clock.now() + 1000) as never, limitMs: 1000 });\n  const sent = await takeRight(needs, turn, permit, looked);',
      ],
    ],
    breaks: 'only-with-the-right',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'waits-as-long-as-told',
    does: 'believes any Retry-After, be it a year',
    patches: [
      ['lib/adapters/kit/exchange.ts', 'Math.min(Math.max(ms, 0), 3_600_000)', 'Math.max(ms, 0)'],
      [
        'lib/domain/refund/decide.ts',
        'const bounded = Math.min(Math.max(wait, tempo.askAgainMs[0] ?? 0), tempo.askAgainMs.at(-1) ?? wait);',
        'const bounded = wait;',
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'contrary',
    seed: 18,
  },
];
