import { backoff, type Tempo } from '../tempo.ts';
import type { Instant } from '../time.ts';
import { earlier, later, plus } from '../time.ts';
import type { HoldReason } from './hold-reason.ts';
import { type Leg, waitsForDispute } from './leg.ts';
import { backSince } from './money-back.ts';

/** What of a gateway's capabilities decides when a request may be repeated. */
export interface KeyRules {
  readonly keyWindowMs: number;
  readonly keyRemembers: 'all' | 'successes' | 'nothing';
  readonly lateArrivalMs: number;
  readonly lookup: 'authoritative' | 'eventual' | 'none';
}

/** The next thing to do for a leg. */
export type Step =
  | { readonly do: 'nothing' }
  | { readonly do: 'wait'; readonly until: Instant }
  /** Take the right to send once, and send. */
  | { readonly do: 'send' }
  /** Whoever had the right to send is gone: say so. */
  | { readonly do: 'give-up-lease' }
  /** Ask the gateway what it has under our keys. */
  | { readonly do: 'find' }
  /** Poll a refund that the gateway has not finished. */
  | { readonly do: 'poll' }
  /** Absence is proved twice: a new key is safe. */
  | { readonly do: 'renew' }
  /** The refusal was about this request and no earlier one: believe it; it is held where a person could change its reason. */
  | { readonly do: 'refuse'; readonly code: string; readonly forPerson?: true; readonly because?: 'disputed' }
  | { readonly do: 'hold'; readonly reasons: readonly HoldReason[] };

/**
 * The one place that decides about retrying. A timeout is not a failure, so nothing here ever makes a new key without proof that
 * the old one did nothing and can do nothing any more. Pure.
 *
 * Windows count from the first request of an epoch (that is when the gateway's clock started), waits from the last.
 */
export function nextStep(leg: Leg, now: Instant, rules: KeyRules, tempo: Tempo): Step {
  switch (leg.now.is) {
    case 'ready':
      if (triedTooLong(leg, now, now, tempo)) return { do: 'hold', reasons: ['no-answer'] };
      return sendFrom(leg, leg.now.notBefore, now, rules, tempo);
    case 'sending':
      return now < leg.now.leaseUntil ? { do: 'wait', until: leg.now.leaseUntil } : { do: 'give-up-lease' };
    case 'unknown':
      return afterSilence(leg, leg.now, now, rules, tempo);
    case 'pending':
      return now >= plus(leg.now.since, tempo.pendingLimitMs)
        ? { do: 'hold', reasons: ['pending-too-long'] }
        : { do: 'poll' };
    default:
      return { do: 'nothing' };
  }
}

/** Where a person says that the requests of before did nothing, not before the last of them can do nothing any more. */
function sendFrom(leg: Leg, notBefore: Instant, now: Instant, rules: KeyRules, tempo: Tempo): Step {
  const { vouchedFor } = leg;
  const at = vouchedFor === undefined ? notBefore : later(notBefore, plus(vouchedFor, slowestMs(rules, tempo)));
  return now < at ? { do: 'wait', until: at } : { do: 'send' };
}

/** The last request may have started as late as it was allowed to, and its lateness counts from when it was given up. */
const slowestMs = (rules: KeyRules, tempo: Tempo): number =>
  tempo.latestStartMs + tempo.gatewayLimitMs + rules.lateArrivalMs + tempo.skewMs;

/** Counted over all epochs: a gateway that takes no request and yet says that it has none, or "not now", would be tried for ever. */
const triedTooLong = (leg: Leg, since: Instant, now: Instant, tempo: Tempo): boolean =>
  now >= plus(leg.tryingSince ?? since, tempo.unknownLimitMs);

/** Whether a leg has been without an end for longer than anybody should wait for it, whatever its gateway could still do. */
export function overdue(leg: Leg, now: Instant, tempo: Tempo): boolean {
  return now >= (overdueAt(leg, tempo) ?? Number.POSITIVE_INFINITY);
}

/** When that will be so; undefined for a leg that waits for nothing of a gateway's. */
export function overdueAt(leg: Leg, tempo: Tempo): Instant | undefined {
  const triedUntil = (since: Instant) => plus(leg.tryingSince ?? since, tempo.unknownLimitMs);
  switch (leg.now.is) {
    case 'ready':
      return triedUntil(leg.now.notBefore);
    case 'sending':
      return triedUntil(leg.now.leaseUntil);
    case 'unknown':
      return triedUntil(leg.now.since);
    case 'pending':
      return plus(leg.now.since, tempo.pendingLimitMs);
    // Stryker disable next-line ConditionalExpression: without a case the answer is undefined too
    default:
      return undefined;
  }
}

type Unknown = Extract<Leg['now'], { is: 'unknown' }>;

function afterSilence(leg: Leg, state: Unknown, now: Instant, rules: KeyRules, tempo: Tempo): Step {
  if (triedTooLong(leg, state.since, now, tempo)) return { do: 'hold', reasons: ['no-answer'] };
  const settled = plus(leg.lastSentAt ?? state.since, slowestMs(rules, tempo));
  if (rules.lookup !== 'authoritative') return withoutProof(leg, settled, now, rules, tempo);
  const proofs = state.absentAt.filter((at) => at >= settled);
  if (state.absentAt.length === 0) return { do: 'find' };
  if (state.refusal !== undefined) return believe(leg, { code: state.refusal, ...state }, proofs, settled, now);
  if (rules.keyRemembers === 'nothing') return provedOnce(proofs, settled, now, { do: 'hold', reasons: ['no-proof'] });
  if (mayResend(leg, now, rules, tempo)) {
    return rules.keyRemembers === 'all'
      ? resend(leg, now, tempo)
      : provedOnce(proofs, settled, now, resend(leg, now, tempo));
  }
  return provedTwice(proofs, settled, now, rules);
}

/** Inside the window, with room for the request itself, its lateness and our clocks; and not under a key that is spoiled. */
function mayResend(leg: Leg, now: Instant, rules: KeyRules, tempo: Tempo): boolean {
  if (leg.spoiled || leg.firstSentAt === undefined) return false;
  return plus(now, slowestMs(rules, tempo)) < plus(leg.firstSentAt, rules.keyWindowMs);
}

/**
 * No lookup, or one that lags: the key itself is the only protection, and it ends with its window. A lagging one may find what was made,
 * and is asked until the last request can do nothing any more; that it finds nothing proves nothing.
 */
function withoutProof(leg: Leg, settled: Instant, now: Instant, rules: KeyRules, tempo: Tempo): Step {
  const safe = rules.keyRemembers === 'all' && mayResend(leg, now, rules, tempo);
  // No question comes before each of these requests: the waits grow with the time they have taken, so that days make dozens of them.
  const sofar = (leg.lastSentAt ?? now) - (leg.tryingSince ?? now);
  if (safe) return resend(leg, now, tempo, Math.floor(sofar / 2));
  return rules.lookup === 'eventual' && now < settled ? { do: 'find' } : { do: 'hold', reasons: ['no-proof'] };
}

function resend(leg: Leg, now: Instant, tempo: Tempo, leastMs = 0): Step {
  const waitMs = Math.max(leastMs, backoff(tempo.askAgainMs, Math.max(0, leg.sendings - 1)));
  const at = plus(leg.lastSentAt ?? now, waitMs);
  return now < at ? { do: 'wait', until: at } : { do: 'send' };
}

/** A refusal in hand and nothing found. Where no request was lost it is believed at once, otherwise after the last could have arrived. */
function believe(
  leg: Leg,
  { code, forPerson, because }: { readonly code: string; readonly forPerson?: true; readonly because?: 'disputed' },
  proofs: readonly Instant[],
  settled: Instant,
  now: Instant,
): Step {
  const refuse: Step = { do: 'refuse', code, ...(forPerson && { forPerson }), ...(because && { because }) };
  const conclusion: Step = code === 'key-reused' ? { do: 'hold', reasons: ['key-reused'] } : refuse;
  return leg.doubtSince === undefined ? conclusion : provedOnce(proofs, settled, now, conclusion);
}

function provedOnce(proofs: readonly Instant[], settled: Instant, now: Instant, then: Step): Step {
  if (proofs.length > 0) return then;
  return now < settled ? { do: 'wait', until: settled } : { do: 'find' };
}

function provedTwice(proofs: readonly Instant[], settled: Instant, now: Instant, rules: KeyRules): Step {
  const [first, ...rest] = proofs;
  if (first === undefined) return now < settled ? { do: 'wait', until: settled } : { do: 'find' };
  const second = plus(first, rules.lateArrivalMs);
  if (rest.some((at) => at >= second)) return { do: 'renew' };
  return now < second ? { do: 'wait', until: second } : { do: 'find' };
}

/** When a leg must next be looked at, if nothing else happens: undefined where nothing is owed. */
export function legDueAt(leg: Leg, now: Instant, tempo: Tempo): Instant | undefined {
  switch (leg.now.is) {
    case 'ready':
      return later(leg.now.notBefore, plus(now, tempo.graceMs));
    case 'sending':
      return leg.now.leaseUntil;
    case 'unknown':
      return plus(now, tempo.graceMs);
    case 'pending':
      return nextPoll(leg.now.since, now, tempo);
    case 'refunded':
    case 'failed':
    case 'closed': {
      const poll = stillAsked(leg, now, tempo) ? nextPoll(leg.now.since, now, tempo) : undefined;
      const since = backSince(leg);
      const check = since === undefined ? undefined : nextCheck(since, now, tempo);
      return poll !== undefined && check !== undefined ? earlier(poll, check) : (poll ?? check);
    }
    case 'held': {
      const reminder = nextReminder(leg.now.until, now, tempo);
      const asks = waitsForDispute(leg) || stillAsked(leg, now, tempo);
      return asks ? earlier(reminder, nextPoll(leg.now.since, now, tempo)) : reminder;
    }
    // Stryker disable next-line ConditionalExpression: without a case the answer is undefined too
    default:
      return undefined;
  }
}

/** Held without knowing whether money moved: what the gateway says of it is still worth asking for. */
export const heldInDoubt = ({ now }: Leg): boolean => now.is === 'held' && now.from.is === 'unknown';

/** Held while the gateway has not said how it ends: in doubt, pending there, or while a request may have been under way. */
export const heldUnfinished = (leg: Leg): boolean =>
  heldInDoubt(leg) ||
  (leg.now.is === 'held' && (leg.now.from.is === 'pending' || leg.now.from.is === 'sending' || mismatched(leg)));

/** Called a success of another amount, which nobody looks for at its ages while a person compares. */
const mismatched = ({ now }: Leg): boolean => now.is === 'held' && now.reasons.includes('echo-mismatch');

/** In front of a person or closed by one, and not at its end at the gateway: a late request does not know what was said here. */
export const unfinished = (leg: Leg): boolean => heldUnfinished(leg) || (leg.now.is === 'closed' && leg.now.inDoubt);

/** A leg that is held or was closed unfinished is looked for at growing distances, for as long as a pending one would be. */
export const stillAsked = (leg: Leg, now: Instant, tempo: Tempo): boolean =>
  (leg.now.is === 'held' || leg.now.is === 'closed') &&
  unfinished(leg) &&
  now < plus(leg.now.since, tempo.pendingLimitMs);

/** A success is looked for again, since it may fail later; also one that a person has closed as the customer's. */
export const provisional = (leg: Leg): boolean => backSince(leg) !== undefined;

/** A hold that is overdue is looked at once a period from then on: a time in the past would make every sweep ask for all of the refund. */
export function nextReminder(until: Instant, now: Instant, tempo: Tempo): Instant {
  const periods = Math.max(0, Math.floor((now - until) / tempo.holdLimitMs) + 1);
  return plus(until, periods * tempo.holdLimitMs);
}

/** When a success is next looked for again: at a few ages, and then never more (F76, F102). */
export const nextCheck = (since: Instant, now: Instant, tempo: Tempo): Instant | undefined =>
  tempo.verifyMs.map((age) => plus(since, age)).find((at) => at > now);

/** The first poll after `now` of a schedule that counts from `since`; its last interval repeats. */
export function nextPoll(since: Instant, now: Instant, tempo: Tempo): Instant {
  let at = plus(since, backoff(tempo.pollMs, 0));
  for (let polls = 1; at <= now; polls += 1) at = plus(at, backoff(tempo.pollMs, polls));
  return at;
}
