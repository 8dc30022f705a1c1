import type { Saboteur } from './plant.ts';

const step = 'lib/domain/refund/step.ts';
const decide = 'lib/domain/refund/decide.ts';
const leg = 'lib/domain/refund/leg.ts';

/** Bugs in what is concluded where an answer is missing, or says less than it seems. */
export const inTheDoubting: readonly Saboteur[] = [
  {
    name: 'a-no-is-a-no',
    does: 'believes every refusal, be it about its own success',
    patches: [[decide, 'if (outcome.couldBeOurs || leg.sendings > 1) {', 'if (leg.sendings < 0) {']],
    breaks: 'truth-agrees',
    profile: 'contrary',
    seed: 196,
  },
  {
    name: 'under-way-is-done',
    does: 'takes the word that a request is under way for its success',
    patches: [
      [
        'lib/app/send-once.ts',
        "  if (outcome.is === 'accepted') {\n",
        "  if (outcome.is === 'unknown' && outcome.why === 'in-progress') {\n    const evidence = { theirs: permit.key, state: 'succeeded', amountMinor: leg.amountMinor, currency: before.currency };\n    return takeEvidence(needs, { ...turn, evidence: evidence as never, source: 'answer' });\n  }\n  if (outcome.is === 'accepted') {\n",
      ],
    ],
    breaks: 'shown-as-it-is',
    profile: 'contrary',
    seed: 0,
  },
  {
    name: 'the-dead-sent-nothing',
    does: 'believes that a sender who died had sent nothing',
    patches: [
      [
        decide,
        "return events({ type: 'leg.unknown', v: 1, leg: number, why: 'no-outcome', spoiled: false });",
        "return events({ type: 'leg.deferred', v: 1, leg: number, code: 'gone', until: now });",
      ],
    ],
    breaks: 'turned-away-did-nothing',
    profile: 'zombie',
    seed: 28,
  },
  {
    name: 'not-now-is-not-at-all',
    does: 'forgets an earlier request without an answer when a later one is turned away',
    patches: [
      [
        leg,
        "now: leg.doubtSince === undefined ? { is: 'ready', notBefore: event.until } : inDoubt(leg.doubtSince),",
        "now: inDoubt(at).is === 'unknown' ? { is: 'ready', notBefore: event.until } : leg.now,",
      ],
    ],
    breaks: 'same-key-in-its-window',
    profile: 'forgetful',
    seed: 372,
  },
  {
    name: 'no-room-for-lateness',
    does: 'repeats a request so late that it may arrive when its key is forgotten',
    patches: [[step, 'return plus(now, slowestMs(rules, tempo)) <', 'return plus(now, tempo.latestStartMs) <']],
    breaks: 'same-key-in-its-window',
    profile: 'forgetful',
    seed: 10,
  },
  {
    name: 'unknown-is-not-due',
    does: 'leaves a request without an answer to hints that may get lost',
    patches: [
      [
        step,
        "    case 'unknown':\n      return plus(now, tempo.graceMs);",
        "    case 'unknown':\n      return undefined;",
      ],
    ],
    breaks: 'nothing-forgotten',
    profile: 'narrow-window',
    seed: 1,
  },
  {
    name: 'absent-anywhere',
    does: 'takes what another host does not have for what does not exist',
    patches: [
      [
        'lib/app/gateway-call.ts',
        'const moved = leg.endpoint !== undefined && leg.endpoint !== gateway.endpoint;',
        'const moved = leg.endpoint === gateway.endpoint && !gateway.endpoint;',
      ],
    ],
    breaks: 'lost-is-gone',
    profile: 'any-gateway',
    seed: 127,
  },
];
