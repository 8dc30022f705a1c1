import { captureInParts } from './captures.ts';
import type { Happening } from './ceilings.ts';
import { lookForDays } from './looks.ts';
import { happenings } from './people.ts';
import { playRestores } from './restore-life.ts';
import { partsOf, returnOf, sendReturn } from './returns.ts';
import { inShops, sellAndTakeBack } from './shop-life.ts';
import type { World } from './world.ts';

/** Minor units captured on each payment. */
export const capturedMinor = 10_000;

/** What a shop was told: every return that was answered with success. */
export interface Accepted {
  readonly name: string;
  readonly deliveryId: string;
  /** What was said, where it can be said again. */
  readonly body?: string;
}

export interface Life {
  readonly accepted: Accepted[];
  /** Forged or altered messages that were taken. */
  readonly forged: string[];
  /** What somebody did to what is another merchant's. */
  readonly crossed: string[];
  /** What a Shopify shop owes by its own pages and did not pay itself, in minor units. */
  readonly owed: { readonly order: number; readonly minor: number }[];
  readonly reached: Set<string>;
}

export const emptyLife = (): Life => ({ accepted: [], forged: [], crossed: [], owed: [], reached: new Set() });

/** Payments, returns and everything that people, banks and strangers do in one run: all of it drawn by name from the seed. */
export function liveIn(w: World): Life {
  const life = emptyLife();
  const { knobs, chance, time } = w;
  if (w.shop === undefined) comeBack(w, life);
  else sellAndTakeBack(w, w.shop, life);
  playRestores(w, life);
  lookForDays(w, life);
  for (const [what, most] of Object.entries(knobs.happenings) as [Happening, number][]) {
    const times = Math.floor(chance.fixed(`times ${what}`) * (most + 1));
    for (let n = 1; n <= times; n += 1) {
      if (!w.does(`${what} ${n}`)) continue;
      const at = Math.floor(chance.fixed(`${what} ${n}`) * knobs.spanMs * 1.5);
      time.after(at, `${what} ${n}`, () => {
        life.reached.add(what);
        return ((w.shop && inShops[what]) ?? happenings[what])(w, life, n);
      });
    }
  }
  return life;
}

/** The payment of an order is captured, and the gateway says so; answers its id there. */
export function capture(w: World, payment: number | string, order: string | undefined): string {
  const id = `pi_canary${payment}`;
  if (w.knobs.inParts && captureInParts(w, id, order)) return id;
  const of = { id, amountMinor: capturedMinor, currency: 'EUR', ...(order !== undefined && { order }) };
  const seeded = w.account.simulator.seedPayment(of, w.time.now());
  if (seeded.is === 'seeded') w.account.emit(seeded.webhooks);
  return id;
}

/** Returns that a shop posts. */
function comeBack(w: World, life: Life): void {
  const { knobs, chance, time } = w;
  for (let p = 1; p <= knobs.payments; p += 1) {
    for (const part of partsOf(w, p)) {
      const known = !knobs.twoEach || chance.fixed(`order of ${part}`) < 0.6;
      capture(w, part, known ? `order-${p}` : undefined);
    }
    for (let r = 1; r <= knobs.returnsEach; r += 1) {
      if (!w.does(`return ${p}.${r}`)) continue;
      const at = Math.floor(chance.fixed(`return ${p}.${r}`) * knobs.spanMs);
      time.after(at, `return ${p}.${r}`, () => sendReturn(w, life, returnOf(w, p, r), `msg_${p}_${r}`, 1));
    }
  }
}
