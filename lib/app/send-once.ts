import type { PaymentId, RefundId } from '../domain/ids.ts';
import { encode } from '../domain/json.ts';
import { apply, type Effect, holder } from '../domain/payment.ts';
import { type Permit, record, send } from '../domain/refund/decide.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { keyOf, readKey } from '../domain/refund/key.ts';
import { lastSeen } from '../domain/refund/known.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { nextStep } from '../domain/refund/step.ts';
import type { Instant } from '../domain/time.ts';
import type { Heard } from './account-gate.ts';
import { askBefore, waitForEpoch } from './ask-before.ts';
import { blockedBy, paymentOf, readPayment, type StoredPayment, unmoved, unmovedName } from './balances.ts';
import { controlHead, mayStart } from './control.ts';
import { change, takeEvidence } from './evidence.ts';
import { attempt, enter, heardOf, spareMs, under } from './gateway-call.ts';
import { hearFirst } from './hear-first.ts';
import { holdUnseen, type Looked } from './hold-unseen.ts';
import type { Also } from './journal.ts';
import { apartFrom, behind } from './own-clock.ts';
import { countNothing } from './patience.ts';
import { getPayment, openPayment, orderUnmoved } from './payments.ts';
import { Unavailable } from './ports/unavailable.ts';
import { appendToRefund } from './refunds.ts';
import { checkAccount } from './right-account.ts';
import {
  type Acted,
  type ExecuteNeeds,
  hint,
  holdIfTooLong,
  holdLeg,
  type Turn,
  wait,
  waitForAccount,
} from './turn.ts';

/**
 * Sends once the account's gate lets it in; before that nothing is written, so that a gateway in trouble uses up no right to send. The
 * gate hears what came of it after that is recorded.
 */
export async function sendOnce(needs: ExecuteNeeds, turn: Turn): Promise<Acted> {
  const remembered = await orHold(needs, turn, () => askBefore(needs, turn));
  if (remembered !== undefined) return remembered;
  // Who waits for days behind another leg takes no place at the gate meanwhile: in bad weather it may be the only one.
  const payment = await getPayment(needs, turn.loaded.merchant, turn.leg.payment);
  if (payment?.unheard !== undefined) return hearFirst(needs, turn, payment.unheard);
  const locked = payment && apply(payment.balance, lockOf(turn));
  if (locked === 'in-flight') return 'occupied';
  // What else stands in the way, taking the right tells, which nobody has who looked at nothing; and once that is over, this comes first.
  const looked =
    payment === undefined || typeof locked === 'string' ? { seen: {} } : await holdUnseen(needs, turn, payment);
  if (typeof looked === 'string') return looked;
  const spare = spareMs(needs) - needs.tempo.latestStartMs;
  if (spare < 0) return 'busy';
  const entered = await enter(needs, turn.gateway, turn.connection, 'refund', Math.min(spare, needs.tempo.gateWaitMs));
  if (entered.is === 'later') return waitForAccount(needs, turn, entered.until);
  return under(needs, entered.pass, (tell) =>
    sendUnder(needs, turn, { payment, looked, tell, start: () => needs.gate.start(entered.pass) }),
  );
}

interface AtTheGate {
  /** As it was read before the gate; what is sealed in it does not change. */
  readonly payment: StoredPayment | undefined;
  /** What was looked at before it. */
  readonly looked: Looked;
  readonly start: () => Promise<() => void>;
  readonly tell: (heard: Heard) => void;
}

/** 0 see that it is the right account, 1 load the reference, 2 take the right to send, 3 send, 4 record the outcome. */
async function sendUnder(needs: ExecuteNeeds, turn: Turn, { payment, looked, start, tell }: AtTheGate): Promise<Acted> {
  const { leg, loaded, gateway, connection, author } = turn;
  const stopped = await checkAccount(needs, turn, tell);
  if (stopped !== undefined) return stopped;
  if (spareMs(needs) < needs.tempo.latestStartMs) return 'busy';
  // The wait at the gate took time: the end of a key's window may have come.
  if (nextStep(leg, needs.clock.now(), gateway.capabilities, needs.tempo).do !== 'send') return 'again';
  const secrets =
    payment && (await orHold(needs, turn, () => openPayment(needs, loaded.merchant, leg.payment, payment)));
  if (secrets === 'done' || secrets === 'busy') return secrets;
  if (secrets === undefined || secrets === 'foreign') return holdLeg(needs, turn, ['reference-unreadable']);
  const permit = permitOf(needs, turn, looked);
  const { refund: before } = loaded;
  if (before.is !== 'approved') return 'done';
  const sent = await takeRight(needs, turn, permit, looked);
  if (sent.is === 'not-mine') return sent.result;
  const asked = {
    reference: secrets.reference,
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
  const order = { ...asked, onSent: await start() };
  const outcome = await attempt(needs, 'refund', about, () => gateway.refund(order));
  tell(heardOf(outcome));
  if (outcome.is === 'accepted') {
    return takeEvidence(needs, { ...turn, evidence: outcome.evidence, source: 'answer' });
  }
  const recorded = await change(needs, turn, (refund, now) =>
    record(refund, { leg: leg.leg, sending: sent.sending }, outcome, { now, tempo: needs.tempo }),
  );
  if (outcome.is === 'refused' && outcome.again === 'not-now')
    await hint(needs, turn, needs.tempo.askAgainMs[0] ?? 1000);
  return recorded;
}

/**
 * While the key service is away the message comes again; not for ever: a leg that can't be sent is in front of a person (F122). So too where
 * the gateway is to be asked first, as after a restore.
 */
async function orHold<T>(needs: ExecuteNeeds, turn: Turn, work: () => Promise<T>): Promise<T | 'done' | 'busy'> {
  try {
    return await work();
  } catch (error) {
    const held = error instanceof Unavailable ? await holdIfTooLong(needs, turn) : undefined;
    if (held === undefined) throw error;
    return held;
  }
}

function permitOf(needs: ExecuteNeeds, { loaded, leg, gateway }: Turn, { seen }: Looked): Permit {
  const key = keyFor(needs, loaded.id, leg);
  const asked = {
    payment: leg.payment,
    amountMinor: leg.amountMinor,
    connection: leg.connection,
    rail: leg.rail,
    key,
    endpoint: gateway.endpoint,
  };
  const request = needs.hash(encode(asked)).slice(0, 32);
  return { leg: leg.leg, key, request, endpoint: gateway.endpoint, asOf: lastSeen(seen, leg.payment) };
}

/** Once this epoch of the leg has a key, that is its key: a table that is restored in between must not give it another. */
function keyFor({ installation, hash, restored }: ExecuteNeeds, refund: RefundId, { leg, epoch, keys }: Leg): string {
  const used = keys.find((key) => readKey(key, installation, hash, restored)?.epoch === epoch);
  return used ?? keyOf({ refund, leg, epoch }, installation, hash, restored);
}

type Right =
  | { readonly is: 'taken'; readonly sending: number; readonly latestStart: Instant }
  /** Somebody was first, or something stands in the way and was dealt with. */
  | { readonly is: 'not-mine'; readonly result: Acted };

/**
 * The right to send once: appended on the version this turn read, together with the payment's one place for requests and the kill
 * switches. Not retried here: if anybody was first, what they wrote decides.
 */
async function takeRight(needs: ExecuteNeeds, turn: Turn, permit: Permit, looked: Looked): Promise<Right> {
  const at = needs.clock.now();
  // Whoever was asked a moment ago may have told a time that ours is far from; and a clock may have been set since.
  if (apartFrom(turn.gateway) !== 0 || behind(needs, turn, at) !== 0) return { is: 'not-mine', result: 'again' };
  const decision = send(turn.loaded.refund, permit, { now: at, tempo: needs.tempo });
  if (decision.is !== 'events') return { is: 'not-mine', result: 'done' };
  const appended = await appendToRefund(needs, turn.loaded, {
    author: turn.author,
    at,
    events: decision.events,
    also: [sendingAllowed(needs, turn), ...othersUnmoved(turn, looked)],
  });
  const first = decision.events[0];
  if (appended.is === 'appended' && first?.type === 'leg.sending') {
    return { is: 'taken', sending: first.sending, latestStart: first.latestStart };
  }
  if (appended.is === 'blocked') return { is: 'not-mine', result: await blocked(needs, turn, permit, appended) };
  return { is: 'not-mine', result: appended.is === 'busy' ? 'busy' : 'again' };
}

/** The kill switches are conditions of the same transaction: nothing starts after one was pressed, the merchant's or the account's. */
const sendingAllowed = ({ restored }: ExecuteNeeds, { loaded, leg }: Turn): Also => ({
  name: 'control',
  write: mayStart(loaded.merchant, leg.connection, restored),
});

/** A transaction takes a hundred items; an order that has more payments than this is looked at all the same. */
const mostOthers = 50;

/** Nor did anything come to the other payments of its order, or one more payment to it: its own says so where it gives its place. */
const othersUnmoved = ({ loaded, leg }: Turn, { seen, order }: Looked): Also[] => [
  ...Object.entries(seen)
    .filter(([payment]) => payment !== leg.payment)
    .slice(0, mostOthers)
    .map(([payment, version]) => unmoved(loaded.merchant, payment as PaymentId, version)),
  ...(order === undefined ? [] : [orderUnmoved(order)]),
];

async function blocked(
  needs: ExecuteNeeds,
  turn: Turn,
  { asOf }: Permit,
  by: { by: string; old: Parameters<typeof blockedBy>[1] },
): Promise<Acted> {
  if (by.by === unmovedName) return 'again';
  if (paymentOf(by.by) !== undefined) {
    const why = blockedBy({ ...lockOf(turn), ...(asOf !== undefined && { asOf }) }, by.old);
    return why === 'moved' ? 'again' : stoppedBy(needs, turn, why, by.old);
  }
  const other = await waitForEpoch(needs, turn, by.old);
  if (other !== undefined) return other;
  await countNothing(needs, turn);
  return wait(needs, turn, () => needs.tempo.askAgainMs[2] ?? needs.tempo.graceMs);
}

/** The payment's one place for requests, for this leg. */
const lockOf = ({ loaded, leg }: Turn): Effect => ({
  payment: leg.payment,
  reserveMinor: 0n,
  moveMinor: 0n,
  refundedMinor: 0n,
  lock: holder(loaded.id, leg.leg),
  ...(leg.chargebackKnown && { despiteChargeback: true }),
});

const holdsFor: Partial<Record<ReturnType<typeof blockedBy>, HoldReason>> = {
  disputed: 'payment-disputed',
  'charged-back': 'charged-back',
  overdrawn: 'payment-overdrawn',
};

/** What becomes of a leg whose payment has no place for it. */
async function stoppedBy(
  needs: ExecuteNeeds,
  turn: Turn,
  why: ReturnType<typeof blockedBy>,
  old: Parameters<typeof blockedBy>[1],
): Promise<Acted> {
  const reason = holdsFor[why];
  if (reason === undefined) return 'occupied';
  const seen = old && { [turn.leg.payment]: readPayment(old).version };
  // A deployment of another restore epoch has not asked for the money that may be behind this: it decides nothing.
  const control = await controlHead(needs, turn.loaded.merchant);
  return (await waitForEpoch(needs, turn, control)) ?? holdLeg(needs, turn, [reason], seen);
}
