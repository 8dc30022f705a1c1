import { dayMs } from '../lib/domain/time.ts';
import { capturedMinor } from './life.ts';
import type { World } from './world.ts';

/**
 * A payment that is authorised first: captured in two or three parts, of which the last may come days later, or never; or given up with
 * nothing captured. False for one that is captured at once and in full.
 */
export function captureInParts(w: World, id: string, order: string | undefined): boolean {
  const { account, chance, time, knobs } = w;
  const { parts } = account;
  const is = (what: string) => chance.fixed(`${what} of ${id}`);
  if (parts === undefined || is('captured at once') < 0.15) return false;
  parts.authorise({ id, currency: 'EUR', order });
  const at = (what: string, ms: number, act: () => void) => time.after(Math.floor(ms), `${what} of ${id}`, act);
  const first = is('first part') * knobs.spanMs;
  if (is('given up') < 0.1) {
    at('giving up', first * 2, () => parts.close(id));
    return true;
  }
  const shares = is('thirds') < 0.5 ? [0.5, 0.5] : [0.4, 0.35, 0.25];
  // What a shop does not ship it does not capture.
  const given = is('not all') < 0.25 ? shares.slice(0, -1) : shares;
  const grows = is('grows') < 0.4;
  let ms = first;
  for (const [n, share] of given.entries()) {
    const theirs = grows ? `ac_${id}` : `ac_${id}_${n + 1}`;
    const last = n === given.length - 1;
    at(`part ${n + 1}`, ms, () => {
      if (last && is('closed with it') < 0.5) parts.close(id);
      parts.capture(id, { theirs, amountMinor: Math.round(share * capturedMinor) });
    });
    ms += is(`wait ${n}`) ** 3 * 4 * dayMs;
  }
  at('end', ms + dayMs, () => parts.close(id));
  return true;
}
