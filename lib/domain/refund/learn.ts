import type { RefundEvidence } from '../notice.ts';
import { promised } from '../payment.ts';
import { type Decision, events, held, type Moment, nothing } from './decision.ts';
import type { LegEvent, Source } from './event.ts';
import { incidents } from './hold-reason.ts';
import { type Leg, liveEvidence } from './leg.ts';
import { counted, hasSurplus } from './money-back.ts';
import { legOf, type Refund } from './state.ts';

const rank = { lost: 0, pending: 1, succeeded: 2, failed: 3, surplus: 4 } as const;

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
  if (known === 'surplus' && state === 'failed') return events(...surplusFailed(leg, evidence, source, moment));
  const old = known !== undefined && rank[known] >= rank[state];
  if (old && !otherReason(leg, evidence) && !rightAtLast(refund, leg, evidence)) return nothing;
  const live = liveEvidence(leg);
  if (live !== undefined && live !== theirs && state !== 'failed') return events(...surplus(leg, evidence, moment));
  if (state === 'failed') return events(...failure(leg, evidence, source, moment));
  const accepted = { type: 'leg.accepted', v: 1, leg: number, theirs, state, source } as const;
  const { amountMinor, reason } = evidence;
  const comparable = refund.is === 'approved' && evidence.currency === refund.currency;
  if (comparable && amountMinor === leg.amountMinor)
    return events({ ...accepted, ...(reason !== undefined && { reason }) });
  return events({ ...accepted, ...(comparable && { amountMinor }) }, ...mismatch(leg, theirs, moment));
}

/** It is pending for another reason now: people see it, since one of them is that somebody must pay in. */
const otherReason = ({ now }: Leg, { theirs, state, reason }: RefundEvidence): boolean =>
  state === 'pending' && now.is === 'pending' && now.theirs === theirs && reason !== undefined && reason !== now.reason;

/** It was said to be another amount, and is what was asked for: that counts from now on, and whoever compares goes on comparing. */
function rightAtLast(refund: Refund, leg: Leg, { theirs, state, amountMinor, currency }: RefundEvidence): boolean {
  const said = leg.confirmedMinor[theirs] ?? leg.amountMinor;
  const right = amountMinor === leg.amountMinor && refund.is === 'approved' && currency === refund.currency;
  return right && said !== leg.amountMinor && leg.evidence[theirs] === state && liveEvidence(leg) === theirs;
}

function failure(leg: Leg, evidence: RefundEvidence, source: Source, moment: Moment): LegEvent[] {
  const reason = evidence.reason ?? 'failed';
  const failed: LegEvent = { type: 'leg.failed', v: 1, leg: leg.leg, theirs: evidence.theirs, reason, source };
  // What failed is an earlier try: it changes nothing about the one that counts, which may be under way.
  if (!aboutThisTry(leg, evidence)) return [{ type: 'leg.noted', v: 1, leg: leg.leg, theirs: evidence.theirs, source }];
  // A person has closed it, or compares two refunds: the fact is kept, and what they look at stays. But what they closed as the customer's is
  // the customer's no more, and they hear of it.
  if ((leg.now.is === 'closed' && !isAllThereWas(leg)) || besideAnother(leg)) return [failed];
  if (promised(leg)) return [failed, held(leg, ['failed-at-gateway'], moment)];
  // It was finally refused or failed before, and the amount is free already. Kept all the same, so that older news of this id is old.
  return leg.now.is === 'held' ? [failed, held(leg, leg.now.reasons, moment)] : [failed];
}

/** What the customer had through this leg was its one success, or is what is left after the second of two refunds failed. */
const isAllThereWas = (leg: Leg): boolean =>
  !hasSurplus(leg) && (counted(leg) || Object.keys(leg.surplusMinor).length > 0);

/** Of the refund that lives, or of the request of this epoch that has no answer yet. */
function aboutThisTry(leg: Leg, evidence: RefundEvidence): boolean {
  const live = liveEvidence(leg);
  if (live !== undefined) return live === evidence.theirs;
  return leg.firstSentAt !== undefined && (evidence.key === undefined || evidence.key === leg.keys.at(-1));
}

/**
 * The gateway confirms another amount than we asked for: a person compares, and no news lifts that (F78). What it says is on record all the
 * same, since money does move: how far it is, and how much. An amount of another currency can't be counted: then as much as was asked for is.
 */
function mismatch(leg: Leg, theirs: string, moment: Moment): LegEvent[] {
  const { now } = leg;
  const compared = now.is === 'closed' || (now.is === 'held' && now.reasons.some((reason) => incidents.has(reason)));
  return compared && liveEvidence(leg) === theirs ? [] : [held(leg, ['echo-mismatch'], moment)];
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

/**
 * Gives back what was counted, whatever the failure says about the amount. Where the first one failed before, and a person closed the leg with
 * this one as the customer's, the customer has nothing any more: it has failed as a whole, and a person hears of it.
 */
function surplusFailed(
  leg: Leg,
  { theirs, reason = 'failed' }: RefundEvidence,
  source: Source,
  moment: Moment,
): LegEvent[] {
  const { leg: number, surplusMinor } = leg;
  const amountMinor = surplusMinor[theirs] ?? 0n;
  const gone: LegEvent = { type: 'leg.surplus-failed', v: 1, leg: number, theirs, amountMinor };
  const lastOne = Object.values(leg.evidence).filter((state) => state === 'surplus').length === 1;
  const settled = leg.now.is === 'closed' || leg.now.is === 'failed';
  if (!settled || promised(leg) || !lastOne) return [gone];
  return [
    gone,
    { type: 'leg.failed', v: 1, leg: number, theirs, reason, source },
    held(leg, ['failed-at-gateway'], moment),
  ];
}

const besideAnother = (leg: Leg): boolean => leg.now.is === 'held' && leg.now.reasons.includes('two-refunds');
