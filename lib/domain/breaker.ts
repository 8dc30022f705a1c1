import type { Tempo } from './tempo.ts';
import { type Instant, plus } from './time.ts';

/**
 * The circuit breaker of one gateway account. Politeness, never safety: it decides when we ask a gateway that fails or refuses our
 * credential, and has no say in what may be sent. Every waiting has its deadline in the state, so that nobody has to remember it, and
 * a process that dies in the middle of a probe stops nothing for longer than a lease.
 */
export type Breaker =
  | {
      readonly is: 'closed';
      /** Failures in a row, and since when. */
      readonly failures: number;
      readonly since: Instant;
      readonly turn: number;
    }
  | (Trouble & { readonly is: 'open'; readonly until: Instant })
  | (Trouble & {
      readonly is: 'ramp';
      /** So many requests are let in before the next, larger phase: 1, the probe, then 2, 4, 8, 16, 32. */
      readonly size: number;
      readonly started: number;
      readonly finished: number;
      /** Whoever started and has not said by then what came of it never will: that is a failure. */
      readonly deadline: Instant;
    });

interface Trouble {
  readonly reason: 'failing' | 'credential';
  /** How often it opened in a row: the wait doubles with each. */
  readonly opens: number;
  /** Since when the trouble lasts. */
  readonly since: Instant;
  /** Counts the changes of state: what was started in another one is no news about this. */
  readonly turn: number;
}

/** What one request said about the account, not about the refund. `unused`: nothing was sent after all. */
export type Verdict = 'good' | 'bad' | 'credential' | 'unused';

type BreakerTempo = Pick<Tempo, 'leaseMs' | 'openMs' | 'mostOpenMs' | 'failureRowMs' | 'blipMs'>;

/** So many failures in a row open it, if they are not all of one moment: what was under way together is lost together. */
export const mostFailures = 5;
const largestPhase = 32;

export const closedBreaker = (now: Instant): Breaker => ({ is: 'closed', failures: 0, since: now, turn: 0 });

export type Admission =
  | { readonly is: 'admitted'; readonly breaker: Breaker; readonly places: number }
  /** Nobody is let in before `until`, or before one who is in says what came of it; `breaker` is what it is by now. */
  | { readonly is: 'shut'; readonly breaker: Breaker; readonly until: Instant };

/** Lets in up to `wanted` requests now. `chance` in [0, 1) spreads the accounts that open at one time. Pure. */
export function admit(
  breaker: Breaker,
  wanted: number,
  { now, tempo, chance }: { readonly now: Instant; readonly tempo: BreakerTempo; readonly chance: number },
): Admission {
  const here = afterDeadline(breaker, now, tempo, chance);
  switch (here.is) {
    case 'closed':
      return { is: 'admitted', breaker: here, places: wanted };
    case 'open':
      return now < here.until
        ? { is: 'shut', breaker: here, until: here.until }
        : { is: 'admitted', breaker: phase(here, 1, 1, plus(now, tempo.leaseMs)), places: 1 };
    case 'ramp': {
      const places = Math.min(wanted, here.size - here.started);
      if (places <= 0) return { is: 'shut', breaker: here, until: now };
      const started = here.started + places;
      return { is: 'admitted', breaker: { ...here, started, deadline: plus(now, tempo.leaseMs) }, places };
    }
  }
}

/** How many requests it would let in now; as many as one likes where it is closed. */
export function room(breaker: Breaker, now: Instant): number {
  switch (breaker.is) {
    case 'closed':
      return Number.POSITIVE_INFINITY;
    case 'open':
      return now < breaker.until ? 0 : 1;
    case 'ramp':
      // Nobody is coming back from a phase that is overdue: somebody has to go and see.
      return isSilent(breaker, now) ? 1 : breaker.size - breaker.started;
  }
}

/** What becomes of it when a request that was let in at `turn` says what came of it. Pure. */
export function heard(
  breaker: Breaker,
  { turn, verdict }: { readonly turn: number; readonly verdict: Verdict },
  { now, tempo, chance }: { readonly now: Instant; readonly tempo: BreakerTempo; readonly chance: number },
): Breaker {
  if (breaker.is === 'open' || breaker.turn !== turn) return breaker;
  if (verdict === 'credential') return open(breaker, 'credential', now, tempo, chance);
  if (breaker.is === 'closed') return inClosed(breaker, verdict, now, tempo, chance);
  if (verdict === 'unused') return { ...breaker, started: breaker.started - 1 };
  if (verdict === 'bad') return open(breaker, 'failing', now, tempo, chance);
  const finished = breaker.finished + 1;
  return finished < breaker.size ? { ...breaker, finished } : nextPhase(breaker, now, tempo);
}

function inClosed(
  breaker: Extract<Breaker, { is: 'closed' }>,
  verdict: 'good' | 'bad' | 'unused',
  now: Instant,
  tempo: BreakerTempo,
  chance: number,
): Breaker {
  if (verdict === 'unused') return breaker;
  if (verdict === 'good') return breaker.failures === 0 ? breaker : { ...breaker, failures: 0, since: now };
  const goesOn = breaker.failures > 0 && now < plus(breaker.since, tempo.failureRowMs);
  const row = goesOn ? { ...breaker, failures: breaker.failures + 1 } : { ...breaker, failures: 1, since: now };
  const lasts = row.failures >= mostFailures && now >= plus(row.since, tempo.blipMs);
  return lasts ? open(row, 'failing', now, tempo, chance) : row;
}

/** A phase whose time is over: somebody in it is silent, which is a failure; or few wanted in and all was well, which is enough. */
function afterDeadline(breaker: Breaker, now: Instant, tempo: BreakerTempo, chance: number): Breaker {
  // Stryker disable next-line ConditionalExpression: only a ramp has what is compared below; the types do not know
  if (breaker.is !== 'ramp') return breaker;
  if (isSilent(breaker, now)) return open(breaker, breaker.reason, now, tempo, chance);
  // Longer than between two sweeps, which give it its requests.
  const quiet = breaker.finished > 0 && now >= plus(breaker.deadline, tempo.leaseMs);
  return quiet ? nextPhase(breaker, now, tempo) : breaker;
}

const nextPhase = (breaker: Extract<Breaker, { is: 'ramp' }>, now: Instant, tempo: BreakerTempo): Breaker =>
  breaker.size >= largestPhase
    ? { is: 'closed', failures: 0, since: now, turn: breaker.turn + 1 }
    : phase(breaker, breaker.size * 2, 0, plus(now, tempo.leaseMs));

const isSilent = ({ started, finished, deadline }: Extract<Breaker, { is: 'ramp' }>, now: Instant): boolean =>
  started > finished && now >= deadline;

/** Waits twice as long as the last time, within bounds, and up to a tenth more. */
function open(
  from: Exclude<Breaker, { is: 'open' }>,
  reason: Trouble['reason'],
  now: Instant,
  tempo: BreakerTempo,
  chance: number,
): Breaker {
  const opens = from.is === 'closed' ? 1 : from.opens + 1;
  const wait = Math.min(tempo.openMs * 2 ** Math.min(opens - 1, 20), tempo.mostOpenMs);
  const until = plus(now, Math.ceil(wait * (1 + chance / 10)));
  return { is: 'open', reason, until, opens, since: from.is === 'closed' ? now : from.since, turn: from.turn + 1 };
}

const phase = (from: Trouble, size: number, started: number, deadline: Instant): Breaker => {
  const { reason, opens, since, turn } = from;
  return { is: 'ramp', reason, opens, since, turn: turn + 1, size, started, finished: 0, deadline };
};
