import type { Capabilities } from '../../../app/ports/gateway.ts';
import { hour, minute } from '../../../domain/time.ts';
import { toWire } from './money.ts';

/**
 * The version every request names and the simulator speaks. Answers and events keep the shape of their version, so moving it is a
 * change to this folder with its tests, never a side effect of a new package (docs.stripe.com/api/versioning).
 */
export const apiVersion = '2026-10-28.endive';

export const defaultBaseUrl = 'https://api.stripe.com';

/** Twelve digits are what Stripe takes at most, and only in a few currencies; below that the charge itself is the bound. */
const largestWire = 999_999_999_999;

export const capabilities: Capabilities = {
  /**
   * Keys may be removed once they are 24 hours old, and a removed key makes a new refund (docs.stripe.com/api/idempotent_requests).
   * The engine takes its margins off this.
   */
  keyWindowMs: 24 * hour,
  /** The first status and body once execution began, 500s included; not validation failures, 401, 429 or conflicts (same page). */
  keyRemembers: 'all',
  /** Nothing is documented. Our assumption: far beyond the 80 s after which Stripe's own libraries give up on a request. */
  lateArrivalMs: 10 * minute,
  /** Listing by payment is consistent and unfiltered (docs.stripe.com/api/refunds/list). */
  lookup: 'authoritative',
  keyLength: 255,
  partialRefunds: true,
  /** Requests per second at one endpoint, and of the account in live mode and in a sandbox (docs.stripe.com/rate-limits). */
  rates: { test: { perEndpoint: 25, perAccount: 25 }, live: { perEndpoint: 25, perAccount: 100 } },
  accepts: (amountMinor, currency) => {
    const wire = toWire(amountMinor, currency);
    return typeof wire === 'number' && wire <= largestWire;
  },
};
