import { dayMs, hour, minute, second } from './time.ts';

/** How fast things move, in one place. Production and the embedded stack differ here and nowhere else. */
export interface Tempo {
  /** A gateway request is given up after this. */
  readonly gatewayLimitMs: number;
  /** From the right to send until somebody else may ask what came of it; longer than the function lives after it. */
  readonly leaseMs: number;
  /** From the right to send until the latest start of the request. */
  readonly latestStartMs: number;
  /** Clocks of ours differ by at most this. */
  readonly skewMs: number;
  /** Fresh work is hinted by the relay; the sweep asks only after this. */
  readonly graceMs: number;
  /** Waits before asking again, in order; the last one repeats. */
  readonly askAgainMs: readonly number[];
  /** Waits before a pending refund is polled, in order; the last one repeats. */
  readonly pollMs: readonly number[];
  /** After its success a refund is looked for again, at each of these ages, and then never again. */
  readonly verifyMs: readonly number[];
  /** A leg without an outcome is in front of a person after this. */
  readonly unknownLimitMs: number;
  /** A pending refund is in front of a person after this. */
  readonly pendingLimitMs: number;
  /** A return waits this long for its payment. */
  readonly waitForPaymentMs: number;
  /** What a shop announced and does not find is asked for again for this long. */
  readonly absenceMs: number;
  /** A hold that nobody looked at is alarmed after this, and then again. */
  readonly holdLimitMs: number;
  /** The first wait of a gateway account whose breaker opened; it doubles each time, up to the longest. */
  readonly openMs: number;
  readonly mostOpenMs: number;
  /** Failures of a gateway that are further apart than this are no row; and one that is shorter than a blip opens no breaker. */
  readonly failureRowMs: number;
  readonly blipMs: number;
  /** A leg waits inside its function for a place in its account's pace at most this long; then the sweep gives it its turn. */
  readonly gateWaitMs: number;
  /** How often the sweep comes: it hints at most what an account takes until it comes again. */
  readonly sweepEveryMs: number;
}

/** For real gateways. Polls as often as they lose webhooks: often at first, daily at last. */
export const production: Tempo = {
  gatewayLimitMs: 20 * second,
  leaseMs: 60 * second,
  latestStartMs: 5 * second,
  skewMs: 60 * second,
  graceMs: 60 * second,
  askAgainMs: [2 * second, 10 * second, minute, 5 * minute, 15 * minute, hour],
  pollMs: [minute, 5 * minute, 15 * minute, hour, 6 * hour, dayMs],
  verifyMs: [dayMs, 7 * dayMs, 30 * dayMs],
  unknownLimitMs: 3 * dayMs,
  pendingLimitMs: 14 * dayMs,
  waitForPaymentMs: 3 * dayMs,
  absenceMs: hour,
  holdLimitMs: dayMs,
  openMs: 30 * second,
  mostOpenMs: 10 * minute,
  failureRowMs: 10 * minute,
  blipMs: second,
  gateWaitMs: second,
  sweepEveryMs: minute,
};

/** For one machine and an impatient person. Promises do not depend on it. */
export const embedded: Tempo = {
  ...production,
  gatewayLimitMs: 2 * second,
  leaseMs: 5 * second,
  latestStartMs: second,
  skewMs: second,
  graceMs: 5 * second,
  askAgainMs: [second, 2 * second, 5 * second, 10 * second, 30 * second],
  pollMs: [2 * second, 5 * second, 15 * second, minute, 5 * minute, hour],
  verifyMs: [2 * minute, 30 * minute, 6 * hour],
  waitForPaymentMs: 15 * minute,
  absenceMs: 30 * second,
  openMs: second,
  mostOpenMs: 10 * second,
  sweepEveryMs: second,
};

/** The wait before try number `tries` + 1; the last entry repeats. */
export const backoff = (waits: readonly number[], tries: number): number => waits[tries] ?? waits.at(-1) ?? minute;
