import type { ConnectionName } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { Quote } from '../return.ts';
import type { StreamName } from '../streams.ts';
import type { Instant } from '../time.ts';
import type { DenyReason, HoldReason, LegEvent, PlannedLeg, RefundEvent, UnknownReason, WaitReason } from './event.ts';

/** A refund as its events tell it. What belongs to a state is a field of that state. */
export type Refund =
  | { readonly is: 'none' }
  | (Request & { readonly is: 'requested' })
  | (Request & { readonly is: 'waiting'; readonly reason: WaitReason; readonly until: Instant })
  | (Request & {
      readonly is: 'held';
      readonly reasons: readonly HoldReason[];
      readonly until: Instant;
      readonly plan: readonly PlannedLeg[];
    })
  | (Request & { readonly is: 'denied'; readonly reasons: readonly DenyReason[] })
  | (Request & { readonly is: 'cancelled' })
  | (Request & {
      readonly is: 'approved';
      readonly legs: readonly Leg[];
      /** The shop was told that it is too late to cancel. */
      readonly cancelRefused?: true;
    });

export interface Request {
  readonly return: { readonly connection: ConnectionName; readonly id: string };
  readonly number: number;
  readonly order: string;
  readonly currency: Currency;
  readonly quote: Quote;
  readonly notice: StreamName;
  /** Hold reasons that a person looked at and put aside. */
  readonly cleared: readonly HoldReason[];
}

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
  /** Since when a request of this epoch may have taken effect without our knowing; undefined where none may. */
  readonly doubtSince: Instant | undefined;
  /** The key answers with a stored failure. */
  readonly spoiled: boolean;
  /** The gateway's refunds for this leg, by their id. `surplus` is one that we did not want. */
  readonly evidence: Readonly<Record<string, EvidenceState>>;
  /** What each surplus refund was counted with. */
  readonly surplusMinor: Readonly<Record<string, bigint>>;
  /** Every key this leg was sent under, the current one last. */
  readonly keys: readonly string[];
  readonly now: LegState;
}

export type EvidenceState = 'pending' | 'succeeded' | 'failed' | 'surplus';

export type LegState =
  | { readonly is: 'ready'; readonly notBefore: Instant }
  | { readonly is: 'sending'; readonly sending: number; readonly leaseUntil: Instant; readonly latestStart: Instant }
  | {
      readonly is: 'unknown';
      readonly since: Instant;
      readonly why: UnknownReason;
      readonly refusal?: string;
      readonly forPerson?: true;
      /** When the gateway said, since the last request, that it has nothing. */
      readonly absentAt: readonly Instant[];
    }
  | { readonly is: 'pending'; readonly theirs: string; readonly since: Instant; readonly reason?: string }
  | { readonly is: 'refunded'; readonly theirs: string }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'failed'; readonly theirs: string; readonly reason: string }
  | {
      readonly is: 'held';
      readonly reasons: readonly HoldReason[];
      readonly until: Instant;
      readonly from: ActiveState;
    }
  | { readonly is: 'closed'; readonly inDoubt: boolean };

/** What a leg was before it was held, and what releasing it goes back to. */
export type ActiveState = Exclude<LegState, { is: 'held' | 'closed' }>;

export const none: Refund = { is: 'none' };

/** The state after `event`, which happened at `at`. Pure; an event that can't follow is a bug and throws. */
export function evolve(refund: Refund, event: RefundEvent, at: Instant): Refund {
  if (event.type === 'refund.requested') {
    if (refund.is !== 'none') throw new Error('a refund is requested once');
    const { type: _, v: __, ...request } = event;
    return { is: 'requested', ...request, cleared: [] };
  }
  if (refund.is === 'none') throw new Error(`${event.type} before refund.requested`);
  if ('leg' in event) return evolveLeg(refund, event, at);
  if (!follows[event.type].includes(refund.is)) throw new Error(`${event.type} for a refund that is ${refund.is}`);
  const request = requestOf(refund);
  switch (event.type) {
    case 'refund.waiting':
      return { ...request, is: 'waiting', reason: event.reason, until: event.until };
    case 'refund.held':
      return { ...request, is: 'held', reasons: event.reasons, until: event.until, plan: event.legs };
    case 'refund.resumed': {
      const cleared = [...request.cleared, ...event.cleared];
      return { ...request, cleared, is: 'waiting', reason: 'payment-unknown', until: event.until };
    }
    case 'refund.approved':
      return { ...request, is: 'approved', legs: event.legs.map((leg) => freshLeg(leg, at)) };
    case 'refund.denied':
      return { ...request, is: 'denied', reasons: event.reasons };
    case 'refund.cancelled':
      if (refund.is === 'approved' && !refund.legs.every(untouched))
        throw new Error('refund.cancelled after a request');
      return { ...request, is: 'cancelled' };
    case 'refund.cancel-refused':
      return refund.is === 'approved' ? { ...refund, cancelRefused: true } : refund;
  }
}

/** After which states an event can happen. An approval forgets nothing: a second one would send again what was sent. */
const follows: Readonly<Record<Exclude<RefundEvent, LegEvent>['type'], readonly Refund['is'][]>> = {
  'refund.requested': ['none'],
  'refund.waiting': ['requested', 'waiting'],
  'refund.held': ['requested', 'waiting', 'held'],
  'refund.resumed': ['held'],
  'refund.approved': ['requested', 'waiting', 'held'],
  'refund.denied': ['requested', 'waiting', 'held'],
  'refund.cancelled': ['requested', 'waiting', 'held', 'approved'],
  'refund.cancel-refused': ['approved'],
};

/** The same for a leg; what is not listed is the gateway's word and can come at any time. */
const followsInLeg: Readonly<Partial<Record<LegEvent['type'], readonly LegState['is'][]>>> = {
  'leg.sending': ['ready', 'unknown'],
  'leg.unknown': ['sending'],
  'leg.deferred': ['sending'],
  'leg.absent': ['unknown'],
  'leg.renewed': ['unknown'],
  'leg.refused': ['sending', 'unknown'],
  'leg.released': ['held'],
  'leg.closed': ['held'],
};

/** A refund's state from its whole history. */
export const replay = (history: readonly { readonly at: Instant; readonly events: readonly RefundEvent[] }[]): Refund =>
  history.reduce<Refund>(
    (state, { at, events }) => events.reduce<Refund>((now, event) => evolve(now, event, at), state),
    none,
  );

/** The leg of that number; a bug where it does not exist. */
export function legOf(refund: Refund, number: number): Leg {
  const leg = refund.is === 'approved' ? refund.legs.find((one) => one.leg === number) : undefined;
  if (leg === undefined) throw new Error(`no leg ${number} in a refund that is ${refund.is}`);
  return leg;
}

const freshLeg = (leg: PlannedLeg, at: Instant): Leg => ({
  ...leg,
  epoch: 1,
  sendings: 0,
  doubtSince: undefined,
  spoiled: false,
  evidence: {},
  surplusMinor: {},
  keys: [],
  now: { is: 'ready', notBefore: at },
});

function requestOf(refund: Exclude<Refund, { is: 'none' }>): Request {
  const { return: of, number, order, currency, quote, notice, cleared } = refund;
  return { return: of, number, order, currency, quote, notice, cleared };
}

function evolveLeg(refund: Refund, event: LegEvent, at: Instant): Refund {
  if (refund.is !== 'approved') throw new Error(`${event.type} in a refund that is ${refund.is}`);
  const leg = legOf(refund, event.leg);
  const impossible = followsInLeg[event.type]?.includes(leg.now.is) === false;
  if (impossible) throw new Error(`${event.type} for a leg that is ${leg.now.is}`);
  const changed = changeLeg(leg, event, at);
  return { ...refund, legs: refund.legs.map((leg) => (leg.leg === event.leg ? changed : leg)) };
}

function changeLeg(leg: Leg, event: LegEvent, at: Instant): Leg {
  switch (event.type) {
    case 'leg.sending': {
      const { sending, leaseUntil, latestStart } = event;
      return {
        ...leg,
        sendings: sending,
        firstSentAt: leg.firstSentAt ?? at,
        lastSentAt: at,
        tryingSince: leg.tryingSince ?? at,
        request: event.request,
        keys: leg.keys.includes(event.key) ? leg.keys : [...leg.keys, event.key],
        now: { is: 'sending', sending, leaseUntil, latestStart },
      };
    }
    case 'leg.accepted':
      return withEvidence(leg, event.theirs, event.state, {
        ...(event.state === 'succeeded'
          ? { is: 'refunded', theirs: event.theirs }
          : { is: 'pending', theirs: event.theirs, since: at, ...(event.reason && { reason: event.reason }) }),
      });
    case 'leg.unknown': {
      const { refusal: code, forPerson } = event;
      const refusal = { ...(code !== undefined && { refusal: code }), ...(forPerson && { forPerson }) };
      const doubtSince = leg.doubtSince ?? (event.why === 'ambiguous-refusal' ? undefined : at);
      const now = { is: 'unknown', since: doubtSince ?? at, why: event.why, absentAt: [], ...refusal } as const;
      return { ...leg, doubtSince, spoiled: leg.spoiled || event.spoiled, now };
    }
    case 'leg.deferred':
      return {
        ...leg,
        now: leg.doubtSince === undefined ? { is: 'ready', notBefore: event.until } : inDoubt(leg.doubtSince),
      };
    case 'leg.absent': {
      if (leg.now.is !== 'unknown') throw new Error(`leg.absent for a leg that is ${leg.now.is}`);
      return { ...leg, now: { ...leg.now, absentAt: [...leg.now.absentAt, at] } };
    }
    case 'leg.renewed':
      return nextEpoch(leg, event.epoch, at);
    case 'leg.refused':
      return { ...leg, doubtSince: undefined, now: { is: 'refused', code: event.code } };
    case 'leg.failed':
      return withEvidence(leg, event.theirs, 'failed', { is: 'failed', theirs: event.theirs, reason: event.reason });
    case 'leg.noted':
    case 'leg.surplus-failed':
      return { ...leg, evidence: { ...leg.evidence, [event.theirs]: 'failed' } };
    case 'leg.surplus':
      return {
        ...leg,
        evidence: { ...leg.evidence, [event.theirs]: 'surplus' },
        surplusMinor: { ...leg.surplusMinor, [event.theirs]: event.amountMinor },
      };
    case 'leg.held':
      return { ...leg, now: { is: 'held', reasons: event.reasons, until: event.until, from: active(leg.now) } };
    case 'leg.released':
      return release(leg, at);
    case 'leg.closed':
      return { ...leg, now: { is: 'closed', inDoubt: mayHaveMoved(leg) } };
  }
}

/** Evidence ends doubt: the leg has an answer. A hold that is about the evidence itself stays. */
function withEvidence(leg: Leg, theirs: string, state: 'pending' | 'succeeded' | 'failed', now: ActiveState): Leg {
  const evidence = { ...leg.evidence, [theirs]: state };
  const incident = leg.now.is === 'held' && leg.now.reasons.some((reason) => incidents.has(reason));
  const next: LegState = incident && leg.now.is === 'held' ? { ...leg.now, from: now } : now;
  return { ...leg, doubtSince: undefined, evidence, now: next };
}

/** Holds that no further news from the gateway may lift: a person compares the two accounts. */
const incidents: ReadonlySet<HoldReason> = new Set(['two-refunds', 'echo-mismatch']);

function nextEpoch(leg: Leg, epoch: number, at: Instant): Leg {
  const { firstSentAt: _, lastSentAt: __, request: ___, ...rest } = leg;
  return { ...rest, epoch, doubtSince: undefined, spoiled: false, now: { is: 'ready', notBefore: at } };
}

function release({ tryingSince: _, ...leg }: Leg, at: Instant): Leg {
  if (leg.now.is !== 'held') throw new Error(`leg.released for a leg that is ${leg.now.is}`);
  const { from } = leg.now;
  switch (from.is) {
    case 'failed':
    case 'refused':
      return nextEpoch(leg, leg.epoch + 1, at);
    case 'unknown':
      return { ...leg, now: { ...from, since: at, absentAt: [] } };
    case 'pending':
      return { ...leg, now: { ...from, since: at } };
    default:
      return { ...leg, now: from };
  }
}

/** A hold never holds a hold: the first `from` stays. */
const active = (state: LegState): ActiveState => {
  if (state.is === 'held') return state.from;
  if (state.is === 'closed') throw new Error('a closed leg is not held');
  return state;
};

/** After a resend that surely did nothing: the earlier request is as doubtful as before. */
const inDoubt = (since: Instant): LegState => ({ is: 'unknown', since, why: 'no-outcome', absentAt: [] });

/** Nothing was sent and nothing was heard: news can come before a request we know of, after a restore (F117). */
export const untouched = (leg: Leg): boolean =>
  leg.sendings === 0 && leg.now.is !== 'closed' && Object.keys(leg.evidence).length === 0;

/** Whether giving up on this leg may leave money moved: then its amount stays reserved. */
export function mayHaveMoved(leg: Leg): boolean {
  const state = active(leg.now);
  return leg.doubtSince !== undefined || state.is === 'sending' || state.is === 'unknown' || hasLiveEvidence(leg);
}

/** The gateway has a refund for this leg that has not failed. */
export const hasLiveEvidence = (leg: Leg): boolean => liveEvidence(leg) !== undefined;

/** A second refund of the gateway's that nobody wanted lives beside it, or in its place. */
export const hasSurplus = (leg: Leg): boolean => Object.values(leg.evidence).includes('surplus');

/** The id of that refund. */
export const liveEvidence = (leg: Leg): string | undefined =>
  Object.entries(leg.evidence).find(([, state]) => state === 'pending' || state === 'succeeded')?.[0];
