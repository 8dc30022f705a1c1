import { type CorrelationId, parseRefundId } from '../domain/ids.ts';
import { absent, giveUpLease, heldFor, refuse, renew, unlessTakenBack } from '../domain/refund/decide.ts';
import { type Leg, waitsForDispute } from '../domain/refund/leg.ts';
import { legOf } from '../domain/refund/state.ts';
import { nextStep, type Step } from '../domain/refund/step.ts';
import { atEach, type Work } from '../domain/refund/work.ts';
import { kindOf, partsOf } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { type Instant, plus } from '../domain/time.ts';
import { changeAsRead, takeEvidence } from './evidence.ts';
import { elsewhere, find, openIfPossible } from './gateway-call.ts';
import { apartFrom, behind, sayWrong } from './own-clock.ts';
import { executeAt, isUnsent } from './refund-due.ts';
import { type Author, type Loaded, loadRefund } from './refunds.ts';
import { jittered } from './retry.ts';
import { sendOnce } from './send-once.ts';
import {
  type Acted,
  alarmHeld,
  concerns,
  type ExecuteNeeds,
  holdIfOverdue,
  holdIfTooLong,
  holdLeg,
  referenceOf,
  type Turn,
  wait,
  waitForWord,
  waitLonger,
  waitToAsk,
} from './turn.ts';
import { connectionOfPayment } from './unheard.ts';
import { waitForDispute } from './wait-for-dispute.ts';
import { waitingFor } from './waiting.ts';

/**
 * The only place from which money moves. One leg, one step: take the right to send once, send, record what came of it; or ask what came
 * of an earlier request; or wait. `nextStep` decides which.
 *
 * If this process dies: before the right is recorded, nothing happened. After it and before the request, or after the request and
 * before its outcome is recorded, the leg stays `sending` until its lease is over; then whoever comes asks the gateway first. A
 * request is never repeated because somebody did not answer; only because the gateway said it has nothing, or under the same key
 * within its window.
 */
export async function executeWork(needs: ExecuteNeeds, work: Work): Promise<'done' | 'busy'> {
  if (kindOf(work.stream) === 'payment') return executeWaiting(needs, work);
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined || kindOf(work.stream) !== 'refund') return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  if (loaded.refund.is !== 'approved') return 'done';
  const accounts = executeAt(loaded.refund);
  // Its head names another account than the refund: an older version wrote it that knows of no such names. Whoever is meant is told.
  if (work.connection !== undefined && accounts.length > 0 && !accounts.includes(work.connection)) {
    const { connection: _, ...whole } = work;
    await needs.queues.send(atEach(whole, accounts));
    return 'done';
  }
  const legs = loaded.refund.legs.filter((leg) => concerns(work, leg));
  const results = [];
  for (const leg of legs) {
    const turn = waitsForDispute(leg)
      ? waitForDispute(needs, work, loaded, leg)
      : advance(needs, work, loaded, leg.leg);
    results.push(await turn);
  }
  return results.includes('busy') ? 'busy' : 'done';
}

/** Refunds of this payment's order that wait for something: a dispute on it has ended. Those that are missed here come by the clock. */
async function executeWaiting(needs: ExecuteNeeds, work: Work): Promise<'done' | 'busy'> {
  const results = [];
  for (const stream of await waitingFor(needs, work)) results.push(await executeWork(needs, { ...work, stream }));
  return results.includes('busy') ? 'busy' : 'done';
}

/** How far one turn goes, and how often it looks whether its payment's one place is free, before it leaves the rest to a later hint. */
const mostSteps = 4;

/** Nothing happened to it for so long that whoever has its payment's place does not have it for a moment: one look is enough. */
const waitsForLong = ({ entries }: Loaded, now: Instant, { graceMs }: Tempo): boolean =>
  plus(entries.at(-1)?.at ?? now, graceMs) < now;

/** Steps that ask nobody follow one another; one that asks the gateway ends the turn. */
async function advance(needs: ExecuteNeeds, work: Work, first: Loaded, number: number): Promise<'done' | 'busy'> {
  let loaded = first;
  let occupied = false;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const turn = await turnOf(needs, work, loaded, number);
    if (turn === undefined) return 'done';
    const wanted = nextStep(turn.leg, needs.clock.now(), turn.gateway.capabilities, needs.tempo);
    // In front of a person it is in any case.
    const byWrong = wanted.do === 'hold' ? undefined : await byWrongClock(needs, turn);
    if (byWrong !== undefined) return byWrong;
    const step = unlessTakenBack(wanted, loaded.refund, turn.leg);
    const settled = settle(needs, turn, step);
    const result = await (settled ?? act(needs, turn, step));
    const last = steps === mostSteps - 1;
    // The place is taken, and there is no time left to try once more: that is a wait, or the message would come back at once for ever.
    if (result === 'busy' && occupied) return waitForWord(needs, turn);
    if (result === 'busy' || (settled === undefined && result === 'done')) return result;
    // Somebody was faster each time: that is a wait, too, or nobody would ever hear of one that is never sent.
    if (result === 'again' && last) return waitForWord(needs, turn);
    // `again`, or a fact was appended: what comes next depends on the refund as it is now.
    if (result === 'occupied') {
      occupied = true;
      // Another leg of this payment is under way: mostly that takes a moment, and then the place is free. Where it stays taken, its holder
      // has no answer or is in front of a person, who need not know who waits behind it.
      if (last || waitsForLong(loaded, needs.clock.now(), needs.tempo)) return waitForWord(needs, turn);
      await needs.pause(jittered(needs.ids, 40 * 2 ** steps));
    }
    loaded = await loadRefund(needs, work.merchant, loaded.id);
  }
  return 'done';
}

/** Undefined where nothing says that our clock is wrong. */
async function byWrongClock(needs: ExecuteNeeds, turn: Turn): Promise<'done' | 'busy' | undefined> {
  const byMs = behind(needs, turn, needs.clock.now());
  // Nobody can tell whose clock it is. Whoever comes next may have the right one; but what a clock wrote that was far ahead nobody would take
  // up before that instant, so that it waits like all that can't be sent.
  if (byMs !== 0) {
    sayWrong(needs, turn, byMs);
    return waitForWord(needs, turn);
  }
  // Who knows of its own that it is wrong asks whether it still is, and takes what it hears.
  return apartFrom(turn.gateway) === 0 ? undefined : ask(needs, turn);
}

/**
 * By a clock that is wrong nobody says when to come again: the sweep does, and whoever takes it up by then may have the right one. Where nobody
 * has, a person hears of it in the end.
 */
async function leaveToSweep(needs: ExecuteNeeds, turn: Turn, byMs: number): Promise<'done' | 'busy'> {
  sayWrong(needs, turn, byMs);
  return (await holdIfTooLong(needs, turn)) ?? 'done';
}

async function turnOf(needs: ExecuteNeeds, work: Work, loaded: Loaded, number: number): Promise<Turn | undefined> {
  if (loaded.refund.is !== 'approved') return undefined;
  const leg = legOf(loaded.refund, number);
  if (!isUnsent(leg)) return undefined;
  const correlation: CorrelationId = loaded.entries[0]?.correlation ?? work.correlation;
  const author: Author = { actor: 'execute', cause: work.stream, correlation };
  const opened = await openGateway(needs, loaded, leg);
  // Taken out of the settings, or its credential can't be read: the sweep comes again until it is back, or a person must see it.
  if (opened === undefined) return void (await holdIfOverdue(needs, { loaded, leg, author }));
  return { loaded, leg, ...opened, author, work };
}

async function openGateway(
  needs: ExecuteNeeds,
  loaded: Loaded,
  leg: Leg,
): Promise<Pick<Turn, 'connection' | 'gateway'> | undefined> {
  const connection = await connectionOfPayment(needs, loaded.merchant, leg);
  const gateway = connection && (await openIfPossible(needs, connection));
  return connection && gateway && { connection, gateway };
}

/** Steps that only append a fact. Undefined for those that need the world. */
function settle(needs: ExecuteNeeds, turn: Turn, step: Step): Promise<'done' | 'busy'> | undefined {
  const number = turn.leg.leg;
  switch (step.do) {
    case 'give-up-lease':
      return changeAsRead(needs, turn, (refund, now) => giveUpLease(refund, number, now));
    case 'renew':
      return changeAsRead(needs, turn, (refund) => renew(refund, number));
    case 'refuse':
      if (step.forPerson) alarmHeld(needs, turn, heldFor(step.because));
      return changeAsRead(needs, turn, (refund, now) =>
        refuse(refund, number, step, step.forPerson && { now, tempo: needs.tempo }),
      );
    case 'hold':
      return holdLeg(needs, turn, step.reasons);
    default:
      return undefined;
  }
}

async function act(needs: ExecuteNeeds, turn: Turn, step: Step): Promise<Acted> {
  switch (step.do) {
    case 'send':
      return sendOnce(needs, turn);
    case 'find':
      return ask(needs, turn);
    case 'wait':
      return wait(needs, turn, () => step.until - needs.clock.now());
    default:
      return 'done'; // a poll is reconcile's work, and nothing is nothing
  }
}

/** Asks the gateway what it has under all of this leg's keys and known ids. */
async function ask(needs: ExecuteNeeds, turn: Turn): Promise<'done' | 'busy'> {
  const { leg, gateway, connection, author, loaded } = turn;
  const reference = await referenceOf(needs, turn);
  if (reference === undefined) return holdLeg(needs, turn, ['reference-unreadable']);
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const askedAt = needs.clock.now();
  const found = await find(needs, gateway, about, { reference, leg });
  // Earlier tries that failed are found for ever, and say nothing about this one.
  const matches = found.is === 'found' ? found.matches.filter((one) => leg.evidence[one.theirs] !== 'failed') : [];
  const byMs = apartFrom(gateway);
  if (matches.length === 0 && byMs !== 0) return leaveToSweep(needs, turn, byMs);
  if ('until' in found) return waitToAsk(needs, turn, found);
  // Waiting does not help: a person points it back, or compares.
  if (found.is === 'cannot-tell' && found.why === elsewhere) return holdLeg(needs, turn, ['key-reused']);
  if (found.is === 'cannot-tell') return waitLonger(needs, turn);
  // A lookup that lags has no absences to give.
  if (matches.length === 0 && gateway.capabilities.lookup !== 'authoritative') return waitLonger(needs, turn);
  // A clock that was set back meanwhile: nobody knows when this was asked.
  if (matches.length === 0 && needs.clock.now() < askedAt) return waitLonger(needs, turn);
  if (matches.length === 0) return changeAsRead(needs, turn, (refund) => absent(refund, leg.leg, askedAt));
  for (const evidence of matches) {
    const taken = await takeEvidence(needs, { ...turn, evidence, source: 'lookup' });
    if (taken === 'busy') return 'busy';
  }
  return 'done';
}
