import type { Rates } from './faults.ts';

/** What people, banks and strangers do besides posting returns; how often in one run at most. */
export type Happening =
  | 'dashboard'
  | 'dispute'
  | 'late-failure'
  | 'stop'
  | 'redrive'
  | 'cancel'
  | 'decide'
  | 'forge'
  | 'repeat'
  | 'deny'
  | 'withdraw'
  | 'second-thoughts'
  | 'inquiry'
  | 'shut'
  | 'unsubscribe'
  | 'swallow'
  | 'bad-moment'
  | 'change-of-mind'
  | 'forge-gateway'
  | 'repoint'
  | 'revoke'
  | 'exchange'
  | 'poison'
  | 'wrong-door'
  | 'foreign-return'
  | 'foreign-person'
  | 'copied-key'
  | 'flood'
  | 'useless-event'
  | 'retired-secret'
  | 'take-back'
  | 'lose'
  | 'twin'
  | 'borrow-key';

/** Highest rates of faults that go together, and what people do in almost any life. */
export const network = {
  'net-lost': 0.2,
  'net-reply-lost': 0.2,
  'net-late': 0.1,
  'gateway-500': 0.1,
  'gateway-429': 0.1,
};
export const store = { busy: 0.1, 'lost-request': 0.05, 'lost-reply': 0.05, 'sdk-retry': 0.05 };
export const kills = { 'kill-before': 0.01, 'kill-after': 0.01, 'kill-after-reply': 0.01 };
export const webhooks = { 'webhook-lost': 0.8, 'webhook-twice': 0.3, 'webhook-late': 0.3 };
export const hints = {
  'send-lost': 0.1,
  'send-partly': 0.1,
  'send-twice': 0.3,
  'send-late': 0.1,
  'stream-lost': 0.2,
  'stream-twice': 0.2,
};
export const noes = {
  'refuse-funds': 0.3,
  'refuse-disputed': 0.2,
  'refuse-refunded': 0.2,
  'refuse-expired': 0.2,
  'refuse-missing': 0.2,
  'kept-500': 0.3,
  'come-later': 0.3,
  'slow-execution': 0.3,
};
export const few = { decide: 6, repeat: 3, forge: 2 };

/** How often each thing happens where a profile does not name it. */
export const nothingHappens: Readonly<Record<Happening, number>> = {
  dashboard: 0,
  dispute: 0,
  'late-failure': 0,
  stop: 0,
  redrive: 0,
  cancel: 0,
  decide: 0,
  forge: 0,
  repeat: 0,
  deny: 0,
  withdraw: 0,
  'second-thoughts': 0,
  inquiry: 0,
  shut: 0,
  swallow: 0,
  'bad-moment': 0,
  'change-of-mind': 0,
  'forge-gateway': 0,
  repoint: 0,
  unsubscribe: 0,
  revoke: 0,
  exchange: 0,
  poison: 0,
  'wrong-door': 0,
  'foreign-return': 0,
  'foreign-person': 0,
  'copied-key': 0,
  flood: 0,
  'useless-event': 0,
  'retired-secret': 0,
  'take-back': 0,
  lose: 0,
  twin: 0,
  'borrow-key': 0,
};

/** What lives of one kind have in common. */
export interface Profile {
  /** Highest rate of each fault; half of them are off in any one run. */
  readonly ceilings: Rates;
  readonly happenings: Partial<Record<Happening, number>>;
  readonly spanMs: number;
  /** The gateway keeps keys for minutes, and requests are late by at most one minute, or this. */
  readonly narrow?: true;
  readonly lateMs?: number;
  /** The gateway forgets a key within minutes. */
  readonly forgetful?: true;
  readonly outages?: number;
  readonly outageMs?: number;
  readonly pending?: number;
  readonly freezeMs?: number;
  /** Payments and returns of each, where they are not drawn. */
  readonly shape?: { readonly payments: number; readonly returnsEach: number };
  readonly anyGateway?: true;
  /** In so many lives a gateway of any kind can be asked about everything, whatever else its row says. */
  readonly mayBeAsked?: number;
  /** Payments are authorised first, and captured in parts, later, or never. */
  readonly inParts?: true;
  /** What is pending may be so for as long as this. */
  readonly pendingMs?: number;
  /** For so many days somebody looks at what is held and at what is stopped, and decides. */
  readonly lookDays?: number;
  /** How long it is quiet after all that happens, where not for some days. */
  readonly quietMs?: number;
  /** In so many lives each order was paid on two payments. */
  readonly twoEach?: number;
  /** Returns come from a Shopify shop. */
  readonly shopify?: true;
  /** At most so many losses of the region. */
  readonly losses?: number;
  /** At most so many restores of the store. From the first on the gateway is asked before each request, for which a worker needs its time. */
  readonly restores?: number;
  readonly upgrade?: true;
  /** So many other profiles at once, which the seed draws. */
  readonly crossed?: number;
  /** Lives begin on some strange days, and clocks are wrong by more than the promise allows. */
  readonly clocks?: true;
  /** The machine approves so much in an hour, in most lives, and a policy is deployed that approves whatever it sees. */
  readonly hourly?: true;
  /** Another merchant is on the same installation, and its operator rotates secrets and changes the policy. */
  readonly tenants?: true;
}
