import type { Verdict } from '../domain/breaker.ts';
import type { CorrelationId, RefundId } from '../domain/ids.ts';
import type { Leg } from '../domain/refund/leg.ts';
import type { Outcome } from '../domain/refund/outcome.ts';
import { type Instant, second } from '../domain/time.ts';
import type { Gate, Heard, Pass } from './account-gate.ts';
import { ifAvailable } from './if-available.ts';
import type { Needs } from './needs.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { CannotTell, Found, Gateway, Gateways, Identified, Looked } from './ports/gateway.ts';
import type { AttemptLine } from './ports/log.ts';

/** Who may call gateways: workers only, with credentials behind `gateways`. */
export interface CallNeeds extends Needs {
  readonly connections: Connections;
  readonly gateways: Gateways;
  /** Every request passes it. */
  readonly gate: Gate;
  /** How long this invocation still lives: nothing is asked whose answer could not be taken here any more (F87). */
  readonly remainingMs: () => number;
}

/** What recording an answer may take, retries included. */
const timeToRecordMs = second;

/** How much of this invocation's life is left beyond one question and what is made of its answer; less than nothing: it is not asked. */
export const spareMs = ({ remainingMs, tempo }: Pick<CallNeeds, 'remainingMs' | 'tempo'>): number =>
  remainingMs() - tempo.gatewayLimitMs - timeToRecordMs;

/** What an attempt line says besides the outcome. */
export interface About {
  readonly correlation: CorrelationId;
  readonly connection: Connection;
  readonly refund?: RefundId;
  readonly leg?: number;
  readonly epoch?: number;
  readonly sending?: number;
}

/** Every request to a gateway passes here: timed, and logged as one line of a fixed list of fields. */
export async function attempt<T extends { readonly is: string }>(
  needs: Pick<Needs, 'clock' | 'log'>,
  call: AttemptLine['call'],
  about: About,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = needs.clock.now();
  const result = await run();
  const { connection, ...ids } = about;
  const code = 'code' in result ? { code: String(result.code) } : 'why' in result ? { code: String(result.why) } : {};
  needs.log.attempt({
    ...ids,
    merchant: connection.merchant,
    connection: connection.name,
    call,
    outcome: result.is,
    ...code,
    startedAt,
    tookMs: needs.clock.now() - startedAt,
  });
  return result;
}

/** The gateway of a connection; undefined where its credential can't be had now. */
export const openIfPossible = (needs: CallNeeds, connection: Connection): Promise<Gateway | undefined> =>
  ifAvailable(() => needs.gateways.open(connection));

/** Whether the account may be asked now, after a short wait where that is enough. Whoever is let in calls `gate.leave`. */
export const enter = (
  { gate, tempo }: CallNeeds,
  { capabilities }: Gateway,
  { merchant, name, mode }: Connection,
  call: Extract<AttemptLine['call'], 'refund' | 'find' | 'look'>,
  mostWaitMs = tempo.gateWaitMs,
) => gate.enter({ merchant, connection: name, rates: capabilities.rates[mode] }, call, mostWaitMs);

/** What the answer to a refund request says about its account. */
export function heardOf(outcome: Outcome): Heard {
  switch (outcome.is) {
    case 'accepted':
      return { verdict: 'good' };
    case 'refused':
      if (outcome.again === 'account') return { verdict: 'credential' };
      if (outcome.again !== 'not-now') return { verdict: 'good' };
      if (outcome.limited) return { verdict: 'good', limited: { retryAfterMs: outcome.retryAfterMs } };
      return { verdict: outcome.code === 'not-started' ? 'unused' : 'good' };
    case 'unknown':
      // A replayed failure and a request that is still being executed are words of a gateway that works.
      return { verdict: outcome.spoiled || outcome.why === 'in-progress' ? 'good' : 'bad' };
  }
}

const verdicts: Readonly<Record<NonNullable<CannotTell['weather']>, Verdict>> = {
  silence: 'bad',
  account: 'credential',
  rate: 'good',
};

/** What the answer to a question says about its account. */
export function heardOfRead(result: Found | Looked | Identified): Heard {
  if (result.is !== 'cannot-tell' || result.weather === undefined) return { verdict: 'good' };
  const verdict = verdicts[result.weather];
  return result.weather === 'rate' ? { verdict, limited: { retryAfterMs: result.retryAfterMs } } : { verdict };
}

/** Why nothing was asked: its answer would have come too late for this invocation. Whoever comes next has a whole life for it. */
export const noTime = 'no-time';

/** The account is not to be asked now; `until` says when it may be. */
export type NotNow = CannotTell & { readonly until: Instant };

/**
 * A read through the gate: where that is shut nothing is asked, which tells nothing. Nor where this invocation would end before the answer
 * came: it would be killed there each time, and whoever waits for its last word would wait for ever.
 */
async function read<T extends Found | Looked>(
  needs: CallNeeds,
  gateway: Gateway,
  about: About,
  call: 'find' | 'look',
  run: () => Promise<T>,
): Promise<T | NotNow> {
  const spare = spareMs(needs);
  if (spare < 0) return { is: 'cannot-tell', why: noTime, until: needs.clock.now() };
  const entered = await enter(needs, gateway, about.connection, call, Math.min(spare, needs.tempo.gateWaitMs));
  if (entered.is === 'later') return { is: 'cannot-tell', why: 'not-now', until: entered.until };
  const result = await orGiveBack(needs, entered.pass, async () => {
    await needs.gate.start(entered.pass);
    return attempt(needs, call, about, run);
  });
  const until = await needs.gate.leave(entered.pass, heardOfRead(result));
  // No answer because of the account: that is no reason for this one refund to wait longer than the others.
  const byWeather = result.is === 'cannot-tell' && result.weather !== undefined;
  return byWeather && until !== undefined ? { ...result, until } : result;
}

/**
 * What our own code throws at says nothing about the account: its place goes back, or the one refund that has such an answer would keep
 * everybody out while the account is asked carefully (F72).
 */
async function orGiveBack<T>({ gate }: CallNeeds, pass: Pass, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await gate.leave(pass, { verdict: 'unused' });
    throw error;
  }
}

/** Why an absence tells nothing: the connection points elsewhere than the leg's last request went. */
export const elsewhere = 'elsewhere';

/**
 * What the gateway has under any key of the leg's, and which of the refunds known to be its it still has. Another host need not know what
 * the first one made: what it has counts, what it does not have tells nothing (F65).
 */
export const find = (
  needs: CallNeeds,
  gateway: Gateway,
  about: About,
  { reference, leg }: { readonly reference: string; readonly leg: Leg },
): Promise<Found | NotNow> =>
  read(needs, gateway, about, 'find', async () => {
    const theirs = Object.keys(leg.evidence);
    const found = await gateway.find({ reference, keys: leg.keys, theirs, limitMs: needs.tempo.gatewayLimitMs });
    const moved = leg.endpoint !== undefined && leg.endpoint !== gateway.endpoint;
    return moved && found.is === 'absent' ? { is: 'cannot-tell', why: elsewhere } : found;
  });

/** What the gateway knows of a payment. */
export const look = (needs: CallNeeds, gateway: Gateway, about: About, reference: string): Promise<Looked | NotNow> =>
  read(needs, gateway, about, 'look', () => gateway.look({ reference, limitMs: needs.tempo.gatewayLimitMs }));

/** The same pass, given back when the work under it has ended, with what it heard. */
export async function under<T>(
  needs: CallNeeds,
  pass: Pass,
  run: (tell: (heard: Heard) => void) => Promise<T>,
): Promise<T> {
  let said: Heard = { verdict: 'unused' };
  try {
    return await run((heard) => {
      said = heard;
    });
  } finally {
    await needs.gate.leave(pass, said);
  }
}
