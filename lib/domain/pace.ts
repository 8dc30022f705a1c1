import { type Instant, instant, minute, plus, second } from './time.ts';

/**
 * How fast one gateway account is asked: evenly, at the vendor's limits, never in bursts (a bucket that is never fuller than one). The
 * state is the next free slot of each kind of request and of all together; several processes share it by taking a few slots at a time.
 */
export interface Pace {
  /** Milliseconds since the epoch with their fractions: rounding each slot would cost a fiftieth of the rate. */
  readonly next: Readonly<Record<Endpoint | 'account', number>>;
  /** Share of the rate that was left when the gateway last said "too many", and when that was. */
  readonly share: number;
  readonly shrunkAt: Instant;
}

/** Where requests go to, as far as the limits of a vendor tell them apart. */
export type Endpoint = 'refund' | 'read';

/** Requests per second: at one endpoint, and at all of them together. */
export interface Rates {
  readonly perEndpoint: number;
  readonly perAccount: number;
}

/** Of the vendor's limit: requests do not arrive as evenly as they leave, and vendors count any second. */
const usedShare = 0.97;
const leastShare = 1 / 8;
/** From nothing back to the whole rate. One complaint among many thousands should not be felt for long. */
const recoveryMs = 40 * second;
/** Answers to requests that were under way together say "too many" once. */
const oneComplaintMs = second;
/** A complaint at the whole rate is an accident on the way: a little slower for a moment. One before it is whole again halves. */
const firstShare = 15 / 16;
/** However long the gateway asks for, the account is not parked for longer: the refused leg waits by itself. */
const mostPauseMs = minute;

export const freshPace = (now: Instant): Pace => ({
  next: { account: now, refund: now, read: now },
  share: 1,
  shrunkAt: now,
});

/** The share of the rate that is used now: what was left, and a little more each moment. */
export const shareAt = ({ share, shrunkAt }: Pace, now: Instant): number =>
  Math.min(1, share + Math.max(0, now - shrunkAt) / recoveryMs);

/** Requests per second that may go to one endpoint now. */
export const rateAt = (pace: Pace, rates: Rates, now: Instant): number =>
  Math.min(rates.perEndpoint, rates.perAccount) * usedShare * shareAt(pace, now);

/** The next `count` slots of an endpoint: when each may be used, in order, and what is left then. Pure. */
export function reserve(
  pace: Pace,
  rates: Rates,
  { endpoint, count, now }: { readonly endpoint: Endpoint; readonly count: number; readonly now: Instant },
): { readonly pace: Pace; readonly slots: readonly Instant[] } {
  const share = usedShare * shareAt(pace, now);
  const step = second / (Math.min(rates.perEndpoint, rates.perAccount) * share);
  const accountStep = second / (rates.perAccount * share);
  const first = Math.max(now, pace.next[endpoint], pace.next.account);
  const next = { ...pace.next, [endpoint]: first + count * step, account: first + count * accountStep };
  return {
    pace: { ...pace, next },
    slots: Array.from({ length: count }, (_, n) => instant(Math.ceil(first + n * step))),
  };
}

/**
 * Slots as they were brought. A store that is slow brings them when their time is over already: then they begin now, as far apart as they
 * were. Dropped, they would be asked for again and again, and nobody would be let in for as long as it is slow. Pure.
 */
export function inTime<Slot extends { readonly at: Instant }>(
  slots: readonly Slot[],
  now: Instant,
  lifeMs: number,
): readonly Slot[] {
  const lateMs = now - (slots[0]?.at ?? now);
  return lateMs <= lifeMs ? slots : slots.map((slot) => ({ ...slot, at: plus(slot.at, lateMs) }));
}

/** The gateway said "too many requests": slower from now on, half as fast if it said so lately, and not before it asks us back. Pure. */
export function shrink(pace: Pace, now: Instant, retryAfterMs = 0): Pace {
  const again = plus(now, Math.min(Math.max(Math.ceil(retryAfterMs) || 0, 0), mostPauseMs));
  const { account, refund, read } = pace.next;
  const next = { account: Math.max(account, again), refund, read };
  if (pace.share < 1 && now < plus(pace.shrunkAt, oneComplaintMs)) return { ...pace, next };
  const share = shareAt(pace, now);
  return { next, share: Math.max(leastShare, share * (share === 1 ? firstShare : 1 / 2)), shrunkAt: now };
}
