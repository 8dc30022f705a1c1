import { hour, type Instant, instant, minute, plus } from '../lib/domain/time.ts';
import { type Chances, fraction } from './chance.ts';
import type { Scheduler } from './scheduler.ts';

/** When a life begins, and which of its clocks are wrong when. */
export interface Clocks {
  readonly begins: Day;
  readonly wrong: readonly WrongClock[];
}

export interface Day {
  readonly name: string;
  readonly at: Instant;
}

/** From here to there in virtual milliseconds, by so much, in so many of all function environments: 1 is all of them. */
export interface WrongClock {
  readonly from: number;
  readonly to: number;
  readonly byMs: number;
  readonly share: number;
}

/** Somebody went by a clock that is wrong, or through a strange day. */
export const clocksMet = ({ clocks }: { readonly clocks?: Clocks }, met: ReadonlySet<WrongClock>): string[] => [
  ...(clocks === undefined ? [] : [`over ${clocks.begins.name}`]),
  ...[...met].flatMap(({ byMs, from }) => [
    Math.abs(byMs) < hour ? 'clock wrong by ten minutes' : 'clock wrong by an hour',
    ...(from > 0 ? ['clock jumps'] : []),
  ]),
];

/** Some hours before something happens to calendars. Daylight saving is Europe's and America's, in both directions. */
const ordinary: Day = { name: 'an ordinary day', at: instant(Date.UTC(2026, 10, 21, 12)) };
const days: readonly Day[] = [
  ordinary,
  { name: 'a leap day', at: instant(Date.UTC(2028, 1, 28, 22, 40)) },
  { name: 'the day after a leap day', at: instant(Date.UTC(2028, 1, 29, 23, 10)) },
  { name: 'a turn of the year', at: instant(Date.UTC(2026, 11, 31, 23, 0)) },
  { name: 'daylight saving begins', at: instant(Date.UTC(2027, 2, 28, 0, 20)) },
  { name: 'daylight saving ends', at: instant(Date.UTC(2027, 9, 31, 0, 20)) },
  { name: 'daylight saving ends', at: instant(Date.UTC(2027, 10, 7, 5, 20)) },
];

const tenMinutes = 10 * minute;

/** In four of ten lives clocks are right. In the others all are wrong alike, or some are and in both directions. */
export function clocksOf(chance: Pick<Chances, 'fixed'>, spanMs: number): Clocks {
  const is = (what: string) => chance.fixed(`clocks ${what}`);
  const begins = days[Math.floor(is('day') * days.length)] ?? ordinary;
  const kind = is('kind');
  const sign = is('direction') < 0.5 ? -1 : 1;
  const byMs = sign * (is('by') < 0.6 ? tenMinutes : hour);
  const from = is('from') < 0.4 ? 0 : Math.floor(is('from when') * spanMs);
  const to = from + Math.floor(is('to') * (2 * spanMs - from));
  if (kind < 0.4) return { begins, wrong: [] };
  if (kind < 0.55) return { begins, wrong: [{ from, to, byMs, share: 1 }] };
  // Each environment is in one of these or in none: no two of them add up. Two that are wrong by different times do more than one.
  const otherMs = is('other') < 0.5 ? -byMs : byMs + sign * tenMinutes;
  return {
    begins,
    wrong: [
      { from, to, byMs, share: 0.3 },
      { from, to, byMs: otherMs, share: 0.6 },
    ],
  };
}

/** How far the clock of a process is off at some time, besides what the promise allows. */
export function clockErrors(of: { readonly seed: string; readonly time: Scheduler; readonly clocks?: Clocks }) {
  const { seed, time, clocks } = of;
  const begun = time.now();
  const met = new Set<WrongClock>();
  const wrongBy = (process: { readonly name: string }): number => {
    if (clocks === undefined || clocks.wrong.length === 0) return 0;
    const luck = fraction(`${seed}|wrong clock|${process.name}`);
    const now = time.now();
    const mine = clocks.wrong.find(({ share }) => luck < share);
    if (mine === undefined || now < plus(begun, mine.from) || now >= plus(begun, mine.to)) return 0;
    met.add(mine);
    return mine.byMs;
  };
  return { wrongBy, met };
}
