import type { Profile } from './ceilings.ts';
import { profiles } from './profiles.ts';

/** The higher number of each name; what is no number is the other's. */
function higher<T extends object>(one: T, other: Partial<T>): T {
  const own = new Map<string, unknown>(Object.entries(one));
  const most = Object.entries(other).map(([name, value]) => {
    const mine = own.get(name);
    return [name, typeof mine === 'number' && typeof value === 'number' ? Math.max(mine, value) : value];
  });
  return { ...one, ...Object.fromEntries(most) };
}

/** Whatever may happen in either may happen in both at once. The size of a life is nobody's but its own. */
function crossing(one: Profile, { ceilings, happenings, shape, crossed, ...other }: Profile): Profile {
  return {
    ...higher(one, other),
    ceilings: higher(one.ceilings, ceilings),
    happenings: higher(one.happenings, happenings),
  };
}

/** The others that a life draws, as one. Its size is drawn too: a dozen payments under all of that are as slow as they are rare. */
export function crossedOf(profile: Profile, is: (what: string) => number): Profile {
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
