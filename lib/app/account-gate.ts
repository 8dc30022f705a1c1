import { admit, heard, type Verdict } from '../domain/breaker.ts';
import { type Endpoint, inTime, type Pace, type Rates, rateAt, reserve, shrink } from '../domain/pace.ts';
import { type Instant, plus, second } from '../domain/time.ts';
import { type Account, believable, fairWeather, isFar, type Stored, type Weather } from './accounts.ts';
import { type ChangeNeeds, changeWeather } from './change-weather.ts';
import { type Call, requestsOf } from './gateway-requests.ts';
import type { Needs } from './needs.ts';
import { Unavailable } from './ports/unavailable.ts';
import { chanceOf } from './retry.ts';
import { evenStarts, type Starts } from './starts.ts';

/** Who wants to ask, and under which limits of the vendor's. */
export interface Caller extends Account {
  readonly rates: Rates;
}

/** The place of one request in the traffic to its account. Given back by `leave`, once, whatever came of it. */
export interface Pass {
  readonly of: Caller;
  readonly call: Call;
  readonly turn: number;
}

export type Entered =
  | { readonly is: 'in'; readonly pass: Pass }
  /** Not now: the account's breaker is open, or its pace is full for longer than a function waits. */
  | { readonly is: 'later'; readonly until: Instant };

export interface Heard {
  readonly verdict: Verdict;
  /** The gateway said "too many requests", and perhaps when to come again. */
  readonly limited?: { readonly retryAfterMs: number | undefined };
}

/**
 * Asked before every request to a gateway, and told what came of it. Politeness only: a lost answer, a lost item or a dead process costs
 * a place or a wait, which end by their own deadlines, and never a refund. Slots are taken a few at a time, as many as wait for one, so
 * that a busy process writes about five times a second; a success in fair weather writes nothing.
 *
 * `enter` throws `Unavailable` where the table does not answer: nothing was sent. `leave` never throws.
 */
export interface Gate {
  enter(of: Caller, call: Call, mostWaitMs: number): Promise<Entered>;
  /** Called right before the request; what it answers is to be called when the request left this process, if that can be told. */
  start(pass: Pass): Promise<() => void>;
  /** Answers until when nobody is let in, where the account is in trouble by now. */
  leave(pass: Pass, heard: Heard): Promise<Instant | undefined>;
}

export type GateNeeds = ChangeNeeds & Pick<Needs, 'tempo'>;

/** Slots that were not used in time are gone: two of them at once would be a burst. */
const slotLifeMs = 250;
/** At most so much of the rate is taken with one write. */
const chunkMs = 200;
/** Who has a slot and still waits for its start holds up the others: so no slots are taken while that is longer than this. */
const mostHeldUpMs = 150;

type EnterNeeds = GateNeeds & { readonly starts: Starts };

interface Grant {
  readonly at: Instant;
  readonly turn: number;
}

/** What this process holds of one account. */
interface Local {
  known: Stored | undefined;
  readonly grants: Record<Call, Grant[]>;
  readonly waiting: Record<Call, number>;
  /** One write at a time; whoever comes meanwhile waits for it, and shares what it brings. */
  readonly refilling: Partial<Record<Call, Promise<Instant | undefined>>>;
}

/** One for each process: built by its root. */
export function accountGate(needs: GateNeeds): Gate {
  const accounts = new Map<string, Local>();
  const starts = evenStarts(needs);
  const localOf = ({ merchant, connection }: Account): Local => {
    const name = `${merchant}#${connection}`;
    const local = accounts.get(name) ?? fresh();
    accounts.set(name, local);
    return local;
  };
  return {
    enter: (of, call, mostWaitMs) => enter({ ...needs, starts }, localOf(of), { ...of, call, mostWaitMs }),
    start: async ({ of, call }) => {
      const now = needs.clock.now();
      const { pace } = localOf(of).known?.weather ?? fairWeather(now);
      const { endpoint } = requestsOf[call];
      const { perAccount } = of.rates;
      const limit = Math.min(of.rates.perEndpoint, perAccount);
      const here = await starts.start(startsOf(of, endpoint), { perSecond: rateAt(pace, of.rates, now), limit });
      const everywhere = { perSecond: rateAt(pace, { perEndpoint: perAccount, perAccount }, now), limit: perAccount };
      const there = await starts.start(startsOf(of, 'account'), everywhere);
      return () => {
        here();
        there();
      };
    },
    leave: (pass, said) => leave(needs, localOf(pass.of), pass, said),
  };
}

/** Requests of one kind, and all of an account's, each start within their own limit. */
const startsOf = ({ merchant, connection }: Account, kind: Endpoint | 'account') => `${merchant}#${connection}#${kind}`;

const fresh = (): Local => ({
  known: undefined,
  grants: { refund: [], find: [], look: [] },
  waiting: { refund: 0, find: 0, look: 0 },
  refilling: {},
});

interface Asking extends Caller {
  readonly call: Call;
  readonly mostWaitMs: number;
}

async function enter(needs: EnterNeeds, local: Local, of: Asking): Promise<Entered> {
  const { call } = of;
  const full = fullUntil(needs, local, of);
  if (full !== undefined) return { is: 'later', until: full };
  const grant = await grantFor(needs, local, of);
  if (typeof grant === 'number') return { is: 'later', until: grant };
  const wait = grant.at - needs.clock.now();
  if (wait > of.mostWaitMs) {
    local.grants[call].unshift(grant);
    return { is: 'later', until: grant.at };
  }
  if (wait > 0) await needs.pause(wait);
  return { is: 'in', pass: { of, call, turn: grant.turn } };
}

/** A grant, or until when there is none. Who has one waits for its time, and no more for a slot. */
async function grantFor(needs: EnterNeeds, local: Local, of: Asking): Promise<Grant | Instant> {
  const { call } = of;
  local.waiting[call] += 1;
  try {
    for (;;) {
      const grant = takeGrant(local, call, needs.clock.now());
      if (grant !== undefined) return grant;
      const shutUntil = await refillOnce(needs, local, of);
      if (shutUntil !== undefined) return shutUntil;
    }
  } finally {
    local.waiting[call] -= 1;
  }
}

/** So many have slots or wait for them already that one more would wait for too long. */
function fullUntil(needs: GateNeeds, local: Local, of: Asking): Instant | undefined {
  const { call, rates } = of;
  const now = needs.clock.now();
  const { pace } = believable(local.known?.weather ?? fairWeather(now), now) satisfies Weather;
  const { endpoint, requests } = requestsOf[call];
  const perSecond = rateAt(pace, rates, now) / requests;
  const here = (Math.max(0, local.waiting[call] - local.grants[call].length) / perSecond) * second;
  const wait = Math.max(0, pace.next[endpoint] - now, pace.next.account - now) + here;
  return wait > of.mostWaitMs ? plus(now, Math.ceil(wait)) : undefined;
}

/** Dropped are slots whose time or state has gone by, or whose clock was set back; a place in a phase is one whenever it is used. */
function takeGrant(local: Local, call: Call, now: Instant): Grant | undefined {
  const breaker = local.known?.weather.breaker;
  for (;;) {
    const grant = local.grants[call].shift();
    if (grant === undefined || breaker === undefined) return grant;
    if (isFar(grant.at, now)) continue;
    if (grant.turn === breaker.turn && (breaker.is === 'ramp' || grant.at >= now - slotLifeMs)) return grant;
  }
}

function refillOnce(needs: EnterNeeds, local: Local, of: Asking): Promise<Instant | undefined> {
  const { call } = of;
  const running = local.refilling[call];
  if (running !== undefined) return running;
  const started = refill(needs, local, of).finally(() => {
    delete local.refilling[call];
  });
  local.refilling[call] = started;
  return started;
}

/** Takes places and slots for who waits here; answers until when there are none. */
async function refill(needs: EnterNeeds, local: Local, of: Asking): Promise<Instant | undefined> {
  const { call, rates } = of;
  await untilNear(needs, local, of);
  const result = await changeWeather<Refilled>(needs, local, of, (weather) => {
    const now = needs.clock.now();
    const { endpoint, requests } = requestsOf[call];
    const most = Math.max(1, Math.floor((rateAt(weather.pace, rates, now) * chunkMs) / second / requests));
    const wanted = Math.min(Math.max(1, local.waiting[call]), most);
    const moment = { now, tempo: needs.tempo, chance: chanceOf(needs.ids) };
    const admission = admit(weather.breaker, wanted, moment);
    if (admission.is === 'shut')
      return { weather: { ...weather, breaker: admission.breaker }, answer: { shutUntil: admission.until } };
    const fitting = slotsWithin(weather.pace, of, admission.places, now);
    // Taken only as far as somebody here can wait for them: slots that nobody waits for are used late, which is a burst, or not at all.
    if (fitting.count === 0) return { weather, answer: { shutUntil: fitting.first } };
    const again = admit(weather.breaker, fitting.count, moment);
    const taken = reserve(weather.pace, rates, { endpoint, count: fitting.count * requests, now });
    const grants = taken.slots
      .filter((_, n) => n % requests === requests - 1)
      .map((at): Grant => ({ at, turn: again.breaker.turn }));
    return { weather: { breaker: again.breaker, pace: taken.pace, rates }, answer: { grants } };
  });
  if (result === undefined) return plus(needs.clock.now(), second);
  if ('shutUntil' in result) return result.shutUntil;
  local.grants[call].push(...inTime(result.grants, needs.clock.now(), slotLifeMs));
  return undefined;
}

/** Slots are taken when they are near, so that those who come until then share one write; and not while those taken are not used up. */
async function untilNear(needs: EnterNeeds, local: Local, { call, ...of }: Asking): Promise<void> {
  const { endpoint } = requestsOf[call];
  const pace = local.known && believable(local.known.weather, needs.clock.now()).pace;
  const next = pace === undefined ? 0 : Math.max(pace.next[endpoint], pace.next.account);
  const wait = Math.max(next - chunkMs - needs.clock.now(), needs.starts.waitMs(startsOf(of, endpoint)) - mostHeldUpMs);
  if (wait > 0) await needs.pause(Math.ceil(wait));
}

/** How many of the next slots come in time for who waits, and when the first one comes. */
function slotsWithin(pace: Pace, { call, rates, mostWaitMs }: Asking, wanted: number, now: Instant) {
  const { endpoint, requests } = requestsOf[call];
  const { slots } = reserve(pace, rates, { endpoint, count: wanted * requests, now });
  const ends = slots.filter((_, n) => n % requests === requests - 1);
  return { count: ends.filter((at) => at <= plus(now, mostWaitMs)).length, first: ends[0] ?? now };
}

type Refilled = { readonly shutUntil: Instant } | { readonly grants: readonly Grant[] };

async function leave(
  needs: GateNeeds,
  local: Local,
  { of, turn }: Pass,
  { verdict, limited }: Heard,
): Promise<Instant | undefined> {
  // Slots that were taken at the old rate are too many now.
  if (limited !== undefined) for (const grants of Object.values(local.grants)) grants.splice(0);
  try {
    const after = await changeWeather(needs, local, of, (weather) => {
      const now = needs.clock.now();
      const moment = { now, tempo: needs.tempo, chance: chanceOf(needs.ids) };
      const breaker = heard(weather.breaker, { turn, verdict }, moment);
      const pace = limited === undefined ? weather.pace : shrink(weather.pace, now, limited.retryAfterMs);
      return { weather: { ...weather, breaker, pace }, answer: breaker };
    });
    return after === undefined || after.is === 'closed'
      ? undefined
      : after.is === 'open'
        ? after.until
        : needs.clock.now();
  } catch (error) {
    // What came of the request is recorded already; an unheard phase ends by its deadline.
    if (!(error instanceof Unavailable)) throw error;
    return undefined;
  }
}
