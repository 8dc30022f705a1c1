import type { DisputeStage } from '../notice.ts';
import type { Instant } from '../time.ts';
import { confirmedBy } from './confirmed.ts';
import type { LegEvent, PlannedLeg, Seen, UnknownReason } from './event.ts';
import { active, heldLeg } from './held-leg.ts';
import { type HoldReason, incidents, onlyDisputed } from './hold-reason.ts';
import { type ForgottenKnown, knownOf, restated } from './known.ts';

/** One part of a refund, as its events tell it. */
export interface Leg extends PlannedLeg {
  readonly epoch: number;
  /** Requests allowed so far, over all epochs. */
  readonly sendings: number;
  /** Of this epoch: when the first and the last request was allowed; absent before. */
  readonly firstSentAt?: Instant;
  readonly lastSentAt?: Instant;
  /** Since when it is being tried, over all epochs; a person's word starts it anew. Absent before the first request. */
  readonly tryingSince?: Instant;
  /** Digest of what this epoch's key asks. */
  readonly request?: string;
  /** Where the last request of this epoch went: only there is its key known, and what it made. */
  readonly endpoint?: string;
  /** Since when a request of this epoch may have taken effect without our knowing; undefined where none may. */
  readonly doubtSince: Instant | undefined;
  /** The key answers with a stored failure, or with a success that the gateway has no more. */
  readonly spoiled: boolean;
  /** The gateway's refunds for this leg, by their id. `surplus` is one that we did not want. */
  readonly evidence: Readonly<Record<string, EvidenceState>>;
  /** What each surplus refund was counted with. */
  readonly surplusMinor: Readonly<Record<string, bigint>>;
  /** What the gateway says each refund is that it made of this leg; as much as was asked for, but for F78. */
  readonly confirmedMinor: Readonly<Record<string, bigint>>;
  /** What became known of disputes on its payment since the gateway has a refund for it. */
  readonly disputed?: DisputeStage;
  /** Of the last request of the epoch before, which a person says did nothing: asked about once more before anything is sent. */
  readonly vouchedFor?: Instant;
  /** A person let it go on knowing that a dispute on its payment was lost: of those up to an entry, or, by an older version, of all. */
  readonly chargebackKnown?: true;
  readonly chargebacksSeen?: number;
  /** A person let it go on knowing that its return was cancelled. */
  readonly cancelKnown?: true;
  /** When a person let it go on knowing that a refund of its order is one that a restored journal forgot. */
  readonly forgottenKnown?: ForgottenKnown;
  /** What its shop said since it was asked for, and nobody knew who let it go on. */
  readonly unseen?: readonly HoldReason[];
  /** What somebody else refunded on its payments after this was shown to nobody who let it go on (F44). */
  readonly unseenSince: Instant;
  /** Of each payment up to which entry it was: then no clock is asked. Absent where an older version wrote it. */
  readonly seen?: Seen;
  /** Every key this leg was sent under, the current one last. */
  readonly keys: readonly string[];
  readonly now: LegState;
}

/** `lost`: the gateway had it, and has it no more. */
export type EvidenceState = 'pending' | 'succeeded' | 'failed' | 'surplus' | 'lost';

export type LegState =
  | { readonly is: 'ready'; readonly notBefore: Instant }
  | { readonly is: 'sending'; readonly sending: number; readonly leaseUntil: Instant; readonly latestStart: Instant }
  | {
      readonly is: 'unknown';
      readonly since: Instant;
      readonly why: UnknownReason;
      readonly refusal?: string;
      readonly forPerson?: true;
      readonly because?: 'disputed';
      /** What was called refunded is nowhere: no request is under way, and the leg does not hold the payment's place. */
      readonly lost?: true;
      /** When the gateway was asked, since the last request, and had nothing. */
      readonly absentAt: readonly Instant[];
    }
  | { readonly is: 'pending'; readonly theirs: string; readonly since: Instant; readonly reason?: string }
  | { readonly is: 'refunded'; readonly theirs: string; readonly since: Instant }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'failed'; readonly theirs: string; readonly reason: string; readonly since: Instant }
  | {
      readonly is: 'held';
      readonly reasons: readonly HoldReason[];
      readonly since: Instant;
      readonly until: Instant;
      readonly from: ActiveState;
      /** Where it is held for a chargeback: those up to this entry of its payment are shown. */
      readonly chargebacks?: number;
    }
  /** `inDoubt`: money may have moved all the same, so that its gateway is asked on. */
  | { readonly is: 'closed'; readonly inDoubt: boolean; readonly since: Instant };

/** What a leg was before it was held, and what releasing it goes back to. */
export type ActiveState = Exclude<LegState, { is: 'held' | 'closed' }>;

/** The same for a leg; what is not listed is the gateway's word and can come at any time. */
const followsInLeg: Readonly<Partial<Record<LegEvent['type'], readonly LegState['is'][]>>> = {
  'leg.sending': ['ready', 'unknown'],
  'leg.unknown': ['sending'],
  'leg.deferred': ['sending'],
  'leg.absent': ['unknown'],
  'leg.renewed': ['unknown'],
  'leg.refused': ['sending', 'unknown'],
  'leg.released': ['held'],
  'leg.lost': ['refunded'],
  'leg.closed': ['held'],
};

/** The leg after `event`, which happened at `at`. Pure; an event that can't follow is a bug and throws. */
export function changeLeg(leg: Leg, event: LegEvent, at: Instant): Leg {
  const impossible = followsInLeg[event.type]?.includes(leg.now.is) === false;
  if (impossible) throw new Error(`${event.type} for a leg that is ${leg.now.is}`);
  switch (event.type) {
    case 'leg.sending':
      return underWay(leg, event, at);
    case 'leg.accepted':
      return withEvidence(confirmedBy(leg, event), event.theirs, event.state, acceptedState(leg, event, at));
    case 'leg.unknown':
      return unanswered(leg, event, at);
    case 'leg.deferred':
      return {
        ...leg,
        now: leg.doubtSince === undefined ? { is: 'ready', notBefore: event.until } : inDoubt(leg.doubtSince),
      };
    case 'leg.absent':
      if (leg.now.is !== 'unknown') throw new Error(`leg.absent for a leg that is ${leg.now.is}`);
      return { ...leg, now: { ...leg.now, absentAt: [...leg.now.absentAt, event.askedAt] } };
    case 'leg.renewed':
      if (event.epoch !== leg.epoch + 1) throw new Error(`epoch ${event.epoch} after ${leg.epoch}`);
      return { ...nextEpoch(leg, event.epoch, at), ...vouched(leg, at) };
    case 'leg.refused':
      return { ...leg, doubtSince: undefined, now: { is: 'refused', code: event.code } };
    case 'leg.failed':
      return withEvidence(leg, event.theirs, 'failed', failedState(event, at));
    case 'leg.noted':
    case 'leg.surplus-failed':
      return { ...leg, evidence: { ...leg.evidence, [event.theirs]: 'failed' } };
    case 'leg.disputed':
      return { ...leg, disputed: event.stage };
    case 'leg.lost':
      return lostAgain(leg, event, at);
    case 'leg.surplus':
      return {
        ...leg,
        evidence: { ...leg.evidence, [event.theirs]: 'surplus' },
        surplusMinor: { ...leg.surplusMinor, [event.theirs]: event.amountMinor },
      };
    case 'leg.held':
      return heldLeg(leg, event, at);
    case 'leg.restated':
      return { ...leg, unseen: restated(leg.unseen, event.reason) };
    case 'leg.released':
      return release(leg, event, at);
    case 'leg.closed':
      return { ...leg, now: { is: 'closed', inDoubt: mayHaveMoved(leg), since: at } };
  }
}

/** Held for nothing but a dispute: goes on by itself when that ends. */
export const waitsForDispute = ({ now }: Leg): boolean => now.is === 'held' && onlyDisputed(now.reasons);

function acceptedState(leg: Leg, event: Extract<LegEvent, { type: 'leg.accepted' }>, at: Instant): ActiveState {
  const { theirs, reason } = event;
  if (event.state === 'succeeded') return { is: 'refunded', theirs, since: at };
  // Another reason for it is no new beginning.
  const since = leg.now.is === 'pending' && leg.now.theirs === theirs ? leg.now.since : at;
  return { is: 'pending', theirs, since, ...(reason && { reason }) };
}

function failedState({ theirs, reason }: Extract<LegEvent, { type: 'leg.failed' }>, at: Instant): ActiveState {
  return { is: 'failed', theirs, reason, since: at };
}

function unanswered(leg: Leg, event: Extract<LegEvent, { type: 'leg.unknown' }>, at: Instant): Leg {
  const { refusal, forPerson, because, why } = event;
  const doubtSince = leg.doubtSince ?? (why === 'ambiguous-refusal' ? undefined : at);
  const refused = {
    ...(refusal !== undefined && { refusal }),
    ...(forPerson && { forPerson }),
    ...(because && { because }),
  };
  const now = { is: 'unknown', since: doubtSince ?? at, why, absentAt: [], ...refused } as const;
  return { ...leg, doubtSince, spoiled: leg.spoiled || event.spoiled, now };
}

/** As unknown as after silence, except that nothing is under way; and its key may answer with a success that is no more. */
const lostAgain = (leg: Leg, { theirs }: Extract<LegEvent, { type: 'leg.lost' }>, at: Instant): Leg => ({
  ...leg,
  doubtSince: at,
  spoiled: true,
  evidence: { ...leg.evidence, [theirs]: 'lost' },
  now: { is: 'unknown', since: at, why: 'lost', absentAt: [], lost: true },
});

/** We renew on two absences and nobody else; without any it is a person's word. */
const vouched = ({ now, lastSentAt }: Leg, at: Instant): { readonly vouchedFor?: Instant } =>
  now.is === 'unknown' && now.absentAt.length === 0 ? { vouchedFor: lastSentAt ?? at } : {};

/** A request is allowed: the epoch's clock starts with its first one. */
function underWay(leg: Leg, event: Extract<LegEvent, { type: 'leg.sending' }>, at: Instant): Leg {
  const { sending, leaseUntil, latestStart } = event;
  const { vouchedFor: _, ...rest } = leg;
  return {
    ...rest,
    sendings: sending,
    firstSentAt: leg.firstSentAt ?? at,
    lastSentAt: at,
    tryingSince: leg.tryingSince ?? at,
    request: event.request,
    endpoint: event.endpoint,
    keys: leg.keys.includes(event.key) ? leg.keys : [...leg.keys, event.key],
    now: { is: 'sending', sending, leaseUntil, latestStart },
  };
}

/** Evidence ends doubt: the leg has an answer. A hold that is about the evidence itself stays. */
function withEvidence(leg: Leg, theirs: string, state: 'pending' | 'succeeded' | 'failed', now: ActiveState): Leg {
  const evidence = { ...leg.evidence, [theirs]: state };
  const stays = leg.now.is === 'held' && leg.now.reasons.some((reason) => incidents.has(reason));
  return { ...leg, doubtSince: undefined, evidence, now: stays ? { ...leg.now, from: now } : now };
}

function nextEpoch(leg: Leg, epoch: number, at: Instant): Leg {
  const { firstSentAt: _, lastSentAt: __, request: ___, endpoint: ____, ...rest } = leg;
  return { ...rest, epoch, doubtSince: undefined, spoiled: false, now: { is: 'ready', notBefore: at } };
}

function release(
  { tryingSince: _, ...before }: Leg,
  by: Extract<LegEvent, { type: 'leg.released' }>,
  at: Instant,
): Leg {
  if (before.now.is !== 'held') throw new Error(`leg.released for a leg that is ${before.now.is}`);
  const { from } = before.now;
  const leg: Leg = { ...before, ...knownOf(before.now, { ...by, at }, before.unseen) };
  if (from.is === 'failed' || from.is === 'refused') return nextEpoch(leg, leg.epoch + 1, at);
  if (from.is === 'unknown') return { ...leg, now: { ...from, since: at, absentAt: [] } };
  // Of a success, too: nobody looked for it at its ages while it was held, and they begin anew.
  if (from.is === 'pending' || from.is === 'refunded') return { ...leg, now: { ...from, since: at } };
  return { ...leg, now: from };
}

/** After a resend that surely did nothing: the earlier request is as doubtful as before. */
const inDoubt = (since: Instant): LegState => ({ is: 'unknown', since, why: 'no-outcome', absentAt: [] });

/** Nothing was sent and nothing was heard: news can come before a request we know of, after a restore (F117). */
export const untouched = (leg: Leg): boolean =>
  leg.sendings === 0 && leg.now.is !== 'closed' && Object.keys(leg.evidence).length === 0;

/** Whether giving up on this leg may leave money moved: then its amount stays reserved. */
export function mayHaveMoved(leg: Leg): boolean {
  const { is } = active(leg.now);
  return leg.doubtSince !== undefined || is === 'sending' || is === 'unknown' || liveEvidence(leg) !== undefined;
}

/** The id of the refund that the gateway has for this leg and that has not failed. */
export const liveEvidence = (leg: Leg): string | undefined =>
  Object.entries(leg.evidence).find(([, state]) => state === 'pending' || state === 'succeeded')?.[0];
