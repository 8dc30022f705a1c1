import type { ConnectionName } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { Quote } from '../return.ts';
import type { StreamName } from '../streams.ts';
import type { Instant } from '../time.ts';
import type { DenyReason, LegEvent, PlannedLeg, RefundEvent, Seen, WaitReason } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import { chargebacksOf, lastSeen, shows, unseenFrom } from './known.ts';
import { changeLeg, type Leg, untouched } from './leg.ts';
import { gaveBackMinor } from './money-back.ts';

/** A refund as its events tell it. What belongs to a state is a field of that state. */
export type Refund =
  | { readonly is: 'none' }
  | (Request & { readonly is: 'requested' })
  | (Request & { readonly is: 'waiting'; readonly reason: WaitReason; readonly until: Instant })
  | (Request & {
      readonly is: 'held';
      readonly reasons: readonly HoldReason[];
      readonly since: Instant;
      readonly until: Instant;
      readonly plan: readonly PlannedLeg[];
      readonly unseenSince: Instant;
    })
  | (Request & { readonly is: 'denied'; readonly reasons: readonly DenyReason[] })
  | (Request & { readonly is: 'cancelled' })
  | (Request & {
      readonly is: 'approved';
      readonly legs: readonly Leg[];
      /** The shop was told that it is too late to cancel. */
      readonly cancelRefused?: true;
      /** How far the shop is told; absent before the first try. */
      readonly telling?: Telling;
    });

/** What the shop knows of a refund that it has no record of by itself. */
export type Telling =
  | (Attempts & { readonly is: 'telling' })
  | { readonly is: 'told'; readonly theirs: string; readonly amountsMinor: readonly bigint[] }
  /** With its attempts, since it may go on from them. */
  | (Attempts & { readonly is: 'given-up'; readonly code: string });

/** What was asked of the shop so far, all under one reference. */
export interface Attempts {
  readonly attempts: number;
  readonly reference: string;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** Any of these may be what the record says, where it is known at all. */
  readonly amountsMinor: readonly bigint[];
}

export interface Request {
  readonly return: { readonly connection: ConnectionName; readonly id: string };
  readonly number: number;
  readonly order: string;
  readonly currency: Currency;
  readonly quote: Quote;
  readonly notice: StreamName;
  /** The shop is to be told of it. */
  readonly tell?: true;
  /** Hold reasons that a person looked at and put aside. */
  readonly cleared: readonly HoldReason[];
  /** Since it was first put before a person, or since they were last shown what others refunded: what came after that nobody saw (F44). */
  readonly unseenSince?: Instant;
  /** Up to which entry of each payment that was. Absent where an older version wrote it: then the time counts. */
  readonly seen?: Seen;
  /** The chargebacks that whoever looks at it was shown last: those up to these entries. */
  readonly chargebacksSeen?: Seen;
}

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
      return heldAsPlanned(refund, event, at);
    case 'refund.resumed': {
      const cleared = [...request.cleared, ...event.cleared];
      return { ...request, cleared, is: 'waiting', reason: 'payment-unknown', until: event.until };
    }
    case 'refund.approved':
      return { ...request, is: 'approved', legs: event.legs.map((leg) => approvedLeg(refund, leg, event, at)) };
    case 'refund.denied':
      return { ...request, is: 'denied', reasons: event.reasons };
    case 'refund.cancelled':
      if (refund.is === 'approved' && !refund.legs.every(untouched))
        throw new Error('refund.cancelled after a request');
      return { ...request, is: 'cancelled' };
    case 'refund.cancel-refused':
      return refund.is === 'approved' ? { ...refund, cancelRefused: true } : refund;
    case 'refund.telling':
    case 'refund.told':
    case 'refund.tell-given-up':
      return refund.is === 'approved' ? { ...refund, telling: afterTelling(refund.telling, event, at) } : refund;
  }
}

/** A leg at the moment of its approval. */
export const freshLeg = (leg: PlannedLeg, at: Instant): Leg => ({
  ...leg,
  epoch: 1,
  sendings: 0,
  doubtSince: undefined,
  spoiled: false,
  evidence: {},
  surplusMinor: {},
  confirmedMinor: {},
  keys: [],
  unseenSince: at,
  now: { is: 'ready', notBefore: at },
});

function heldAsPlanned(
  refund: Exclude<Refund, { is: 'none' }>,
  event: Extract<RefundEvent, { type: 'refund.held' }>,
  at: Instant,
): Refund {
  const { reasons, until, legs: plan } = event;
  const request = requestOf(refund);
  const { unseenSince } = request;
  const shown =
    unseenSince === undefined || shows(reasons, reasonsOf(refund)) ? unseenFrom(at, event.seen) : { unseenSince };
  const chargebacksSeen = chargebacksOf(event);
  return {
    ...request,
    is: 'held',
    reasons,
    since: at,
    until,
    plan,
    ...shown,
    ...(chargebacksSeen && { chargebacksSeen }),
  };
}

/**
 * A person who approves sees what it was held for, and of what others refunded, or a bank took back, no more than was shown by then. Where
 * nobody was asked, the decision knows what it was made from.
 */
function approvedLeg(
  before: Exclude<Refund, { is: 'none' }>,
  planned: PlannedLeg,
  { seen: decidedFrom }: Extract<RefundEvent, { type: 'refund.approved' }>,
  at: Instant,
): Leg {
  const { unseenSince, chargebacksSeen } = before;
  const seen = unseenSince === undefined ? decidedFrom : before.seen;
  const known =
    before.cleared.includes('charged-back') || (before.is === 'held' && before.reasons.includes('charged-back'));
  return {
    ...freshLeg(planned, at),
    ...unseenFrom(unseenSince ?? at, seen),
    ...(known && { chargebackKnown: true as const }),
    ...(known && chargebacksSeen && { chargebacksSeen: lastSeen(chargebacksSeen, planned.payment) }),
  };
}

/** After which states an event can happen. An approval forgets nothing: a second one would send again what was sent. */
const follows: Readonly<
  Record<Exclude<RefundEvent['type'], LegEvent['type'] | 'refund.requested'>, readonly Refund['is'][]>
> = {
  'refund.waiting': ['requested', 'waiting'],
  'refund.held': ['requested', 'waiting', 'held'],
  'refund.resumed': ['held'],
  'refund.approved': ['requested', 'waiting', 'held'],
  'refund.denied': ['requested', 'waiting', 'held'],
  'refund.cancelled': ['requested', 'waiting', 'held', 'approved'],
  'refund.cancel-refused': ['approved'],
  'refund.telling': ['approved'],
  'refund.told': ['approved'],
  'refund.tell-given-up': ['approved'],
};

function afterTelling(
  before: Telling | undefined,
  event: Extract<RefundEvent, { type: 'refund.telling' | 'refund.told' | 'refund.tell-given-up' }>,
  at: Instant,
): Telling {
  switch (event.type) {
    case 'refund.telling': {
      const firstAt = attemptsOf(before)?.firstAt ?? at;
      const amounts = [
        ...(attemptsOf(before)?.amountsMinor ?? []),
        ...(event.amountMinor === undefined ? [] : [event.amountMinor]),
      ];
      const amountsMinor = [...new Set(amounts)];
      return { is: 'telling', attempts: event.attempt, reference: event.reference, firstAt, lastAt: at, amountsMinor };
    }
    case 'refund.told':
      return { is: 'told', theirs: event.theirs, amountsMinor: attemptsOf(before)?.amountsMinor ?? [] };
    case 'refund.tell-given-up': {
      const asked = attemptsOf(before) ?? { attempts: 0, reference: '', firstAt: at, lastAt: at, amountsMinor: [] };
      return { ...asked, is: 'given-up', code: event.code };
    }
  }
}

/** Undefined where the shop was not asked, or has answered. */
export const attemptsOf = (telling: Telling | undefined): Attempts | undefined =>
  telling === undefined || telling.is === 'told' ? undefined : telling;

/** A refund's state from its whole history. */
export const replay = (history: readonly { readonly at: Instant; readonly events: readonly RefundEvent[] }[]): Refund =>
  history.reduce<Refund>(
    (state, { at, events }) => events.reduce<Refund>((now, event) => evolve(now, event, at), state),
    none,
  );

/** What the customer has back by now, whoever closed what; not of a leg that somebody still looks at. */
export const backMinor = (refund: Refund): bigint =>
  refund.is === 'approved'
    ? refund.legs.reduce((all, leg) => (leg.now.is === 'held' ? all : all + gaveBackMinor(leg)), 0n)
    : 0n;

/** The leg of that number. Undefined where there is none: the refund may have been cancelled since somebody read it. */
export const legIn = (refund: Refund, number: number): Leg | undefined =>
  refund.is === 'approved' ? refund.legs.find((one) => one.leg === number) : undefined;

/** The same; a bug where it does not exist. */
export function legOf(refund: Refund, number: number): Leg {
  const leg = legIn(refund, number);
  if (leg === undefined) throw new Error(`no leg ${number} in a refund that is ${refund.is}`);
  return leg;
}

const reasonsOf = (refund: Refund): readonly HoldReason[] => (refund.is === 'held' ? refund.reasons : []);

function requestOf(refund: Exclude<Refund, { is: 'none' }>): Request {
  const { return: of, number, order, currency, quote, notice, tell, cleared } = refund;
  const { unseenSince, seen, chargebacksSeen } = refund;
  const shown = {
    ...(unseenSince !== undefined && unseenFrom(unseenSince, seen)),
    ...(chargebacksSeen && { chargebacksSeen }),
  };
  return { return: of, number, order, currency, quote, notice, ...(tell && { tell }), cleared, ...shown };
}

function evolveLeg(refund: Refund, event: LegEvent, at: Instant): Refund {
  if (refund.is !== 'approved') throw new Error(`${event.type} in a refund that is ${refund.is}`);
  const changed = changeLeg(legOf(refund, event.leg), event, at);
  return { ...refund, legs: refund.legs.map((leg) => (leg.leg === event.leg ? changed : leg)) };
}
