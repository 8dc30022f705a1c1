import type { Saboteur } from './plant.ts';

const verify = 'lib/adapters/sources/generic/verify.ts';
const receive = 'lib/app/record-notice.ts';

/** Bugs in what is let in and what becomes of it. */
export const atTheDoor: readonly Saboteur[] = [
  {
    name: 'any-signature',
    does: 'takes any signature of the right length',
    patches: [
      [
        verify,
        'return digests.some((theirs) => sameDigest(ours, theirs));',
        'return ours.length === 32 && digests.every((one) => one.length > 0);',
      ],
    ],
    breaks: 'no-forgery',
    profile: 'attacker',
    seed: 1,
  },
  {
    name: 'yesterday-is-fine',
    does: 'takes a message however old its signature is',
    patches: [[verify, 'if (age > toleranceSeconds)', 'if (age > 1e9)']],
    breaks: 'no-forgery',
    profile: 'attacker',
    seed: 1,
  },
  {
    name: 'tomorrow-is-fine',
    does: 'takes a message that is signed for the future',
    patches: [[verify, 'if (age < -toleranceSeconds)', 'if (age < -1e9)']],
    breaks: 'no-forgery',
    profile: 'attacker',
    seed: 2,
  },
  {
    name: 'busy-is-recorded',
    does: 'answers with success where the store was busy',
    patches: [
      [receive, "if (appended.is !== 'seen') return undefined;", "if (appended.is !== 'seen') return 'recorded';"],
    ],
    breaks: 'accepted-is-kept',
    profile: 'attacker',
    seed: 10,
  },
  {
    name: 'notice-is-not-due',
    does: 'relies on the stream for what a webhook said',
    patches: [[receive, "notice.kind === 'unknown' ? undefined : plus(at, needs.tempo.graceMs),", 'undefined,']],
    breaks: 'nothing-forgotten',
    profile: 'queue-hell',
    seed: 6,
  },
  {
    name: 'keeps-it-in-clear',
    does: 'stores payment references beside the encrypted ones',
    patches: [
      [
        receive,
        '          content,\n          ...sealed,',
        '          content: { ...content, ...secrets } as never,\n          ...sealed,',
      ],
    ],
    breaks: 'nothing-in-clear',
    profile: 'calm',
    seed: 0,
  },
  {
    name: 'any-signature-of-a-gateway',
    does: 'takes what anybody says in the gateway’s name',
    patches: [
      [
        'lib/adapters/gateways/stripe/verify.ts',
        'return signed.digests.some((theirs) => sameDigest(ours, theirs));',
        'return ours.length === 32 && signed.digests.length > 0;',
      ],
    ],
    breaks: 'no-forgery',
    profile: 'contrary',
    seed: 0,
  },
  {
    name: 'old-news-of-a-gateway',
    does: 'takes a gateway’s message however old its signature is',
    patches: [['lib/adapters/gateways/stripe/verify.ts', 'if (age > toleranceSeconds)', 'if (age > 1e9)']],
    breaks: 'no-forgery',
    profile: 'contrary',
    seed: 7,
  },
  {
    name: 'nothing-needs-no-signature',
    does: 'asks for no signature where there is nothing to sign',
    patches: [
      [
        'lib/adapters/gateways/stripe/verify.ts',
        "if (header === undefined || header === '') return",
        "if (raw.body.byteLength === 0) return { verified: true, secretIndex: 0, signedAt: now };\n  if (header === undefined || header === '') return",
      ],
    ],
    breaks: 'no-forgery',
    profile: 'contrary',
    seed: 4,
  },
];
