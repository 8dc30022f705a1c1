import { embedded, production, type Tempo } from '../lib/domain/tempo.ts';
import { dayMs, hour, minute, second } from '../lib/domain/time.ts';
import { mayBeAsked, type Row, rowOf } from './capabilities.ts';
import { nothingHappens, type Profile } from './ceilings.ts';
import type { Chances } from './chance.ts';
import { clocksOf } from './clocks.ts';
import { crossedOf } from './crossing.ts';
import { hourlyOf } from './hourly.ts';
import type { Knobs } from './knobs.ts';
import { lossesOf, outagesOf } from './losses.ts';
import { shopOf } from './profile-of-tenants.ts';
import { type ProfileName, profiles } from './profiles.ts';
import { restoresOf } from './restores.ts';
import { tenancyOf } from './settings.ts';
import { deploysOf } from './versions.ts';

/** Small lives are many in the same time, and most bugs need two refunds of one payment and no more. */
function shapeOf({ shape }: Profile, is: (what: string) => number): Pick<Knobs, 'payments' | 'returnsEach'> {
  if (shape !== undefined) return shape;
  return { payments: 1 + Math.floor(is('payments') ** 2 * 3), returnsEach: 2 + Math.floor(is('returns') * 3) };
}

/** An account that lists what nobody can read keeps a restore open until its adapter is mended, which nobody does in a life. */
const rowFor = ({ restores }: Profile, row: Row): Row =>
  restores !== undefined && row.echoAmount === 'absent' ? { ...row, echoAmount: 'right' } : row;

/**
 * The impatient tempo, until somebody has been asked for a while: who waits behind a refund that a person has waits for days, and a look
 * every half minute is then most of a life without anything new in it.
 */
const impatient: Tempo = {
  ...embedded,
  askAgainMs: [...embedded.askAgainMs, 30 * second, 30 * second, minute, minute, 2 * minute, 5 * minute],
};

/** Knobs are drawn as well as faults: some bugs only show when windows, leases and batches are other than usual. */
export function knobsOf(chance: Chances, name: ProfileName): Knobs {
  const is = (what: string) => chance.fixed(what);
  const profile = crossedOf(profiles[name], is);
  const row = profile.anyGateway ? rowFor(profile, rowOf(chance, profile.mayBeAsked)) : undefined;
  // Who can't be asked is waited for: with the impatient tempo that is a look every few minutes, for days.
  const slow = is('tempo') < 0.3 || profile.restores !== undefined || (row !== undefined && !mayBeAsked(row));
  const lateArrivalMs =
    row?.lateArrivalMs ?? (profile.narrow ? (profile.lateMs ?? minute) : Math.round(minute * (1 + 9 * is('late'))));
  const rates = Object.fromEntries(
    Object.entries(profile.ceilings).map(([fault, most]) => [
      fault,
      is(`off ${fault}`) < 0.5 ? 0 : most * is(`rate ${fault}`),
    ]),
  );
  const hourly = profile.hourly ? hourlyOf(chance) : undefined;
  const outages = outagesOf(chance, profile, slow ? 2 * dayMs : hour);
  return {
    tempo: {
      ...(slow ? production : impatient),
      sweepEveryMs: second * (1 + Math.floor(is('sweep') * (slow ? 90 : 5))),
    },
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
    // The sweep looks at eight parts of its index, mostly at nothing: two of five calls of a life, and the same each time.
    quickLooks: is('quick looks') < 0.8,
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
    ...(hourly !== undefined && { hourly }),
    ...(profile.upgrade && { deploys: deploysOf(chance, profile.spanMs) }),
    happenings: { ...nothingHappens, ...profile.happenings },
    rates,
  };
}
