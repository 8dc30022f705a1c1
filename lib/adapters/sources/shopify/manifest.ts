import type { TellRules } from '../../../domain/refund/tell.ts';
import { hour, minute } from '../../../domain/time.ts';

/** A shop on Shopify: webhooks that sign their body and nothing else, and the Admin GraphQL API to ask what they are about. */
export const manifest = {
  platform: 'shopify',
  /** X-Shopify-Hmac-Sha256 covers the raw body only: topic, shop, time and delivery id are whatever the sender of the request says. */
  signed: ['body'],
  /** Refund records of the shop are paid by us, unless their transactions moved the money already. */
  pays: 'redress',
} as const;

export const apiVersion = '2026-10';

/**
 * An idempotency key of `refundCreate` is kept for 24 h (https://shopify.dev/docs/api/usage/idempotent-requests). How late an unanswered
 * request may still take effect is not documented: ten minutes, as for gateways.
 */
export const rules: TellRules = { keyWindowMs: 24 * hour, lateArrivalMs: 10 * minute };

/** What a return or refund record may owe something after. A return that was only requested owes nothing. */
export const topics = [
  'refunds/create',
  'returns/approve',
  'returns/cancel',
  'returns/close',
  'returns/decline',
  'returns/process',
  'returns/reopen',
  'returns/update',
] as const;

/**
 * A delivery is tried 8 times over 4 h, and a subscription is deleted after 8 failures in a row
 * (https://shopify.dev/docs/apps/build/webhooks/troubleshooting-webhooks): what was announced in the 4 h before is lost with it.
 */
export const givenUpAfterMs = 4 * hour;

/** How long a search may lag behind what it searches, and their clock behind ours. Not documented; an hour is assumed. */
export const searchLagMs = hour;
