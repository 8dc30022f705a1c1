import type { DisputeStage } from '../notice.ts';
import { backoff } from '../tempo.ts';
import { type Instant, plus } from '../time.ts';
import { type Decision, events, held, type Moment, nothing } from './decision.ts';
import type { LegEvent, RefundEvent } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import { learn } from './learn.ts';
import { type Leg, untouched, waitsForDispute } from './leg.ts';
import { gaveBack } from './money-back.ts';
import type { Outcome, Refused } from './outcome.ts';
import { legIn, legOf, type Refund } from './state.ts';
import type { Step } from './step.ts';

/**
 * The shop withdrew the return (F53): fine before the first request, too late after it. What nothing is at the gateway of, by then, waits
 * for a person: another leg, or one that was only told "not now".
 */
export function cancel(refund: Refund, moment: Moment): Decision {
  switch (refund.is) {
    case 'requested':
    case 'waiting':
    case 'held':
      return events({ type: 'refund.cancelled', v: 1 });
    case 'approved':
      return refund.legs.every(untouched)
        ? events({ type: 'refund.cancelled', v: 1 })
        : events(
            ...(refund.cancelRefused ? [] : [tooLate]),
            ...refund.legs
              .filter((leg) => leg.cancelKnown !== true)
              .flatMap((leg) => unsentHeld(leg, ['return-cancelled'], moment)),
          );
    default:
      return nothing;
  }
}

/** The shop withdrew the return, and has approved it since: what would be cancelled waits for a person instead. */
export function holdCancelled(refund: Refund, moment: Moment): Decision {
  const cancelled = cancel(refund, moment);
  const inTime = cancelled.is === 'events' && cancelled.events.some(({ type }) => type === 'refund.cancelled');
  return inTime ? holdUnsent(refund, ['return-cancelled'], moment) : cancelled;
}

/**
 * Nobody asks again for what the shop took back or states no more, unless a person let it go on knowing that. One that was asked for before and has no answer
 * is looked for all the same; where nothing is found it waits for them, in doubt.
 */
export function unlessTakenBack(step: Step, refund: Refund, leg: Leg): Step {
  const takenBack = refund.is === 'approved' && refund.cancelRefused === true && leg.cancelKnown !== true;
  const reasons: HoldReason[] = [...(takenBack ? (['return-cancelled'] as const) : []), ...(leg.unseen ?? [])];
  return reasons.length > 0 && (step.do === 'send' || step.do === 'renew') ? { do: 'hold', reasons } : step;
}

const tooLate: RefundEvent = { type: 'refund.cancel-refused', v: 1, reason: 'already-sent' };

/** Whatever has not been sent yet waits for a person. */
export function holdUnsent(refund: Refund, reasons: readonly HoldReason[], moment: Moment): Decision {
  if (refund.is === 'waiting') {
    const until = plus(moment.now, moment.tempo.holdLimitMs);
    // It waits for its payment: nobody who is shown this was shown anything of one.
    return events({ type: 'refund.held', v: 1, reasons, legs: [], until, seen: moment.seen ?? {} });
  }
  if (refund.is === 'held') {
    const more = beyond(refund.reasons, reasons);
    return more.length === 0
      ? nothing
      : events({
          type: 'refund.held',
          v: 1,
          reasons: [...refund.reasons, ...more],
          legs: refund.plan,
          until: refund.until,
        });
  }
  if (refund.is !== 'approved') return nothing;
  return events(...refund.legs.flatMap((leg) => unsentHeld(leg, reasons, moment)));
}

/**
 * The return states less than was promised for it, or its notice came with other content. What has not been sent waits for a person; of
 * what was asked for, nothing more is, whatever came of that, before a person lets it go on knowing this.
 */
export function restate(refund: Refund, reason: HoldReason, moment: Moment): Decision {
  if (refund.is !== 'approved') return holdUnsent(refund, [reason], moment);
  return events(
    ...refund.legs.flatMap((leg) => [
      ...(wasAskedFor(leg) && !leg.unseen?.includes(reason)
        ? [{ type: 'leg.restated' as const, v: 1 as const, leg: leg.leg, reason }]
        : []),
      ...unsentHeld(leg, [reason], moment, [...nothingThere, 'unknown']),
    ]),
  );
}

/** Nothing of it is at the gateway, or something may be and may fail. */
const nothingThere: readonly Leg['now']['is'][] = ['ready', 'refused', 'failed'];
/** What a person closed as the customer's may fail, too. */
function wasAskedFor(leg: Leg): boolean {
  if (leg.now.is === 'closed' || leg.now.is === 'failed') return gaveBack(leg);
  return !nothingThere.includes(leg.now.is === 'held' ? leg.now.from.is : leg.now.is);
}

/** One that is held with nothing at the gateway waits for this, too: what holds it may end by itself, as a dispute does. */
function unsentHeld(leg: Leg, reasons: readonly HoldReason[], moment: Moment, from = nothingThere): LegEvent[] {
  if (leg.now.is === 'ready') return [held(leg, reasons, moment)];
  if (leg.now.is !== 'held' || !from.includes(leg.now.from.is)) return [];
  const { reasons: before, until } = leg.now;
  const more = beyond(before, reasons);
  return more.length === 0 ? [] : [{ type: 'leg.held', v: 1, leg: leg.leg, reasons: [...before, ...more], until }];
}

const beyond = (before: readonly HoldReason[], reasons: readonly HoldReason[]): readonly HoldReason[] =>
  reasons.filter((reason) => !before.includes(reason));

/** The right to send one request. `request` digests what is asked: under one key only one thing is asked, ever (F62). */
export interface Permit {
  readonly leg: number;
  readonly key: string;
  readonly request: string;
  readonly endpoint: string;
  /** The last entry of its payment by which it was decided that it may be sent. */
  readonly asOf?: number;
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

/** A refusal can be about our own success (docs/adr/0010): believed at once only where nothing of ours can be behind it. */
function afterRefusal(leg: Leg, outcome: Refused, { now, tempo }: Moment): LegEvent[] {
  const { code } = outcome;
  if (outcome.again === 'not-now' || outcome.again === 'account') {
    const asked = Math.ceil(outcome.retryAfterMs ?? Number.NaN);
    const wait = Number.isNaN(asked) ? backoff(tempo.askAgainMs, Math.max(0, leg.sendings - 1)) : asked;
    // Within our own bounds, whatever it asks for: zero would be a loop, a day would be a lost refund (F61).
    const bounded = Math.min(Math.max(wait, tempo.askAgainMs[0] ?? 0), tempo.askAgainMs.at(-1) ?? wait);
    return [{ type: 'leg.deferred', v: 1, leg: leg.leg, code, until: plus(now, bounded) }];
  }
  const because = outcome.because === undefined ? {} : { because: outcome.because };
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
        ...because,
      },
    ];
  }
  const refusal: LegEvent = { type: 'leg.refused', v: 1, leg: leg.leg, code };
  return outcome.again === 'person' ? [refusal, held(leg, [heldFor(outcome.because)], { now, tempo })] : [refusal];
}

/** A refusal that somebody must do something about: wait for a dispute's end, or mend what is broken. */
export const heldFor = (because: Refused['because']): HoldReason =>
  because === 'disputed' ? 'payment-disputed' : 'refused-by-gateway';

/** The lease is over and nobody said what came of it: somebody may have died between the request and the record of it. */
export function giveUpLease(refund: Refund, number: number, now: Instant): Decision {
  const leg = legOf(refund, number);
  if (leg.now.is !== 'sending' || now < leg.now.leaseUntil) return nothing;
  return events({ type: 'leg.unknown', v: 1, leg: number, why: 'no-outcome', spoiled: false });
}

/**
 * The gateway, asked with authority at `askedAt`, has nothing under our keys. Evidence only about a leg that is unknown, and only about
 * requests allowed before the question: when it is written down does not count.
 */
export function absent(refund: Refund, number: number, askedAt: Instant): Decision {
  const leg = legOf(refund, number);
  const about = leg.now.is === 'unknown' && (leg.lastSentAt === undefined || askedAt >= leg.lastSentAt);
  return about ? events({ type: 'leg.absent', v: 1, leg: number, askedAt }) : nothing;
}

export function renew(refund: Refund, number: number): Decision {
  const leg = legOf(refund, number);
  return leg.now.is === 'unknown' ? events({ type: 'leg.renewed', v: 1, leg: number, epoch: leg.epoch + 1 }) : nothing;
}

/** The refusal of a leg that was unknown is believed. `forPerson`: since when it waits for one, who must change something first. */
export function refuse(
  refund: Refund,
  number: number,
  { code, because }: { readonly code: string; readonly because?: Refused['because'] },
  forPerson?: Moment,
): Decision {
  const leg = legOf(refund, number);
  if (leg.now.is !== 'unknown') return nothing;
  const refusal: LegEvent = { type: 'leg.refused', v: 1, leg: number, code };
  return forPerson === undefined ? events(refusal) : events(refusal, held(leg, [heldFor(because)], forPerson));
}

export function hold(refund: Refund, number: number, reasons: readonly HoldReason[], moment: Moment): Decision {
  const leg = legOf(refund, number);
  const waitsOrEnded = leg.now.is === 'held' || leg.now.is === 'closed' || leg.now.is === 'refunded';
  return waitsOrEnded ? nothing : events(held(leg, reasons, moment));
}

/** A dispute ended well, and alone held the leg: it goes on. What a person decided meanwhile stays. */
export function resume(refund: Refund, number: number, at: Instant): Decision {
  const leg = legIn(refund, number);
  return leg !== undefined && waitsForDispute(leg) ? events({ type: 'leg.released', v: 1, leg: number, at }) : nothing;
}

/** A dispute ended otherwise: the leg stays in front of a person, for another reason. */
export function holdInstead(refund: Refund, number: number, reason: HoldReason, moment: Moment): Decision {
  const leg = legIn(refund, number);
  return leg !== undefined && waitsForDispute(leg) ? events(held(leg, [reason], moment)) : nothing;
}

/** What is known of disputes on the payment of a leg that the gateway has a refund for. Said once for each stage. */
export function dispute(refund: Refund, number: number, stage: DisputeStage): Decision {
  const leg = legIn(refund, number);
  if (leg === undefined || leg.disputed === stage || (leg.disputed === undefined && stage === 'won')) return nothing;
  return events({ type: 'leg.disputed', v: 1, leg: number, stage });
}

/**
 * The gateway called it refunded, and asked at `askedAt` it said with authority that it has nothing (F102). Held at once: nothing goes
 * on by itself from here, since the customer may have the money all the same.
 */
export function lose(refund: Refund, number: number, askedAt: Instant, moment: Moment): Decision {
  const leg = legOf(refund, number);
  if (leg.now.is !== 'refunded' || askedAt <= leg.now.since) return nothing;
  const { theirs } = leg.now;
  return events({ type: 'leg.lost', v: 1, leg: number, theirs, askedAt }, held(leg, ['lost-at-gateway'], moment));
}
