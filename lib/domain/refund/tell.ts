import { backoff, type Tempo } from '../tempo.ts';
import { type Instant, later, plus } from '../time.ts';
import { type Decision, events, nothing } from './decision.ts';
import { backSince } from './money-back.ts';
import { type Attempts, attemptsOf, backMinor, type Refund } from './state.ts';
import { statusOf } from './status.ts';

/** How a shop remembers what it was told: differences between shops are data. */
export interface TellRules {
  /** The same reference within this time of the first request means the same record. */
  readonly keyWindowMs: number;
  /** Counted from when we gave up waiting: the longest time after which an unanswered request may still take effect. */
  readonly lateArrivalMs: number;
}

/**
 * The shop must still hear of it: money is back and the shop has no record, or it was told and nobody knows whether it heard. A refund
 * that fails later is told no more, but what was begun is found out. Given up only because nothing was refunded, it is owed again as soon
 * as something is (F101).
 */
export function owesTelling(refund: Refund): boolean {
  if (refund.is !== 'approved' || refund.tell !== true) return false;
  const { telling } = refund;
  if (telling === undefined) return moneyIsBack(refund);
  if (telling.is === 'given-up') return telling.code === notRefunded && moneyIsBack(refund);
  return telling.is === 'telling';
}

const notRefunded = 'not-refunded';

/** Where it is owed: what the shop was asked so far. */
const askedSoFar = (refund: Refund): Attempts | undefined =>
  refund.is === 'approved' && owesTelling(refund) ? attemptsOf(refund.telling) : undefined;

/** When a person must see that the shop does not know: counted from the first request, or from money that came back after it. */
function tellBy({ firstAt }: Attempts, refund: Refund, tempo: Tempo): Instant {
  // Stryker disable next-line ConditionalExpression,ArrayDeclaration: of what is not approved no shop was asked; the types do not know
  const legs = refund.is === 'approved' ? refund.legs : [];
  // Of what a person closed although the customer has it, the shop is told from then on.
  return plus(legs.flatMap((leg) => backSince(leg) ?? []).reduce(later, firstAt), tempo.unknownLimitMs);
}

const moneyIsBack = (refund: Refund): boolean => ['refunded', 'partly-refunded'].includes(statusOf(refund));

export type TellStep =
  | { readonly do: 'nothing' }
  | { readonly do: 'tell' }
  /** An earlier request has no answer: ask whether the shop has the record. */
  | { readonly do: 'find' }
  | { readonly do: 'give-up'; readonly code: string };

/** What to do before the shop was asked. Whoever was asked before is asked first whether it knows. */
export function tellStep(refund: Refund, now: Instant, tempo: Tempo): TellStep {
  if (!owesTelling(refund)) return { do: 'nothing' };
  const asked = askedSoFar(refund);
  if (asked === undefined) return { do: 'tell' };
  return now >= tellBy(asked, refund, tempo) ? { do: 'give-up', code: 'no-answer' } : { do: 'find' };
}

export type AfterAbsent =
  | { readonly do: 'tell' }
  | { readonly do: 'wait' }
  | { readonly do: 'give-up'; readonly code: string };

/**
 * The shop, asked at `askedAt` with authority, has no record with our reference. Inside the window of its keys a repetition is the same
 * request; outside only an absence counts that is dated after the last request could still have arrived.
 */
export function afterAbsent(refund: Refund, askedAt: Instant, rules: TellRules, tempo: Tempo): AfterAbsent {
  const telling = askedSoFar(refund);
  if (telling === undefined) return { do: 'wait' };
  const limits = tempo.latestStartMs + tempo.gatewayLimitMs + rules.lateArrivalMs + tempo.skewMs;
  const settled = askedAt >= plus(telling.lastAt, limits);
  if (!moneyIsBack(refund)) return settled ? { do: 'give-up', code: notRefunded } : { do: 'wait' };
  const inWindow = plus(askedAt, limits) < plus(telling.firstAt, rules.keyWindowMs);
  const waited = askedAt >= plus(telling.lastAt, backoff(tempo.askAgainMs, telling.attempts - 1));
  return (inWindow && waited) || settled ? { do: 'tell' } : { do: 'wait' };
}

/** The right to tell the shop once more. */
export function beginTelling(refund: Refund, reference: string): Decision {
  if (!owesTelling(refund)) return nothing;
  const before = askedSoFar(refund)?.attempts ?? 0;
  return events({ type: 'refund.telling', v: 1, attempt: before + 1, reference, amountMinor: backMinor(refund) });
}

export const told = (refund: Refund, theirs: string): Decision =>
  askedSoFar(refund) === undefined ? nothing : events({ type: 'refund.told', v: 1, theirs });

export const giveUpTelling = (refund: Refund, code: string): Decision =>
  askedSoFar(refund) === undefined ? nothing : events({ type: 'refund.tell-given-up', v: 1, code });
