import type { Saboteur } from './plant.ts';

const restore = 'lib/app/restore.ts';
const control = 'lib/app/control.ts';
const askBefore = 'lib/app/ask-before.ts';

/** Bugs over tables that were put back to an earlier instant. */
export const afterARestore: readonly Saboteur[] = [
  {
    name: 'sends-while-restoring',
    does: 'sends from restored tables at once',
    patches: [
      [
        control,
        "      : { attribute: restoredMark, is: 'equal', value: BigInt(restored) },",
        "      : { attribute: 'nothing', is: 'unset' },",
      ],
      [askBefore, 'if (other !== undefined) return other;', ''],
    ],
    breaks: 'nothing-before-the-end',
    profile: 'restore',
    seed: 0,
  },
  {
    name: 'no-epoch-fits-all',
    does: 'lets a deployment send that states no restore epoch',
    patches: [
      [control, "      ? { attribute: restoredMark, is: 'unset' }", "      ? { attribute: 'nothing', is: 'unset' }"],
    ],
    breaks: 'sends-in-its-epoch',
    profile: 'restore',
    seed: 0,
  },
  {
    name: 'asks-nobody-before',
    does: 'sends what a restored journal has not sent without asking the gateway',
    patches: [[askBefore, 'needs.restored !== 0 || leg.vouchedFor !== undefined', 'leg.vouchedFor !== undefined']],
    breaks: 'one-refund-per-leg',
    profile: 'restore',
    seed: 1,
  },
  {
    name: 'asks-for-its-own-keys',
    does: 'asks before a request only for the keys that the restored journal knows',
    patches: [[askBefore, 'keys: [...leg.keys, ...before] }', 'keys: leg.keys.concat(before.slice(0, 0)) }']],
    breaks: 'truth-agrees',
    profile: 'restore',
    seed: 1,
  },
  {
    name: 'compares-no-returns',
    does: 'looks for no refund that was forgotten under another number of its return',
    patches: [
      [askBefore, 'return needs.restored === 0 ? undefined : withoutForgotten(needs, turn);', 'return undefined;'],
    ],
    breaks: 'paid-once-per-return',
    profile: 'restore',
    seed: 38,
  },
  {
    name: 'forgets-what-a-return-names',
    does: 'looks for what was forgotten on the payments that the order is known to have, and not on those that the return names',
    patches: [
      [
        askBefore,
        'new Set([leg.payment, ...named, ...ofOrder, ...marked.flat()])',
        'new Set([leg.payment, ...ofOrder])',
      ],
    ],
    breaks: 'one-refund-per-leg',
    profile: 'restore',
    seed: 296,
  },
  {
    name: 'same-keys-after-a-restore',
    does: 'makes the same keys in every restore epoch',
    patches: [['lib/domain/refund/key.ts', 'restored === 0 ? installation :', 'restored >= 0 ? installation :']],
    breaks: 'forgotten-keys-rest',
    profile: 'restore',
    seed: 40,
  },
  {
    name: 'reconciles-too-little',
    does: 'asks only for what the gateway refunded since the restore began',
    patches: [[restore, 'since: plus(since, -marginMs),', 'since: plus(needs.clock.now(), -marginMs),']],
    breaks: 'forgotten-is-counted',
    profile: 'restore',
    seed: 2,
  },
  {
    name: 'never-reconciled',
    does: 'waits at the end of a restore for refunds that are dealt with',
    patches: [
      [
        'lib/app/end-restore.ts',
        "if (head?.status === 'done') return head.daySort === undefined ? 'dealt-with' : 'aside';",
        "if (head?.status === 'done') return 'open';",
      ],
    ],
    breaks: 'restores-end',
    profile: 'restore',
    seed: 0,
  },
  {
    name: 'the-epoch-before-until-the-end',
    does: 'lets a process of the epoch before send while a restore is under way',
    patches: [
      ['lib/app/control.ts', "    { attribute: restoringMark, is: 'unset-or-equal', value: BigInt(restored) },\n", ''],
    ],
    breaks: 'nothing-before-the-end',
    profile: 'restore',
    seed: 1,
  },
];
