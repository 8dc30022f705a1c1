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
