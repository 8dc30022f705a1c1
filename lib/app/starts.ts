import { second } from '../domain/time.ts';
import type { Clock, Pause } from './ports/world.ts';

/** How fast requests of one kind start. */
export interface StartRate {
  /** Requests per second, as even as can be. */
  readonly perSecond: number;
  /** Requests in any one second, at most: the vendor's limit. */
  readonly limit: number;
}

/** Longer than this nobody waits here: a right to send is good for a moment only. */
const mostWaitMs = 600;
/** Who was held up leaves a part of the gap to be made up by those behind; else one stall would be everybody's, for as long as there is a backlog. */
const gapShare = 0.9;
/** Requests take now this long and now that to their gateway, once they left. */
const wayMs = 25;

interface Kind {
  next: number;
  /** How long those who wait here take at their rate. */
  waitingMs: number;
  /** When the last ones started or are to start, the oldest first. */
  readonly last: { at: number }[];
}

export interface Starts {
  /**
   * Resolves when a request of this kind may start, after `mostWaitMs` at the latest. What it resolves with is to be called when the
   * request left this process: between the two a busy process makes it late.
   */
  start(kind: string, rate: StartRate): Promise<() => void>;
  /** How long those of this kind that wait now take at their rate. Nobody else should be let in while that is long. */
  waitMs(kind: string): number;
}

/**
 * Slots are even when they are given, and what is done between a slot and its request takes now this long and now that: even slots come
 * out as bursts. So each request of this process also starts apart from the one before, of its kind. And since timers are late when the
 * process is busy, what counts in the end is when the others really started: never more than the limit within a second.
 */
export function evenStarts({ clock, pause }: { readonly clock: Clock; readonly pause: Pause }): Starts {
  const kinds = new Map<string, Kind>();
  const waitUntil = async (at: number) => {
    const ms = at - clock.now();
    if (ms > 0) await pause(Math.ceil(ms));
  };
  return {
    start: async (kind, { perSecond, limit }) => {
      const now = clock.now();
      const known = kinds.get(kind) ?? { next: now, waitingMs: 0, last: [] };
      kinds.set(kind, known);
      const most = Math.max(1, Math.floor(limit));
      const latest = now + mostWaitMs;
      const gapMs = second / perSecond;
      known.waitingMs += gapMs;
      const own = { at: Math.min(Math.max(now, known.next), latest) };
      known.next = own.at + gapMs * gapShare;
      known.last.push(own);
      // Nothing is taken out where there are fewer.
      const [before] = known.last.splice(0, known.last.length - most);
      await waitUntil(own.at);
      if (before !== undefined) await waitUntil(Math.min(before.at + (most / limit) * second + wayMs, latest));
      own.at = Math.max(own.at, clock.now());
      known.waitingMs -= gapMs;
      return () => {
        own.at = Math.max(own.at, clock.now());
      };
    },
    waitMs: (kind) => kinds.get(kind)?.waitingMs ?? 0,
  };
}
