import { backoff, type Tempo } from '../tempo.ts';
import { type Instant, plus } from '../time.ts';
import { type Decision, events, nothing } from './decision.ts';
import type { Refund } from './state.ts';
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
 * that fails later is told no more, but what was begun is found out.
 */
export function owesTelling(refund: Refund): boolean {
  if (refund.is !== 'approved' || refund.tell !== true) return false;
  return refund.telling === undefined ? moneyIsBack(refund) : refund.telling.is === 'telling';
}

const moneyIsBack = (refund: Refund): boolean => ['refunded', 'partly-refunded'].includes(statusOf(refund));

export type TellStep =
  | { readonly do: 'nothing' }
  | { readonly do: 'tell' }
  /** An earlier request has no answer: ask whether the shop has the record. */
  | { readonly do: 'find' }
  | { readonly do: 'give-up'; readonly code: string };

/** What to do before the shop was asked. */
export function tellStep(refund: Refund, now: Instant, tempo: Tempo): TellStep {
  if (!owesTelling(refund) || refund.is !== 'approved') return { do: 'nothing' };
  if (refund.telling?.is !== 'telling') return { do: 'tell' };
  return now >= plus(refund.telling.firstAt, tempo.unknownLimitMs)
    ? { do: 'give-up', code: 'no-answer' }
    : { do: 'find' };
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
  const telling = refund.is === 'approved' ? refund.telling : undefined;
  if (telling?.is !== 'telling') return { do: 'wait' };
  const limits = tempo.latestStartMs + tempo.gatewayLimitMs + rules.lateArrivalMs + tempo.skewMs;
  const settled = askedAt >= plus(telling.lastAt, limits);
  if (!moneyIsBack(refund)) return settled ? { do: 'give-up', code: 'not-refunded' } : { do: 'wait' };
  const inWindow = plus(askedAt, limits) < plus(telling.firstAt, rules.keyWindowMs);
  const waited = askedAt >= plus(telling.lastAt, backoff(tempo.askAgainMs, telling.attempts - 1));
  return (inWindow && waited) || settled ? { do: 'tell' } : { do: 'wait' };
}

/** The right to tell the shop once more. */
export function beginTelling(refund: Refund, reference: string): Decision {
  if (!owesTelling(refund) || refund.is !== 'approved') return nothing;
  const before = refund.telling?.is === 'telling' ? refund.telling.attempts : 0;
  return events({ type: 'refund.telling', v: 1, attempt: before + 1, reference });
}

export const told = (refund: Refund, theirs: string): Decision =>
  isTelling(refund) ? events({ type: 'refund.told', v: 1, theirs }) : nothing;

export const giveUpTelling = (refund: Refund, code: string): Decision =>
  isTelling(refund) ? events({ type: 'refund.tell-given-up', v: 1, code }) : nothing;

const isTelling = (refund: Refund): boolean => refund.is === 'approved' && refund.telling?.is === 'telling';
