import { embedded, production, type Tempo } from '../lib/domain/tempo.ts';
import { dayMs, hour, minute, second } from '../lib/domain/time.ts';
import { mayBeAsked, type Row, rowOf } from './capabilities.ts';
import {
  crossing,
  few,
  hints,
  kills,
  network,
  noes,
  nothingHappens,
  type Profile,
  store,
  webhooks,
} from './ceilings.ts';
import type { Chances } from './chance.ts';
import { clocksOf } from './clocks.ts';
import type { Knobs } from './knobs.ts';
import { lossesOf, outagesOf } from './losses.ts';
import { onCall } from './on-call.ts';
import { multiTenant, shopOf } from './profile-of-tenants.ts';
import { restoresOf } from './restores.ts';
import { tenancyOf } from './settings.ts';
import { deploysOf } from './versions.ts';

export const profiles = {
  calm: {
    ceilings: { 'webhook-twice': 0.1, 'send-twice': 0.05 },
    happenings: few,
    spanMs: 2 * minute,
    shape: { payments: 3, returnsEach: 4 },
  },
  'brown-out': {
    ceilings: { ...network, 'net-lost': 0.5, ...store },
    happenings: few,
    spanMs: 2 * hour,
    outages: 3,
    outageMs: 40 * hour,
  },
  'queue-hell': { ceilings: { ...hints, ...kills }, happenings: { ...few, redrive: 3 }, spanMs: hour },
  zombie: { ceilings: { freeze: 0.05, ...kills, ...network }, happenings: few, spanMs: hour, freezeMs: 20 * second },
  attacker: { ceilings: { ...store, ...webhooks }, happenings: { ...few, forge: 12, repeat: 12 }, spanMs: hour },
  'month-end': {
    ceilings: { ...network, ...store },
    happenings: few,
    spanMs: 10 * minute,
    shape: { payments: 12, returnsEach: 4 },
  },
  'late-money': {
    ceilings: { ...webhooks, ...network },
    happenings: { ...few, 'late-failure': 4, dispute: 3, dashboard: 3, cancel: 3 },
    spanMs: 6 * hour,
    pending: 0.7,
  },
  'narrow-window': {
    ceilings: { ...network, 'net-reply-lost': 0.6, ...store, ...kills, ...hints, ...webhooks },
    happenings: { ...few, redrive: 2 },
    spanMs: 2 * hour,
    narrow: true,
    outages: 2,
    outageMs: 2 * hour,
  },
  'any-gateway': {
    ceilings: {
      ...network,
      'net-slow': 0.1,
      'gateway-no': 0.1,
      ...store,
      ...kills,
      ...webhooks,
      'webhook-lost': 0.5,
      'send-twice': 0.3,
    },
    happenings: { ...few, decide: 10, 'late-failure': 3, dispute: 1, dashboard: 1, cancel: 2, redrive: 1, repoint: 1 },
    spanMs: 2 * hour,
    outages: 2,
    outageMs: 2 * hour,
    pending: 0.5,
    anyGateway: true,
  },
  /** A gateway that says no, and people who think again when it is awkward. */
  contrary: {
    ceilings: { ...network, ...noes, 'net-late': 0.3, 'webhook-lost': 1, 'webhook-late': 0.3, 'secrets-down': 0.4 },
    happenings: {
      ...few,
      deny: 8,
      withdraw: 6,
      'second-thoughts': 4,
      'bad-moment': 4,
      dispute: 1,
      inquiry: 2,
      dashboard: 3,
      'late-failure': 4,
      shut: 2,
      'forge-gateway': 3,
    },
    spanMs: hour,
    pending: 0.5,
  },
  shopify: {
    ceilings: { ...network, ...store, ...kills, ...hints, ...webhooks },
    happenings: { ...few, dashboard: 1, 'late-failure': 1, redrive: 1, unsubscribe: 3 },
    spanMs: 2 * hour,
    shopify: true,
  },
  upgrade: {
    ceilings: { ...network, ...store, ...kills, ...webhooks, ...hints },
    happenings: { ...few, 'late-failure': 2, dashboard: 1, cancel: 2, redrive: 2 },
    spanMs: 2 * hour,
    pending: 0.4,
    upgrade: true,
  },
  'region-loss': {
    ceilings: { ...network, ...store, ...webhooks, ...hints },
    happenings: { ...few, 'late-failure': 1, cancel: 1, redrive: 1 },
    spanMs: hour,
    pending: 0.3,
    losses: 3,
  },
  /** The tables go back to an earlier instant, and an operator does what the runbook says. The gateway forgets its keys meanwhile. */
  restore: {
    ceilings: { ...network, 'net-late': 0.3, ...store, ...kills, ...webhooks, ...hints },
    happenings: {
      ...few,
      dashboard: 3,
      'late-failure': 2,
      redrive: 2,
      cancel: 3,
      stop: 1,
      'change-of-mind': 3,
      dispute: 2,
    },
    spanMs: 2 * hour,
    narrow: true,
    lateMs: 10 * minute,
    pending: 0.4,
    restores: 2,
    twoEach: 0.4,
    shape: { payments: 3, returnsEach: 4 },
  },
  /** Orders that were paid on two payments: refunds in parts, of which one may fail, wait or be held while the other is back. */
  'two-payments': {
    ceilings: { ...network, ...store, ...kills, ...webhooks, ...hints },
    happenings: { ...few, dashboard: 2, dispute: 1, 'late-failure': 2, cancel: 3, withdraw: 2, 'change-of-mind': 2 },
    spanMs: 2 * hour,
    pending: 0.4,
    twoEach: 1,
  },
  /** A gateway that forgets its keys within minutes, and for as long answers questions while requests for money get lost. */
  forgetful: {
    ceilings: {
      ...network,
      'net-late': 0.4,
      ...kills,
      'send-twice': 0.5,
      'kept-500': 0.2,
      'webhook-lost': 1,
      freeze: 0.02,
    },
    happenings: { ...few, swallow: 4 },
    spanMs: 30 * minute,
    narrow: true,
    forgetful: true,
    freezeMs: 10 * second,
  },
  everything: {
    ceilings: {
      ...network,
      ...store,
      ...kills,
      ...webhooks,
      ...hints,
      freeze: 0.01,
      'secrets-down': 0.05,
      'vault-down': 0.05,
    },
    happenings: { ...few, dashboard: 2, dispute: 1, 'late-failure': 2, stop: 2, redrive: 1, cancel: 2 },
    spanMs: 3 * hour,
    outages: 2,
    outageMs: 6 * hour,
    pending: 0.5,
    freezeMs: 5 * second,
  },
  /** What three of the others are, together: faults, people and histories that no profile thought of side by side. */
  crossed: { ceilings: {}, happenings: {}, spanMs: hour, crossed: 3 },
  'on-call': onCall,
  'multi-tenant': multiTenant,
  /** A processor captures in parts, says "pending" for weeks, takes a success back or loses it, pays twice for a key; and others use our keys. */
  'processing-errors': {
    ceilings: { ...network, 'gateway-no': 0.05, ...kills, ...webhooks, 'send-twice': 0.2 },
    happenings: {
      ...few,
      decide: 12,
      'late-failure': 2,
      dashboard: 1,
      cancel: 1,
      'take-back': 2,
      lose: 2,
      twin: 2,
      'borrow-key': 2,
    },
    spanMs: 3 * hour,
    pending: 0.6,
    pendingMs: 18 * dayMs,
    lookDays: 8,
    quietMs: 26 * dayMs,
    anyGateway: true,
    mayBeAsked: 0.6,
    inParts: true,
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
export const profileNames = Object.keys(profiles) as readonly ProfileName[];

/** Small lives are many in the same time, and most bugs need two refunds of one payment and no more. */
function shapeOf({ shape }: Profile, is: (what: string) => number): Pick<Knobs, 'payments' | 'returnsEach'> {
  if (shape !== undefined) return shape;
  return { payments: 1 + Math.floor(is('payments') ** 2 * 3), returnsEach: 2 + Math.floor(is('returns') * 3) };
}

/** The others that a life draws, as one. Its size is drawn too: a dozen payments under all of that are as slow as they are rare. */
function crossedOf(profile: Profile, is: (what: string) => number): Profile {
  const all: readonly Profile[] = Object.values(profiles);
  // Those before it in the list: what comes after has promises of its own, of one merchant, one clock and a processor that keeps its word.
  const others = all.slice(
    0,
    all.findIndex(({ crossed }) => crossed !== undefined),
  );
  return Array.from({ length: profile.crossed ?? 0 }, (_, n) => others[Math.floor(is(`crossed ${n}`) * others.length)])
    .filter((one) => one !== undefined)
    .reduce(crossing, profile);
}

/** An account that lists what nobody can read keeps a restore open until its adapter is mended, which nobody does in a life. */
const rowFor = ({ restores }: Profile, row: Row): Row =>
  restores !== undefined && row.echoAmount === 'absent' ? { ...row, echoAmount: 'right' } : row;

/** Knobs are drawn as well as faults: some bugs only show when windows, leases and batches are other than usual. */
export function knobsOf(chance: Chances, name: ProfileName): Knobs {
  const is = (what: string) => chance.fixed(what);
  const profile = crossedOf(profiles[name], is);
  const row = profile.anyGateway ? rowFor(profile, rowOf(chance, profile.mayBeAsked)) : undefined;
  // Who can't be asked is waited for: with the impatient tempo that is a look every half minute, for days.
  const slow = is('tempo') < 0.3 || profile.restores !== undefined || (row !== undefined && !mayBeAsked(row));
  const tempo: Tempo = {
    ...(slow ? production : embedded),
    sweepEveryMs: second * (1 + Math.floor(is('sweep') * (slow ? 90 : 5))),
  };
  const lateArrivalMs =
    row?.lateArrivalMs ?? (profile.narrow ? (profile.lateMs ?? minute) : Math.round(minute * (1 + 9 * is('late'))));
  const rates = Object.fromEntries(
    Object.entries(profile.ceilings).map(([fault, most]) => [
      fault,
      is(`off ${fault}`) < 0.5 ? 0 : most * is(`rate ${fault}`),
    ]),
  );
  const outages = outagesOf(chance, profile, slow ? 2 * dayMs : hour);
  return {
    tempo,
    ...(row !== undefined && { row }),
    lateArrivalMs,
    keyWindowMs:
      row !== undefined
        ? row.keyWindowMs
        : profile.narrow
          ? lateArrivalMs + Math.round(minute * (profile.forgetful ? 2 + 3 * is('window') : 10 + 10 * is('window')))
          : Math.round(hour * (2 + 22 * is('window'))),
    latencyMs: Math.round(5 + 200 * is('latency')),
    freezeMs: profile.freezeMs ?? 0,
    timeoutMs: (profile.restores !== undefined ? 50 : slow ? 30 : 5) * second,
    visibilityMs: (slow ? 180 : 30) * second,
    batch: 1 + Math.floor(is('batch') * 5),
    workers: 1 + Math.floor(is('workers') * 4),
    indexLagMs: is('lag') < 0.5 ? 0 : Math.round(is('lag by') * 5 * second),
    pendingRate: is('pending') < 0.5 ? 0 : (profile.pending ?? 0.2) * is('pending rate'),
    ...(profile.pendingMs !== undefined && { pendingMs: profile.pendingMs }),
    inParts: profile.inParts === true,
    laterMs: Math.round(second * (1 + is('later') * 60)),
    shop: shopOf(profile, is),
    ...(profile.tenants && { tenancy: tenancyOf(chance, profile.spanMs) }),
    ...shapeOf(profile, is),
    twoEach: is('two each') < (profile.twoEach ?? 0),
    spanMs: profile.spanMs,
    // What is pending at a gateway that can't be asked, and whose webhook is lost, is in front of a person after so long.
    quietMs: (profile.quietMs ?? (row === undefined || mayBeAsked(row) ? 4 * dayMs : 15 * dayMs)) + hour,
    ...(profile.lookDays !== undefined && { lookDays: profile.lookDays }),
    outages,
    losses: lossesOf(chance, profile.losses ?? 0, profile.spanMs),
    restores: restoresOf(chance, profile.restores ?? 0, profile.spanMs),
    ...(profile.clocks && { clocks: clocksOf(chance, profile.spanMs) }),
    ...(profile.upgrade && { deploys: deploysOf(chance, profile.spanMs) }),
    happenings: { ...nothingHappens, ...profile.happenings },
    rates,
  };
}
