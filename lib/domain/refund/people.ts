import type { PaymentId } from '../ids.ts';
import { promised } from '../payment.ts';
import { type Instant, plus } from '../time.ts';
import { type Decision, events, type Moment, refused } from './decision.ts';
import type { LegEvent, RefundEvent, Seen } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import { type Leg, liveEvidence } from './leg.ts';
import { hasSurplus } from './money-back.ts';
import type { Refund } from './state.ts';
import { heldInDoubt } from './step.ts';

/** What people may decide about a refund that is held or waits. */

const none: ReadonlySet<PaymentId> = new Set();

interface Yes {
  readonly lacking?: ReadonlySet<PaymentId>;
  readonly word?: 'absent';
  /** To which restore epoch the journal has come: they know what was forgotten by that one, and by none that comes after it. */
  readonly restored?: number;
}

/**
 * A person says yes: to a plan as it was shown, to looking again where there is none, or to going on with held legs. Of payments that are
 * `lacking`, only with legs whose amount is still reserved: what one leg lacks must not keep another one back. `absent`: they have looked
 * at the gateway, and it has no refund for what is held in doubt. Nothing else ends a doubt that the gateway can't end.
 */
export function approve(
  refund: Refund,
  { now, tempo }: Moment,
  { lacking = none, word, restored = 0 }: Yes = {},
): Decision {
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
  const held = heldLegs(refund);
  const mine = held.filter((leg) => !wouldPayBesideSurplus(leg) && (!lacking.has(leg.payment) || promised(leg)));
  const legs = mine.filter((leg) => word === 'absent' || !waitsForProof(leg));
  if (legs.length === 0 && held.some(wouldPayBesideSurplus)) {
    return refused(
      'incident',
      'The gateway has a second refund for this leg. Going on would pay again; settle it at the gateway, then deny.',
    );
  }
  if (legs.length === 0 && mine.length > 0) return refused('not-proved', unproved);
  const released = legs.flatMap((leg) => letGo(leg, now, { word, restored }));
  return released.length > 0 ? events(...released) : refused('not-held', 'Only a held refund can be approved.');
}

/** Nothing that the gateway says can prove that it has nothing: asking again would hold again, for ever. */
const waitsForProof = (leg: Leg): boolean =>
  heldInDoubt(leg) && leg.now.is === 'held' && leg.now.reasons.includes('no-proof');

const unproved =
  'Nobody can tell whether this was paid, and the gateway can not prove that it was not. Look for it there: what is found ends this by itself. If it is not there, approve it with those words; or deny it.';

/** Holds that are about nothing but a doubt; what others refunded is shown beside it, and ends none. */
const ofDoubt: ReadonlySet<HoldReason> = new Set([
  'no-proof',
  'no-answer',
  'clock-wrong',
  'cannot-process',
  'refunded-elsewhere',
]);

/** What the shop said meanwhile is known to whoever lets it go on, and says nothing of the gateway. */
const ofNothingButDoubt = (reasons: readonly HoldReason[]): boolean =>
  reasons.some((reason) => ofDoubt.has(reason)) &&
  reasons.every((reason) => ofDoubt.has(reason) || reason === 'return-shrank' || reason === 'notice-conflict');

/** On a person's word the keys of before are done with; otherwise it goes on where it stood. */
function letGo(
  leg: Leg,
  at: Instant,
  { word, restored }: { word: 'absent' | undefined; restored: number },
): LegEvent[] {
  const forgotten = leg.now.is === 'held' && leg.now.reasons.includes('forgotten-refund');
  const released: LegEvent = { type: 'leg.released', v: 1, leg: leg.leg, at, ...(forgotten && { restored }) };
  const only = leg.now.is === 'held' && ofNothingButDoubt(leg.now.reasons);
  if (word !== 'absent' || !heldInDoubt(leg) || !only) return [released];
  return [released, { type: 'leg.renewed', v: 1, leg: leg.leg, epoch: leg.epoch + 1 }];
}

/** Releasing it, held as it is, would send again although a refund nobody wanted has reached the customer already. */
const wouldPayBesideSurplus = (leg: Leg): boolean => hasSurplus(leg) && !promised(leg);

/** The held legs that these events of a yes let go to be sent. One that the gateway has a refund for is only asked about. */
export const letGoToSend = (refund: Refund, yes: readonly RefundEvent[]): readonly Leg[] => {
  const released = new Set(yes.flatMap((event) => (event.type === 'leg.released' ? [event.leg] : [])));
  return heldLegs(refund).filter((leg) => released.has(leg.leg) && liveEvidence(leg) === undefined);
};

/** What came to payments, and whoever says yes was not shown: up to which entries they see it with this. */
export interface News {
  /** Somebody else refunded on one of them. */
  readonly elsewhere: boolean;
  /** On these a dispute was lost. */
  readonly chargedBack: readonly PaymentId[];
  readonly seen: Seen;
}

/**
 * What these events of a yes would let go stays held, for one more reason: what somebody else refunded since (F44), or a bank took back
 * (F46), is shown first. Said anew where it is a reason already, since there is more of it now.
 */
export function showNews(
  refund: Refund,
  yes: readonly RefundEvent[],
  { elsewhere, chargedBack, seen }: News,
): Decision {
  const more = (known: readonly HoldReason[], lost: boolean): HoldReason[] => {
    const told: HoldReason[] = [...(lost ? ['charged-back' as const] : []), ...(elsewhere ? [elsewhereToo] : [])];
    return [...known.filter((reason) => !told.includes(reason)), ...told];
  };
  if (refund.is === 'held') {
    const { reasons, plan, until } = refund;
    return events({
      type: 'refund.held',
      v: 1,
      reasons: more(reasons, chargedBack.length > 0),
      legs: plan,
      until,
      seen,
    });
  }
  return events(
    ...letGoToSend(refund, yes).flatMap(({ leg, payment, now }): LegEvent[] => {
      const lost = chargedBack.includes(payment);
      return now.is === 'held' && (lost || elsewhere)
        ? [{ type: 'leg.held', v: 1, leg, reasons: more(now.reasons, lost), until: now.until, seen }]
        : [];
    }),
  );
}

const elsewhereToo: HoldReason = 'refunded-elsewhere';

/** A person says no. A leg whose money may have moved is closed, and its amount stays reserved. */
export function deny(refund: Refund): Decision {
  if (refund.is === 'held' || refund.is === 'waiting') {
    return events({ type: 'refund.denied', v: 1, reasons: ['by-person'] });
  }
  const closed = heldLegs(refund).map((leg): LegEvent => ({ type: 'leg.closed', v: 1, leg: leg.leg }));
  return closed.length > 0 ? events(...closed) : refused('not-held', 'Only a held or waiting refund can be denied.');
}

const heldLegs = (refund: Refund): readonly Leg[] =>
  refund.is === 'approved' ? refund.legs.filter((leg) => leg.now.is === 'held') : [];
