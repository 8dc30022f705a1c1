import type { PlainConnections } from '../lib/adapters/kit/plain-connections.ts';
import { readNowAndThen } from '../lib/adapters/kit/read-now-and-then.ts';
import { memoryConnections } from '../lib/adapters/memory/connections.ts';
import type { Connections, Credentials, Secret } from '../lib/app/ports/connections.ts';
import type { Clock } from '../lib/app/ports/world.ts';
import type { FloodLimits } from '../lib/domain/flood.ts';
import type { Policy } from '../lib/domain/policy.ts';
import { type Instant, instant, iso, minute, plus } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';
import { anew, approvalLimit, demo, neighbour, plainOf, type SecretsOf, stranger, type Tenant } from './connections.ts';
import { wrongPolicy } from './hourly.ts';
import type { Knobs } from './knobs.ts';
import type { Scheduler } from './scheduler.ts';

/** What two merchants of one installation share, and what its operator changes meanwhile. Virtual milliseconds from the beginning. */
export interface Tenancy {
  /** Each verify secret has a second one beside it from `addedAt` on, and counts no more from `until` on. Senders use both in between. */
  readonly addedAt: number;
  readonly until: number;
  /** Who is deployed from then on decides by another limit. */
  readonly policyAt: number;
  readonly limit: string;
  readonly flood: FloodLimits;
  /** For so long settings say that the first merchant's account is a stranger's. */
  readonly handed?: { readonly from: number; readonly to: number };
}

export function tenancyOf(chance: Pick<Chances, 'fixed'>, spanMs: number): Tenancy {
  const is = (what: string) => chance.fixed(`tenancy ${what}`);
  const addedAt = Math.floor(is('added') * spanMs);
  const from = Math.floor(is('handed from') * spanMs);
  return {
    addedAt,
    // Longer than anybody goes on with what was read before the second one was there.
    until: addedAt + Math.floor(minute * (20 + 40 * is('until'))),
    policyAt: Math.floor(is('policy') * spanMs),
    limit: is('limit') < 0.5 ? '30.00' : '90.00',
    ...(is('handed') < 0.4 && { handed: { from, to: from + Math.floor(minute * (10 + 50 * is('handed for'))) } }),
    // A few dozen messages are a flood here, and no merchant's own news of a few refunds is.
    flood: { connection: { perSecond: 1, burst: mostAtOnce }, merchant: { perSecond: 1, burst: mostAtOnce } },
  };
}

/** When a life begins. */
export const start = instant(Date.UTC(2026, 10, 21, 12));

/** Settings are read again after five minutes, and whoever has begun with the old ones ends within another one. */
const readBy = 7 * minute;

/** Whether everybody knows at that instant that the account is a stranger's. */
export const surelyHanded = ({ handed }: Tenancy, at: Instant | number): boolean =>
  handed !== undefined && at > start + handed.from + readBy && at < start + handed.to - minute;

/** Who has posted no more than so many within a minute is not flooding. */
export const mostAtOnce = 12;

/** Versions of the policy by the limit that each has: the one of every life, the one that takes its place, and one that is wrong. */
export const limitsIn = ({ tenancy, hourly }: Pick<Knobs, 'tenancy' | 'hourly'>): ReadonlyMap<string, string> =>
  new Map([
    ['simulated-1', approvalLimit],
    ['simulated-2', tenancy?.limit ?? approvalLimit],
    ...(hourly === undefined ? [] : [[wrongPolicy.version, wrongPolicy.approvalLimit] as const]),
  ]);

export interface Settings {
  readonly tenants: readonly Tenant[];
  /** As one process has them: it reads them now and then, and uses what it read meanwhile. */
  connectionsOf(clock: Clock): Connections & Credentials;
  /** As they are now, for people. */
  current(): Connections & Credentials;
  /** Of whoever is deployed now. */
  policy(): Policy;
  /** What a sender signs with now. */
  signing(secret: Secret): Secret;
  /** Whether everybody who was told of a change has read of it by now, and no secret ends meanwhile: what is signed now holds. */
  settled(): boolean;
  /** Whether somebody may take the first merchant's account for a stranger's. */
  handed(): boolean;
  /** Whether this secret has been replaced, and counts no more. */
  retired(secret: Secret): boolean;
}

/** The settings of every life: they never change, and whoever asks has them. */
const known = {
  generic: memoryConnections(plainOf('generic')),
  'refund-record': memoryConnections(plainOf('refund-record')),
  'return-processed': memoryConnections(plainOf('return-processed')),
};

const first: Policy = { version: 'simulated-1', approvalLimit };

export function settingsOver(
  { time, chance }: { readonly time: Scheduler; readonly chance: Chances },
  { shop, tenancy, hourly }: Pick<Knobs, 'shop' | 'tenancy' | 'hourly'>,
): Settings {
  const begun = time.now();
  const passed = (ms: number): boolean => time.now() - begun >= ms;
  if (tenancy === undefined)
    return {
      tenants: [demo],
      connectionsOf: () => known[shop],
      current: () => known[shop],
      policy: () => (hourly !== undefined && passed(hourly.wrongPolicyAt) ? wrongPolicy : first),
      signing: (secret) => secret,
      settled: () => true,
      handed: () => false,
      retired: () => false,
    };
  const tenants = [demo, neighbour];
  const { addedAt, until } = tenancy;
  const both: SecretsOf = (secret) => [
    { secret: anew(secret).reveal(), version: 'fresh' },
    { secret: secret.reveal(), version: 'old', until: iso(plus(begun, until)) },
  ];
  const { from, to } = tenancy.handed ?? { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  const [before, after] = [plainOf(shop, tenants), plainOf(shop, tenants, both)];
  const made = [before, after, handedOver(before), handedOver(after)].map((plain) => memoryConnections(plain));
  const current = () =>
    made[(passed(addedAt) ? 1 : 0) + (passed(from) && !passed(to) ? 2 : 0)] ?? memoryConnections(before);
  return {
    tenants,
    connectionsOf: (clock) => asRead(readNowAndThen(async () => current(), clock)),
    current,
    policy: () => (passed(tenancy.policyAt) ? { version: 'simulated-2', approvalLimit: tenancy.limit } : first),
    signing: (secret) =>
      !passed(addedAt) || (!passed(until) && chance.draw('signed with the old secret') < 0.5) ? secret : anew(secret),
    handed: () => passed(from) && !passed(to + readBy),
    settled: () =>
      !passed(addedAt - minute) || (passed(addedAt + readBy) && !passed(until - minute)) || passed(until + minute),
    retired: (secret) => passed(until + minute) && anew(secret) !== secret,
  };
}

const handedOver = ({ connections, ...rest }: PlainConnections): PlainConnections => ({
  ...rest,
  connections: connections.map((one) => (one.name === demo.gateway ? { ...one, merchant: stranger } : one)),
});

const asRead = (read: () => Promise<Connections & Credentials>): Connections & Credentials => ({
  find: async (name) => (await read()).find(name),
  of: async (owner) => (await read()).of(owner),
  verifySecrets: async (name, now) => (await read()).verifySecrets(name, now),
  indexKey: async (owner) => (await read()).indexKey(owner),
  credential: async (name) => (await read()).credential(name),
});
