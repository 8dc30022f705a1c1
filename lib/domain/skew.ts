import { minute } from './time.ts';

/**
 * What the signed times of verified messages say about the distance between a sender's clock and ours (F26). A message that is ten
 * minutes old may be a replay; if one after another is, by the same ten minutes, it is a clock that is wrong, and dropping them all
 * would be dropping the shop. Pure.
 */
export interface Heard {
  /** Tells messages apart: one message that is repeated says nothing new. */
  readonly message: string;
  /** Signed time minus ours: negative where the sender's clock is behind ours. */
  readonly offsetMs: number;
}

/** Below it nothing needs a correction, and above it none is made: such a message is old, whatever our clock says. */
const smallestMs = minute;
export const largestSkewMs = 15 * minute;
/** Clocks that are wrong are wrong by the same amount; queues and retries are not. */
const agreeingMs = minute;
const remembered = 10;
const needed = 5;

/** The last messages with one more, oldest first. One that is too far away to be about a clock pushes none out. */
export function hear(heard: readonly Heard[], one: Heard): readonly Heard[] {
  if (Math.abs(one.offsetMs) > largestSkewMs) return heard;
  if (heard.some(({ message }) => message === one.message)) return heard;
  return [...heard, one].slice(-remembered);
}

/** The offset on which at least five of the last ten messages agree, in the same direction; 0 where they do not. */
export function skewOf(heard: readonly Heard[]): number {
  for (const sign of [-1, 1]) {
    const offsets = heard.map(({ offsetMs }) => offsetMs * sign).filter((offset) => offset >= smallestMs);
    offsets.sort((a, b) => a - b);
    const middle = offsets[Math.floor(offsets.length / 2)];
    if (middle === undefined) continue;
    if (offsets.filter((offset) => Math.abs(offset - middle) <= agreeingMs).length >= needed) return middle * sign;
  }
  return 0;
}
