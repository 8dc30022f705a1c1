import { hour } from '../lib/domain/time.ts';
import { few, hints, kills, network, type Profile, store, webhooks } from './ceilings.ts';
import type { Knobs } from './knobs.ts';

/**
 * Two merchants on one installation, whose orders, payments and returns have the same numbers. Messages, returns and people of each come to
 * the other one's side; one floods, verify secrets are rotated, a policy changes, and each account has a queue that one event can stop.
 */
export const multiTenant = {
  ceilings: { ...network, ...store, ...kills, ...webhooks, 'webhook-lost': 0.2, ...hints, 'secrets-down': 0.05 },
  happenings: {
    ...few,
    dashboard: 1,
    dispute: 1,
    'late-failure': 1,
    cancel: 2,
    stop: 2,
    'forge-gateway': 2,
    'wrong-door': 4,
    'foreign-return': 2,
    'foreign-person': 3,
    'copied-key': 2,
    flood: 1,
    'useless-event': 4,
    'retired-secret': 3,
  },
  spanMs: hour,
  pending: 0.3,
  tenants: true,
} as const satisfies Profile;

/** Whose returns a life has, where more than one kind of shop may be its. */
export function shopOf({ shopify, tenants }: Profile, is: (what: string) => number): Knobs['shop'] {
  if (!shopify && !(tenants && is('one app') < 0.5)) return 'generic';
  return is('pay on') < 0.5 ? 'refund-record' : 'return-processed';
}
