import { type Breaker, closedBreaker } from '../domain/breaker.ts';
import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import { decode, encode } from '../domain/json.ts';
import { freshPace, type Pace, type Rates, rateAt } from '../domain/pace.ts';
import { accountItem } from '../domain/streams.ts';
import { type Instant, minute } from '../domain/time.ts';
import type { Connections } from './ports/connections.ts';
import type { Item, Table, Write, Written } from './ports/table.ts';
import type { Clock } from './ports/world.ts';

/**
 * The weather at one gateway account, shared by everything that calls it: one item, changed on condition of its version. It is no fact
 * and follows from none; losing it would cost some politeness and nothing else.
 */
export interface Weather {
  readonly breaker: Breaker;
  readonly pace: Pace;
  /** The vendor's limits, as the last caller knew them. */
  readonly rates: Rates;
}

/** As it was read: `version` 0 where nobody called yet. */
export interface Stored {
  readonly version: number;
  readonly writer: string;
  readonly weather: Weather;
}

export interface Account {
  readonly merchant: MerchantId;
  readonly connection: ConnectionName;
}

/** `demo#stripe-demo`. */
export const accountOf = (name: string): Account => {
  const [merchant, connection] = name.split('#');
  return { merchant: merchant as MerchantId, connection: connection as ConnectionName };
};

/** What is assumed of an account that nobody has called yet. */
const unknownRates: Rates = { perEndpoint: 10, perAccount: 10 };

export const fairWeather = (now: Instant, rates: Rates = unknownRates): Weather => ({
  breaker: closedBreaker(now),
  pace: freshPace(now),
  rates,
});

export async function readWeather(table: Table, of: Account, now: Instant): Promise<Stored> {
  return storedWeather(await table.get(accountKey(of)), now);
}

export function storedWeather(item: Item | undefined, now: Instant): Stored {
  if (item === undefined) return { version: 0, writer: '', weather: fairWeather(now) };
  const weather = believable(decode<Weather>(String(item.weather)), now);
  return { version: Number(item.version), writer: String(item.writer), weather };
}

/** Nobody whose clock is right puts anything off for so long: the longest wait of a breaker, and how far clocks of ours may be apart. */
const farthestMs = 15 * minute;

/** So far ahead that only a clock can have said so that is wrong, or was. */
export const isFar = (at: number, now: Instant): boolean => at > now + farthestMs;

/**
 * Without what only a clock can have written that is far ahead of ours: an account must not stand still until everybody else's has come to
 * there (F26, F144). The same object where nothing is like that.
 */
export function believable(weather: Weather, now: Instant): Weather {
  const { pace, breaker } = weather;
  const { next, shrunkAt } = pace;
  const near = <At extends number>(at: At): At | Instant => (isFar(at, now) ? now : at);
  const farPace = [shrunkAt, ...Object.values(next)].some((at) => isFar(at, now));
  const farBreaker = isFar(endOf(breaker), now);
  if (!farPace && !farBreaker) return weather;
  const nearer = { account: near(next.account), refund: near(next.refund), read: near(next.read) };
  return {
    ...weather,
    ...(farPace && { pace: { ...pace, next: nearer, shrunkAt: near(shrunkAt) } }),
    ...(farBreaker && { breaker: endedNow(breaker, now) }),
  };
}

const endOf = (breaker: Breaker): Instant =>
  breaker.is === 'open' ? breaker.until : breaker.is === 'ramp' ? breaker.deadline : breaker.since;

const endedNow = (breaker: Breaker, now: Instant): Breaker =>
  breaker.is === 'open'
    ? { ...breaker, until: now }
    : breaker.is === 'ramp'
      ? { ...breaker, deadline: now }
      : { ...breaker, since: now };

/** Only if nobody changed it since `before` was read. `writer` tells our own success from a rival's where the reply was lost. */
export async function writeWeather(
  table: Table,
  of: Account,
  { before, after, writer }: { readonly before: Stored; readonly after: Weather; readonly writer: string },
): Promise<Written> {
  const version = BigInt(before.version + 1);
  const write: Write = {
    update: accountKey(of),
    set: { version, writer, weather: encode(after) },
    only: [
      before.version === 0 ? { is: 'absent' } : { attribute: 'version', is: 'equal', value: BigInt(before.version) },
    ],
  };
  return table.write([write]);
}

/** What people see of it. Instants are milliseconds since the epoch. */
export interface ShownGateway {
  readonly connection: ConnectionName;
  /**
   * `open`: it is not asked before `until`. `probe`: that time is over, and nothing was to be asked since. `ramp`: it answers again, and is
   * asked more and more. `closed`: no trouble.
   */
  readonly state: Breaker['is'] | 'probe';
  /** When it is asked again, where it is open. */
  readonly until: number | null;
  readonly reason: string | null;
  /** Requests per second that it is asked with at most by now; null before the first. */
  readonly ratePerSecond: number | null;
}

/** The weather at each of a merchant's gateway accounts. */
export async function showGateways(
  needs: { readonly table: Table; readonly connections: Connections; readonly clock: Clock },
  merchant: MerchantId,
): Promise<ShownGateway[]> {
  const all = await needs.connections.of(merchant);
  const names = all.filter(({ kind }) => kind === 'gateway').map(({ name }) => name);
  return Promise.all(names.map((name) => showGateway(needs.table, { merchant, connection: name }, needs.clock.now())));
}

async function showGateway(table: Table, of: Account, now: Instant): Promise<ShownGateway> {
  const { version, weather } = await readWeather(table, of, now);
  const { breaker, pace, rates } = weather;
  return {
    connection: of.connection,
    state: breaker.is === 'open' && now >= breaker.until ? 'probe' : breaker.is,
    until: breaker.is === 'open' ? breaker.until : null,
    reason: breaker.is === 'closed' ? null : breaker.reason,
    ratePerSecond: version === 0 ? null : Math.round(rateAt(pace, rates, now) * 10) / 10,
  };
}

export const accountKey = ({ merchant, connection }: Account) =>
  ({ table: 'state', pk: accountItem(merchant, connection) }) as const;
