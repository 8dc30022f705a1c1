import { type CorrelationId, parseRefundId } from '../domain/ids.ts';
import { encode } from '../domain/json.ts';
import { holder } from '../domain/payment.ts';
import { absent, giveUpLease, hold, type Permit, record, refuse, renew, send } from '../domain/refund/decide.ts';
import type { HoldReason } from '../domain/refund/event.ts';
import { keyOf } from '../domain/refund/key.ts';
import { type Leg, legOf } from '../domain/refund/state.ts';
import { nextStep, type Step } from '../domain/refund/step.ts';
import type { Work } from '../domain/refund/work.ts';
import { controlStream, kindOf, partsOf } from '../domain/streams.ts';
import { backoff } from '../domain/tempo.ts';
import { plus, second } from '../domain/time.ts';
import { blockedBy, paymentOf } from './balances.ts';
import { change, takeEvidence } from './evidence.ts';
import { attempt, type CallNeeds, find } from './gateway-call.ts';
import { dueOf, postpone, triesOf } from './heads.ts';
import type { Also } from './journal.ts';
import { getPayment, openPayment, type PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Gateway } from './ports/gateway.ts';
import type { Queues } from './ports/queues.ts';
import { type Author, appendToRefund, type Loaded, loadRefund } from './refunds.ts';
import { jittered } from './retry.ts';

export interface ExecuteNeeds extends CallNeeds, PaymentNeeds {
  readonly queues: Queues;
  /** How long this invocation still lives: a request is started only if it can also end here (F87). */
  readonly remainingMs: () => number;
}

/**
 * The only place where money moves. One leg, one step: take the right to send once, send, record what came of it; or ask what came
 * of an earlier request; or wait. `nextStep` decides which.
 *
 * If this process dies: before the right is recorded, nothing happened. After it and before the request, or after the request and
 * before its outcome is recorded, the leg stays `sending` until its lease is over; then whoever comes asks the gateway first. A
 * request is never repeated because somebody did not answer; only because the gateway said it has nothing, or under the same key
 * within its window.
 */
export async function executeWork(needs: ExecuteNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined || kindOf(work.stream) !== 'refund') return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  if (loaded.refund.is !== 'approved') return 'done';
  const legs = loaded.refund.legs.filter((leg) => work.leg === undefined || leg.leg === work.leg);
  const results = [];
  for (const leg of legs) results.push(await advance(needs, work, loaded, leg.leg));
  return results.includes('busy') ? 'busy' : 'done';
}

interface Turn {
  readonly loaded: Loaded;
  readonly leg: Leg;
  readonly connection: Connection;
  readonly gateway: Gateway;
  readonly author: Author;
  readonly work: Work;
}

/** How far one turn goes, and how often it looks whether its payment's one place is free, before it leaves the rest to a later hint. */
const mostSteps = 4;

/** Where the place stays taken (its holder has no answer), so many of the waits are tried, and then the last of them again and again. */
const occupiedWaits = 3;

/** Steps that ask nobody follow one another; one that asks the gateway ends the turn. */
async function advance(needs: ExecuteNeeds, work: Work, first: Loaded, number: number): Promise<'done' | 'busy'> {
  let loaded = first;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const turn = await turnOf(needs, work, loaded, number);
    if (turn === undefined) return 'done';
    const step = nextStep(turn.leg, needs.clock.now(), turn.gateway.capabilities, needs.tempo);
    const settled = settle(needs, turn, step);
    const result = await (settled ?? act(needs, turn, step));
    if (result === 'busy' || (settled === undefined && result === 'done')) return result;
    if (result === 'occupied') {
      // Another leg of this payment is under way: mostly that takes a moment, and then the place is free.
      if (steps === mostSteps - 1) return waitLonger(needs, turn, occupiedWaits);
      await needs.pause(jittered(needs.ids, 40 * 2 ** steps));
    }
    loaded = await loadRefund(needs, work.merchant, loaded.id);
  }
  return 'done';
}

async function turnOf(needs: ExecuteNeeds, work: Work, loaded: Loaded, number: number): Promise<Turn | undefined> {
  if (loaded.refund.is !== 'approved') return undefined;
  const leg = legOf(loaded.refund, number);
  if (leg.now.is !== 'ready' && leg.now.is !== 'sending' && leg.now.is !== 'unknown') return undefined;
  const connection = await needs.connections.find(leg.connection);
  if (connection === undefined) return undefined; // taken out of the settings: the sweep asks again until it is back
  const gateway = await needs.gateways.open(connection);
  const correlation: CorrelationId = loaded.entries[0]?.correlation ?? work.correlation;
  const author: Author = { actor: 'execute', cause: work.stream, correlation };
  return { loaded, leg, connection, gateway, author, work };
}

/** Steps that only append a fact. Undefined for those that need the world. */
function settle(needs: ExecuteNeeds, turn: Turn, step: Step): Promise<'done' | 'busy'> | undefined {
  const number = turn.leg.leg;
  switch (step.do) {
    case 'give-up-lease':
      return change(needs, turn, (refund, now) => giveUpLease(refund, number, now));
    case 'renew':
      return change(needs, turn, (refund) => renew(refund, number));
    case 'refuse':
      if (step.forPerson) alarmHeld(needs, turn, 'refused-by-gateway');
      return change(needs, turn, (refund, now) =>
        refuse(refund, number, step.code, step.forPerson && { now, tempo: needs.tempo }),
      );
    case 'hold':
      return holdLeg(needs, turn, step.reasons);
    default:
      return undefined;
  }
}

const alarmHeld = (needs: ExecuteNeeds, { loaded, leg, author }: Turn, code: HoldReason | undefined): void =>
  needs.log.alarm('refund-held', {
    stream: loaded.id,
    leg: leg.leg,
    correlation: author.correlation,
    code: code ?? '',
  });

function holdLeg(needs: ExecuteNeeds, turn: Turn, reasons: readonly HoldReason[]): Promise<'done' | 'busy'> {
  alarmHeld(needs, turn, reasons[0]);
  return change(needs, turn, (refund, now) => hold(refund, turn.leg.leg, reasons, { now, tempo: needs.tempo }));
}

/** `occupied`: another leg has the payment's one place for requests. */
type Acted = 'done' | 'busy' | 'occupied';

async function act(needs: ExecuteNeeds, turn: Turn, step: Step): Promise<Acted> {
  switch (step.do) {
    case 'send':
      return sendOnce(needs, turn);
    case 'find':
      return ask(needs, turn);
    case 'wait':
      return wait(needs, turn, step.until - needs.clock.now());
    default:
      return 'done'; // a poll is reconcile's work, and nothing is nothing
  }
}

/** What recording an outcome may take, retries included. */
const timeToRecordMs = second;

/** 1 load the reference, 2 take the right to send, 3 send, 4 record the outcome. */
async function sendOnce(needs: ExecuteNeeds, turn: Turn): Promise<Acted> {
  const { leg, loaded, gateway, connection, author } = turn;
  const needed = needs.tempo.latestStartMs + needs.tempo.gatewayLimitMs + timeToRecordMs;
  if (needs.remainingMs() < needed) return 'busy';
  const reference = await referenceOf(needs, turn);
  if (reference === undefined) return holdLeg(needs, turn, ['reference-unreadable']);
  const permit = permitOf(needs, turn);
  const { refund: before } = loaded;
  if (before.is !== 'approved') return 'done';
  const moment = () => ({ now: needs.clock.now(), tempo: needs.tempo });
  const sent = await takeRight(needs, turn, permit);
  if (sent.is === 'not-mine') return sent.result;
  const order = {
    reference,
    amountMinor: leg.amountMinor,
    currency: before.currency,
    key: permit.key,
    refund: loaded.id,
    leg: leg.leg,
    latestStart: sent.latestStart,
    limitMs: needs.tempo.gatewayLimitMs,
  };
  const about = {
    correlation: author.correlation,
    connection,
    refund: loaded.id,
    leg: leg.leg,
    epoch: leg.epoch,
    sending: sent.sending,
  };
  const outcome = await attempt(needs, 'refund', about, () => gateway.refund(order));
  if (outcome.is === 'accepted') {
    return takeEvidence(needs, { ...turn, evidence: outcome.evidence, source: 'answer' });
  }
  const recorded = await change(needs, turn, (refund) =>
    record(refund, { leg: leg.leg, sending: sent.sending }, outcome, moment()),
  );
  if (outcome.is === 'refused' && outcome.again === 'not-now')
    await hint(needs, turn, needs.tempo.askAgainMs[0] ?? 1000);
  return recorded;
}

async function referenceOf(needs: ExecuteNeeds, { loaded, leg }: Turn): Promise<string | undefined> {
  const stored = await getPayment(needs, loaded.merchant, leg.payment);
  const secrets = stored && (await openPayment(needs, loaded.merchant, leg.payment, stored));
  return secrets === undefined || secrets === 'foreign' ? undefined : secrets.reference;
}

function permitOf(needs: ExecuteNeeds, { loaded, leg, gateway }: Turn): Permit {
  const key = keyOf({ refund: loaded.id, leg: leg.leg, epoch: leg.epoch }, needs.installation, needs.hash);
  const asked = {
    payment: leg.payment,
    amountMinor: leg.amountMinor,
    connection: leg.connection,
    rail: leg.rail,
    key,
    endpoint: gateway.endpoint,
  };
  return { leg: leg.leg, key, request: needs.hash(encode(asked)).slice(0, 32), endpoint: gateway.endpoint };
}

type Right =
  | { readonly is: 'taken'; readonly sending: number; readonly latestStart: ReturnType<typeof plus> }
  /** Somebody was first, or something stands in the way and was dealt with. */
  | { readonly is: 'not-mine'; readonly result: Acted };

/**
 * The right to send once: appended on the version this turn read, together with the payment's one place for requests and the kill
 * switch. Not retried here: if anybody was first, what they wrote decides.
 */
async function takeRight(needs: ExecuteNeeds, turn: Turn, permit: Permit): Promise<Right> {
  const at = needs.clock.now();
  const decision = send(turn.loaded.refund, permit, { now: at, tempo: needs.tempo });
  if (decision.is !== 'events') return { is: 'not-mine', result: 'done' };
  const appended = await appendToRefund(needs, turn.loaded, {
    author: turn.author,
    at,
    events: decision.events,
    also: [sendingAllowed(turn.loaded)],
  });
  const first = decision.events[0];
  if (appended.is === 'appended' && first?.type === 'leg.sending') {
    return { is: 'taken', sending: first.sending, latestStart: first.latestStart };
  }
  if (appended.is === 'blocked') return { is: 'not-mine', result: await blocked(needs, turn, appended) };
  return { is: 'not-mine', result: appended.is === 'busy' ? 'busy' : 'done' };
}

/** The kill switch is a condition of the same transaction: nothing starts after it was pressed. */
const sendingAllowed = ({ merchant }: Loaded): Also => ({
  name: 'control',
  write: { check: { table: 'state', pk: controlStream(merchant) }, only: [{ attribute: 'stopped', is: 'unset' }] },
});

async function blocked(
  needs: ExecuteNeeds,
  turn: Turn,
  by: { by: string; old: Parameters<typeof blockedBy>[1] },
): Promise<Acted> {
  const payment = paymentOf(by.by);
  if (payment === undefined) return wait(needs, turn, needs.tempo.askAgainMs[2] ?? needs.tempo.graceMs);
  const lock = holder(turn.loaded.id, turn.leg.leg);
  const why = blockedBy({ payment, reserveMinor: 0n, moveMinor: 0n, refundedMinor: 0n, lock }, by.old);
  if (why === 'disputed') return holdLeg(needs, turn, ['payment-disputed']);
  if (why === 'overdrawn') return holdLeg(needs, turn, ['payment-overdrawn']);
  return 'occupied';
}

/** Asks the gateway what it has under all of this leg's keys. */
async function ask(needs: ExecuteNeeds, turn: Turn): Promise<'done' | 'busy'> {
  const { leg, gateway, connection, author, loaded } = turn;
  const reference = await referenceOf(needs, turn);
  if (reference === undefined) return holdLeg(needs, turn, ['reference-unreadable']);
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const found = await find(needs, gateway, about, { reference, keys: leg.keys });
  if (found.is === 'cannot-tell') return waitLonger(needs, turn);
  // Earlier tries that failed are found for ever, and say nothing about this one.
  const matches = found.is === 'found' ? found.matches.filter((one) => leg.evidence[one.theirs] !== 'failed') : [];
  if (matches.length === 0) return change(needs, turn, (refund) => absent(refund, leg.leg));
  for (const evidence of matches) {
    const taken = await takeEvidence(needs, { ...turn, evidence, source: 'lookup' });
    if (taken === 'busy') return 'busy';
  }
  return 'done';
}

/** Nobody says: no fact, only a longer wait each time. */
async function waitLonger(needs: ExecuteNeeds, turn: Turn, waits?: number): Promise<'done' | 'busy'> {
  const head = await needs.table.get({ table: 'state', pk: turn.work.stream });
  return wait(needs, turn, backoff(needs.tempo.askAgainMs.slice(0, waits), triesOf(head)));
}

/**
 * Nothing can be done before then: the due time moves, and a hint is sent where the wait is shorter than a sweep is fine for. Not where
 * somebody comes back sooner already: a message that came twice would otherwise become two for ever, then four.
 */
async function wait(needs: ExecuteNeeds, turn: Turn, ms: number): Promise<'done'> {
  const { stream } = turn.work;
  const head = await needs.table.get({ table: 'state', pk: stream });
  const now = needs.clock.now();
  const until = plus(now, Math.max(ms, 0) + needs.tempo.graceMs);
  const comesBack = triesOf(head) > 0 ? dueOf(head) : undefined;
  if (comesBack !== undefined && comesBack > plus(now, needs.tempo.graceMs) && comesBack <= until) return 'done';
  await postpone(needs.table, stream, { version: turn.loaded.end.version, until, tries: triesOf(head) + 1 });
  await hint(needs, turn, ms);
  return 'done';
}

const longestHintMs = 15 * 60 * 1000;

/** For all of the refund: its legs share one due time, so whoever comes back must look at all of them. */
async function hint(needs: ExecuteNeeds, { work, author }: Turn, ms: number): Promise<void> {
  if (ms > longestHintMs) return;
  const { leg: _, ...whole } = work;
  await needs.queues.send([{ ...whole, queue: 'execute', correlation: author.correlation }], Math.max(ms, 0));
}
