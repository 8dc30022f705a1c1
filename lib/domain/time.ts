/** Instants and durations. Both are milliseconds and both are branded or named, so that seconds can't slip in. */
declare const brand: unique symbol;

/** Milliseconds since the epoch, UTC. */
export type Instant = number & { readonly [brand]: 'instant' };

export const instant = (epochMs: number): Instant => {
  if (!Number.isSafeInteger(epochMs)) throw new RangeError(`not an instant: ${epochMs}`);
  return epochMs as Instant;
};

export const fromSeconds = (epochSeconds: number): Instant => instant(epochSeconds * 1000);
export const plus = (at: Instant, ms: number): Instant => instant(at + ms);
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);
export const iso = (at: Instant): string => new Date(at).toISOString();
/** The UTC day, `2026-11-21`: the key of lists by day. */
export const day = (at: Instant): string => iso(at).slice(0, 10);

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const dayMs = 24 * hour;
