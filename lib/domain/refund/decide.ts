import type { Fault } from '../fault.ts';
import { fault } from '../fault.ts';
import type { RefundEvidence } from '../notice.ts';
import { promised } from '../payment.ts';
import { backoff, type Tempo } from '../tempo.ts';
import { type Instant, plus } from '../time.ts';
import type { HoldReason, LegEvent, RefundEvent, Source } from './event.ts';
import { hasSurplus, type Leg, liveEvidence, untouched } from './leg.ts';
import type { Outcome, Refused } from './outcome.ts';
import { legOf, type Refund } from './state.ts';

/** What a command comes to: facts to append, nothing because it is done already, or a refusal in words. */
export type Decision =
  | { readonly is: 'events'; readonly events: readonly RefundEvent[] }
  | { readonly is: 'nothing' }
  | { readonly is: 'refused'; readonly fault: Fault };

const nothing: Decision = { is: 'nothing' };
const events = (...list: RefundEvent[]): Decision => (list.length === 0 ? nothing : { is: 'events', events: list });
const refused = (...of: Parameters<typeof fault>): Decision => ({ is: 'refused', fault: fault(...of) });

export interface Moment {
  readonly now: Instant;
  readonly tempo: Tempo;
}

/** A person says yes: to a plan as it was shown, to looking again where there is none, or to going on with held legs. */
export function approve(refund: Refund, { now, tempo }: Moment): Decision {
  if (refund.is === 'held') {
    if (refund.quote.amountMinor === 0n) {
      return refused(
        'nothing-to-pay',
        'This return now states less than was promised; there is nothing to pay. Deny it to close it.',
      );
    }
    if (refund.plan.length > 0) {
      return events({ type: 'refund.approved', v: 1, legs: refund.plan, policy: 'person', inputs: '' });
    }
    const until = plus(now, tempo.waitForPaymentMs);
    return events({ type: 'refund.resumed', v: 1, cleared: refund.reasons, until });
  }
  const legs = heldLegs(refund);
  if (legs.some(wouldPayBesideSurplus)) {
    return refused(
      'incident',
      'The gateway has a second refund for this leg. Going on would pay again; settle it at the gateway, then deny.',
    );
  }
  const released = legs.map((leg): LegEvent => ({ type: 'leg.released', v: 1, leg: leg.leg, at: now }));
  return released.length > 0 ? events(...released) : refused('not-held', 'Only a held refund can be approved.');
}

/** Releasing it would send again although a refund nobody wanted has reached the customer already. */
const wouldPayBesideSurplus = (leg: Leg): boolean => hasSurplus(leg) && leg.now.is === 'held' && !promised(leg);

/** A person says no. A leg whose money may have moved is closed, and its amount stays reserved. */
export function deny(refund: Refund): Decision {
  if (refund.is === 'held' || refund.is === 'waiting') {
    return events({ type: 'refund.denied', v: 1, reasons: ['by-person'] });
  }
  const closed = heldLegs(refund).map((leg): LegEvent => ({ type: 'leg.closed', v: 1, leg: leg.leg }));
  return closed.length > 0 ? events(...closed) : refused('not-held', 'Only a held or waiting refund can be denied.');
}

/** The shop withdrew the return (F53): fine before the first request, too late after it. */
export function cancel(refund: Refund): Decision {
  switch (refund.is) {
    case 'requested':
    case 'waiting':
    case 'held':
      return events({ type: 'refund.cancelled', v: 1 });
    case 'approved':
      return refund.legs.every(untouched)
        ? events({ type: 'refund.cancelled', v: 1 })
        : refund.cancelRefused
          ? nothing
          : events({ type: 'refund.cancel-refused', v: 1, reason: 'already-sent' });
    default:
      return nothing;
  }
}

/** Whatever has not been sent yet waits for a person. */
export function holdUnsent(refund: Refund, reasons: readonly HoldReason[], moment: Moment): Decision {
  if (refund.is === 'waiting') {
    return events({ type: 'refund.held', v: 1, reasons, legs: [], until: plus(moment.now, moment.tempo.holdLimitMs) });
  }
  if (refund.is !== 'approved') return nothing;
  return events(...refund.legs.filter((leg) => leg.now.is === 'ready').map((leg) => held(leg, reasons, moment)));
}

/** The right to send one request. `request` digests what is asked: under one key only one thing is asked, ever (F62). */
export interface Permit {
  readonly leg: number;
  readonly key: string;
  readonly request: string;
  readonly endpoint: string;
}

export function send(refund: Refund, permit: Permit, moment: Moment): Decision {
  const leg = legOf(refund, permit.leg);
  if (leg.now.is !== 'ready' && leg.now.is !== 'unknown') return nothing;
  const asksOther = leg.request !== undefined && leg.request !== permit.request;
  if (asksOther) return events(held(leg, ['key-reused'], moment));
  const { now, tempo } = moment;
  return events({
    type: 'leg.sending',
    v: 1,
    ...permit,
    sending: leg.sendings + 1,
    epoch: leg.epoch,
    leaseUntil: plus(now, tempo.leaseMs),
    latestStart: plus(now, tempo.latestStartMs),
  });
}

/** What came of sending number `sending`. Late news of a sending that somebody else has settled meanwhile changes nothing that is settled. */
export function record(
  refund: Refund,
  of: { leg: number; sending: number },
  outcome: Outcome,
  moment: Moment,
): Decision {
  const leg = legOf(refund, of.leg);
  if (outcome.is === 'accepted') return learn(refund, of.leg, outcome.evidence, 'answer', moment);
  if (leg.now.is !== 'sending' || leg.now.sending !== of.sending) return nothing;
  if (outcome.is === 'refused') return events(...afterRefusal(leg, outcome, moment));
  return events({ type: 'leg.unknown', v: 1, leg: leg.leg, why: outcome.why, spoiled: outcome.spoiled });
}

/** A refusal can be about our own success (design, section 5.5): believed at once only where nothing of ours can be behind it. */
function afterRefusal(leg: Leg, outcome: Refused, { now, tempo }: Moment): LegEvent[] {
  const { code } = outcome;
  if (outcome.again === 'not-now') {
    const asked = Math.ceil(outcome.retryAfterMs ?? Number.NaN);
    const wait = Number.isNaN(asked) ? backoff(tempo.askAgainMs, Math.max(0, leg.sendings - 1)) : asked;
    // Within our own bounds, whatever it asks for: zero would be a loop, a day would be a lost refund (F61).
    const bounded = Math.min(Math.max(wait, tempo.askAgainMs[0] ?? 0), tempo.askAgainMs.at(-1) ?? wait);
    return [{ type: 'leg.deferred', v: 1, leg: leg.leg, code, until: plus(now, bounded) }];
  }
  if (outcome.couldBeOurs || leg.sendings > 1) {
    const forPerson = outcome.again === 'person' ? { forPerson: true as const } : {};
    return [
      {
        type: 'leg.unknown',
        v: 1,
        leg: leg.leg,
        why: 'ambiguous-refusal',
        spoiled: false,
        refusal: code,
        ...forPerson,
      },
    ];
  }
  const refusal: LegEvent = { type: 'leg.refused', v: 1, leg: leg.leg, code };
  return outcome.again === 'person' ? [refusal, held(leg, ['refused-by-gateway'], { now, tempo })] : [refusal];
}

/** The lease is over and nobody said what came of it: somebody may have died between the request and the record of it. */
export function giveUpLease(refund: Refund, number: number, now: Instant): Decision {
  const leg = legOf(refund, number);
  if (leg.now.is !== 'sending' || now < leg.now.leaseUntil) return nothing;
  return events({ type: 'leg.unknown', v: 1, leg: number, why: 'no-outcome', spoiled: false });
}

/** The gateway, asked with authority, has nothing under our keys. Evidence only about a leg that is unknown. */
export function absent(refund: Refund, number: number): Decision {
  return legOf(refund, number).now.is === 'unknown' ? events({ type: 'leg.absent', v: 1, leg: number }) : nothing;
}

export function renew(refund: Refund, number: number): Decision {
  const leg = legOf(refund, number);
  return leg.now.is === 'unknown' ? events({ type: 'leg.renewed', v: 1, leg: number, epoch: leg.epoch + 1 }) : nothing;
}

/** The refusal of a leg that was unknown is believed. `forPerson`: since when it waits for one, who must change something first. */
export function refuse(refund: Refund, number: number, code: string, forPerson?: Moment): Decision {
  const leg = legOf(refund, number);
  if (leg.now.is !== 'unknown') return nothing;
  const refusal: LegEvent = { type: 'leg.refused', v: 1, leg: number, code };
  return forPerson === undefined ? events(refusal) : events(refusal, held(leg, ['refused-by-gateway'], forPerson));
}

export function hold(refund: Refund, number: number, reasons: readonly HoldReason[], moment: Moment): Decision {
  const leg = legOf(refund, number);
  const waitsOrEnded = leg.now.is === 'held' || leg.now.is === 'closed' || leg.now.is === 'refunded';
  return waitsOrEnded ? nothing : events(held(leg, reasons, moment));
}

const rank = { pending: 1, succeeded: 2, failed: 3, surplus: 4 } as const;

/**
 * A piece of evidence about a leg, from wherever. Kept per *their* refund id; within one id pending < succeeded < failed, and the
 * last absorbs: any order and any repetition converges (F11). Success is provisional: a later failure frees the amount and holds.
 */
export function learn(
  refund: Refund,
  number: number,
  evidence: RefundEvidence,
  source: Source,
  moment: Moment,
): Decision {
  const leg = legOf(refund, number);
  const { theirs, state } = evidence;
  const known = leg.evidence[theirs];
  if (known === 'surplus' && state === 'failed') return events(surplusFailed(leg, evidence));
  if (known !== undefined && rank[known] >= rank[state]) return nothing;
  const live = liveEvidence(leg);
  if (live !== undefined && live !== theirs && state !== 'failed') return events(...surplus(leg, evidence, moment));
  if (state === 'failed') return events(...failure(leg, evidence, source, moment));
  const reason = evidence.reason === undefined ? {} : { reason: evidence.reason };
  const same =
    evidence.amountMinor === leg.amountMinor && refund.is === 'approved' && evidence.currency === refund.currency;
  if (!same) return events(...mismatch(leg, evidence, source, moment));
  return events({ type: 'leg.accepted', v: 1, leg: number, theirs, state, source, ...reason });
}

function failure(leg: Leg, evidence: RefundEvidence, source: Source, moment: Moment): LegEvent[] {
  const reason = evidence.reason ?? 'failed';
  const failed: LegEvent = { type: 'leg.failed', v: 1, leg: leg.leg, theirs: evidence.theirs, reason, source };
  // What failed is an earlier try: it changes nothing about the one that counts, which may be under way.
  if (!aboutThisTry(leg, evidence)) return [{ type: 'leg.noted', v: 1, leg: leg.leg, theirs: evidence.theirs, source }];
  // A person has closed it, or compares two refunds: the fact is kept, and what they look at stays.
  if (leg.now.is === 'closed' || besideAnother(leg)) return [failed];
  if (promised(leg)) return [failed, held(leg, ['failed-at-gateway'], moment)];
  // It was finally refused or failed before, and the amount is free already. Kept all the same, so that older news of this id is old.
  return leg.now.is === 'held' ? [failed, held(leg, leg.now.reasons, moment)] : [failed];
}

/** Of the refund that lives, or of the request of this epoch that has no answer yet. */
function aboutThisTry(leg: Leg, evidence: RefundEvidence): boolean {
  const live = liveEvidence(leg);
  if (live !== undefined) return live === evidence.theirs;
  return leg.firstSentAt !== undefined && (evidence.key === undefined || evidence.key === leg.keys.at(-1));
}

/** The gateway confirms another amount than we asked for: no success (F78). Recorded as pending, since money does move. */
function mismatch(leg: Leg, evidence: RefundEvidence, source: Source, moment: Moment): LegEvent[] {
  const { theirs } = evidence;
  if (liveEvidence(leg) === theirs) return leg.now.is === 'pending' ? [held(leg, ['echo-mismatch'], moment)] : [];
  return [
    { type: 'leg.accepted', v: 1, leg: leg.leg, theirs, state: 'pending', source },
    held(leg, ['echo-mismatch'], moment),
  ];
}

/** Two refunds for one leg: the thing that must not happen. It is counted, and everything about this leg stops (F103). */
function surplus(leg: Leg, evidence: RefundEvidence, moment: Moment): LegEvent[] {
  const counted: LegEvent = {
    type: 'leg.surplus',
    v: 1,
    leg: leg.leg,
    theirs: evidence.theirs,
    amountMinor: evidence.amountMinor,
  };
  return leg.now.is === 'closed' || besideAnother(leg) ? [counted] : [counted, held(leg, ['two-refunds'], moment)];
}

/** Gives back what was counted, whatever the failure says about the amount. */
const surplusFailed = (leg: Leg, { theirs }: RefundEvidence): LegEvent => ({
  type: 'leg.surplus-failed',
  v: 1,
  leg: leg.leg,
  theirs,
  amountMinor: leg.surplusMinor[theirs] ?? 0n,
});

const besideAnother = (leg: Leg): boolean => leg.now.is === 'held' && leg.now.reasons.includes('two-refunds');

const held = (leg: Leg, reasons: readonly HoldReason[], { now, tempo }: Moment): LegEvent => ({
  type: 'leg.held',
  v: 1,
  leg: leg.leg,
  reasons,
  until: plus(now, tempo.holdLimitMs),
});

const heldLegs = (refund: Refund): readonly Leg[] =>
  refund.is === 'approved' ? refund.legs.filter((leg) => leg.now.is === 'held') : [];
