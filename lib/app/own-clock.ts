import { type Instant, second } from '../domain/time.ts';
import type { Needs } from './needs.ts';
import type { Gateway } from './ports/gateway.ts';
import type { Turn } from './turn.ts';

/**
 * What a process can know about its own clock (F26). All that is said of keys' windows and of absences holds as long as clocks of ours are
 * no further apart than `skewMs`. Whoever sees that its own can't be right says so, and decides nothing by it: an absence that it dates is
 * no proof, and it sends nothing. Two of which each is within this of a gateway's clock are near enough to one another.
 */
const mostApartMs = 30 * second;

/** By how much the gateway's last answer says that our clock is wrong; 0 where it does not. */
export function apartFrom(gateway: Gateway): number {
  const apart = gateway.apartMs?.() ?? 0;
  return Math.abs(apart) > mostApartMs ? apart : 0;
}

/** By how much our clock is behind whoever wrote the last entry of this refund, where that is more than any two clocks of ours may be apart. */
export function behind({ tempo }: Pick<Needs, 'tempo'>, { loaded }: Pick<Turn, 'loaded'>, now: Instant): number {
  const ahead = (loaded.entries.at(-1)?.at ?? 0) - now;
  return ahead > tempo.skewMs ? ahead : 0;
}

export const sayWrong = (
  { log }: Pick<Needs, 'log'>,
  { loaded, leg, author }: Pick<Turn, 'loaded' | 'leg' | 'author'>,
  byMs: number,
): void =>
  log.alarm('clock-wrong', {
    stream: loaded.id,
    leg: leg.leg,
    correlation: author.correlation,
    code: `${Math.round(byMs / second)}s`,
  });
