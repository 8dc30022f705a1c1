import { noFaults } from '../lib/adapters/kit/simulator.ts';
import type { Account } from './account.ts';
import type { Profile } from './ceilings.ts';
import type { Chances } from './chance.ts';
import type { Knobs } from './knobs.ts';
import type { Scheduler } from './scheduler.ts';

/** When all that runs and waits is gone, and when there is a region again. */
export interface Loss {
  readonly from: number;
  readonly to: number;
}

/** At most so many in a life of that profile, one after the other. */
export function lossesOf(chance: Pick<Chances, 'fixed'>, most: number, spanMs: number): readonly Loss[] {
  const times = most === 0 ? 0 : 1 + Math.floor(chance.fixed('losses') * most);
  return Array.from({ length: times }, (_, n) => {
    const from = Math.floor(((n + chance.fixed(`lost ${n}`)) / times) * spanMs);
    return { from, to: from + Math.floor((chance.fixed(`lost for ${n}`) * spanMs) / times) };
  });
}

/** When its gateway is away, for so long at most. */
export function outagesOf(
  chance: Pick<Chances, 'fixed'>,
  { outages = 0, outageMs = 0, spanMs }: Pick<Profile, 'outages' | 'outageMs' | 'spanMs'>,
  most: number,
): Knobs['outages'] {
  const is = (what: string) => chance.fixed(what);
  return Array.from({ length: Math.floor(is('outages') * (outages + 1)) }, (_, n) => {
    const from = Math.floor(is(`outage from ${n}`) * spanMs);
    const ms = Math.floor(Math.min(is(`outage for ${n}`) ** 2 * outageMs, most));
    return { from, to: from + ms, deaf: is(`outage deaf ${n}`) < 0.5 };
  });
}

/** A region is gone: everything that ran or waited in it. The table is global, and stays. */
export function playLosses(
  time: Scheduler,
  losses: readonly Loss[],
  lost: readonly { lose(): void; comeBack?(): void }[],
  does: (name: string) => boolean,
): void {
  for (const [n, { from, to }] of losses.entries()) {
    if (!does(`region lost ${n + 1}`)) continue;
    time.after(from, 'region lost', () => {
      for (const one of lost) one.lose();
    });
    time.after(to, 'region back', () => {
      for (const one of lost) one.comeBack?.();
    });
  }
}

/** For so long nothing arrives at the gateway, or nothing comes back from there. */
export function playOutages(
  { time, knobs }: { readonly time: Scheduler; readonly knobs: Pick<Knobs, 'outages'> },
  account: Account,
  does: (name: string) => boolean,
): void {
  for (const [n, { from, to, deaf }] of knobs.outages.entries()) {
    if (!does(`outage ${n + 1}`)) continue;
    const down = () => (deaf ? account.deafen(true) : account.simulator.setFaults({ ...noFaults, down: true }));
    time.after(from, 'gateway down', down);
    time.after(to, 'gateway up', () => account.heal());
  }
}
