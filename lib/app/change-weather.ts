import {
  type Account,
  believable,
  readWeather,
  type Stored,
  storedWeather,
  type Weather,
  writeWeather,
} from './accounts.ts';
import type { Needs } from './needs.ts';
import { insist } from './retry.ts';
import { tellChange } from './weather-news.ts';

export type ChangeNeeds = Pick<Needs, 'table' | 'clock' | 'ids' | 'pause' | 'log'>;

/**
 * Changes what is known of the account, on the version that this process saw last: whoever was first shows it what it is now. Nothing is
 * written where nothing changes. Undefined where it stayed busy.
 */
export async function changeWeather<T extends object>(
  needs: ChangeNeeds,
  local: { known: Stored | undefined },
  of: Account,
  decide: (weather: Weather) => { readonly weather: Weather; readonly answer: T },
): Promise<T | undefined> {
  const writer = needs.ids.random();
  const once = async (): Promise<T | 'busy' | 'rival'> => {
    const known = local.known ?? (await readWeather(needs.table, of, needs.clock.now()));
    const before = { ...known, weather: believable(known.weather, needs.clock.now()) };
    local.known = before;
    const { weather, answer } = decide(before.weather);
    if (weather.breaker === before.weather.breaker && weather.pace === before.weather.pace) {
      // A phase changes with every request of anybody's: who found no room reads it anew the next time.
      if (weather.breaker.is === 'ramp') local.known = undefined;
      return answer;
    }
    const written = await writeWeather(needs.table, of, { before, after: weather, writer });
    if (written.is === 'busy') return 'busy';
    const after = { version: before.version + 1, writer, weather };
    local.known = written.is === 'written' ? after : storedWeather(written.failed[0]?.old, needs.clock.now());
    // The reply was lost, or the SDK under us asked twice: this is our own write.
    if (local.known.writer !== writer) return 'rival';
    tellChange(needs.log, of, before.weather.breaker, weather.breaker);
    return answer;
  };
  return insist(needs, async () => {
    // A rival's write shows what it is by now: no pause is needed before the next try.
    for (let tries = 0; tries < rivals; tries += 1) {
      const result = await once();
      if (result !== 'rival') return result === 'busy' ? undefined : result;
    }
    return undefined;
  });
}

/** So many processes may be faster, one after the other, before this one makes a pause. */
const rivals = 6;
