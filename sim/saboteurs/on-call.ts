import type { Saboteur } from './plant.ts';

/** Bugs in what is done about a refused credential, a wrong clock, what our own code can't get past, and a transaction that comes again. */
export const onCall: readonly Saboteur[] = [
  {
    name: 'believes-its-clock',
    does: 'dates absences by a clock that a gateway’s answer shows to be wrong',
    patches: [['lib/app/own-clock.ts', 'return Math.abs(apart) > mostApartMs ? apart : 0;', 'return apart * 0;']],
    breaks: 'proofs-are-not-ahead',
    profile: 'on-call',
    seed: 8,
  },
  {
    name: 'sends-in-the-past',
    does: 'dates a request by when its refund began',
    patches: [
      [
        'lib/app/send-once.ts',
        'const at = needs.clock.now();\n  // Whoever',
        'const at = turn.loaded.entries[0]?.at ?? needs.clock.now();\n  // Whoever',
      ],
      ['lib/app/own-clock.ts', 'return ahead > tempo.skewMs ? ahead : 0;', 'return ahead > 1e12 ? tempo.skewMs : 0;'],
    ],
    breaks: 'time-goes-on',
    profile: 'on-call',
    seed: 0,
  },
  {
    name: 'a-refused-credential-is-a-no',
    does: 'takes the refusal of our credential for the refusal of a refund',
    patches: [
      [
        'lib/adapters/gateways/stripe/translate.ts',
        "(status === 401 ? 'unauthorized' : 'forbidden'), 'account', false);",
        "(status === 401 ? 'unauthorized' : 'forbidden'), 'final', false);",
      ],
    ],
    breaks: 'credential-decides-nothing',
    profile: 'on-call',
    seed: 0,
  },
  {
    name: 'never-sets-aside',
    does: 'tries what it can’t get past again and again',
    patches: [
      [
        'lib/app/set-aside.ts',
        'holdAll(refund, now, needs.tempo),',
        "refund.is === 'none' ? holdAll(refund, now, needs.tempo) : { is: 'nothing' },",
      ],
      ['lib/app/set-aside.ts', 'needs.tempo.holdLimitMs);\n  await', 'needs.tempo.graceMs);\n  await'],
    ],
    breaks: 'poison-rests',
    profile: 'on-call',
    seed: 0,
  },
  {
    name: 'whatever-became-of-it',
    does: 'moves the due time of what it asked for, whoever moved it since, or took it away',
    patches: [
      [
        'lib/app/sweep.ts',
        "set: due(stream, to).set,\n      only: [{ attribute: 'dueAt', is: 'equal', value: sortable(from) }],",
        'set: due(stream, from < to ? to : from).set,\n      only: [],',
      ],
    ],
    breaks: 'done-is-not-due',
    profile: 'on-call',
    seed: 38,
  },
  {
    name: 'as-fast-as-it-likes',
    does: 'never counts what it approves without a person',
    patches: [
      [
        'lib/app/decide-for-sure.ts',
        "if (decided.type !== 'refund.approved' || cleared.length > 0) return decided;",
        "if (decided.type !== 'refund.approved' || decided.legs.length > 0) return decided;",
      ],
    ],
    breaks: 'no-faster-than-its-limit',
    profile: 'on-call',
    seed: 2,
  },
  {
    name: 'each-loan-the-first',
    does: 'lends as if nobody had been lent anything in that hour',
    patches: [
      [
        'lib/app/velocity.ts',
        'lend(spentIn(item), limit,',
        'lend(needs.ids === undefined ? spentIn(item) : undefined, limit,',
      ],
    ],
    breaks: 'no-faster-than-its-limit',
    profile: 'on-call',
    seed: 2,
  },
  {
    name: 'money-is-not-counted',
    does: 'limits how many refunds there are in an hour, and not how much they come to',
    patches: [
      [
        'lib/domain/velocity.ts',
        'if ((!has.refund && left.refunds < 1) || (!has.amount && left.amountMinor < amountMinor)) return undefined;',
        'if (!has.refund && left.refunds < 1) return undefined;',
      ],
    ],
    breaks: 'no-faster-than-its-limit',
    profile: 'on-call',
    seed: 2,
  },
];
