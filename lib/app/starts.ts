import { second } from '../domain/time.ts';
import type { Clock, Pause } from './ports/world.ts';

/** Longer than this nobody waits here: a right to send is good for a moment only. */
const mostWaitMs = 600;

/**
 * Slots are even when they are given, and what is done between a slot and its request takes now this long and now that: even slots come
 * out as bursts. So each request of this process also starts as far from the one before, of its kind, as the rate asks for.
 */
export function evenStarts({ clock, pause }: { readonly clock: Clock; readonly pause: Pause }) {
  const next = new Map<string, number>();
  return async (kind: string, perSecond: number): Promise<void> => {
    const now = clock.now();
    const at = Math.min(Math.max(now, next.get(kind) ?? now), now + mostWaitMs);
    next.set(kind, at + second / perSecond);
    if (at > now) await pause(Math.ceil(at - now));
  };
}
