import { type Instant, second } from './time.ts';

/**
 * How much may come in, as token buckets: one token per webhook, filled at a steady rate up to a burst. Tokens are counted in
 * thousandths, so that a rate per second is a whole number per millisecond and nothing is lost to rounding. Pure.
 */
export interface Bucket {
  readonly milliTokens: number;
  readonly at: Instant;
}

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** One noisy connection leaves the others alone; one merchant with many of them leaves the other merchants alone (F27). */
export interface FloodLimits {
  readonly connection: Rate;
  readonly merchant: Rate;
}

/** Per function environment, of which there are as many as AWS starts: far above what a shop sends, far below what hurts the table. */
export const productionFlood: FloodLimits = {
  connection: { perSecond: 100, burst: 500 },
  merchant: { perSecond: 300, burst: 1500 },
};

/** One process takes what on AWS many would share; a gateway sends three webhooks for a refund that a shop asks for with one. */
export const embeddedFlood: FloodLimits = {
  connection: { perSecond: 500, burst: 2000 },
  merchant: { perSecond: 1500, burst: 6000 },
};

const whole = 1000;

export const full = (rate: Rate, now: Instant): Bucket => ({ milliTokens: rate.burst * whole, at: now });

/** The bucket as it is at `now`. A clock that goes back fills nothing. */
export function filled(bucket: Bucket, rate: Rate, now: Instant): Bucket {
  const passedMs = Math.max(0, now - bucket.at);
  return {
    milliTokens: Math.min(rate.burst * whole, bucket.milliTokens + passedMs * rate.perSecond),
    at: now,
  };
}

export const hasToken = (bucket: Bucket): boolean => bucket.milliTokens >= whole;

export const spent = (bucket: Bucket): Bucket => ({ ...bucket, milliTokens: bucket.milliTokens - whole });

/** How long until the next token is there: in whole seconds, since that is what a sender is told, and at least one. */
export function waitMs(bucket: Bucket, rate: Rate): number {
  const missing = Math.max(0, whole - bucket.milliTokens);
  return Math.max(1, Math.ceil(missing / rate.perSecond / second)) * second;
}
