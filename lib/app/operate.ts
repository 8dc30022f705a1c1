import { type Fault, refusal } from '../domain/fault.ts';
import { type CorrelationId, type MerchantId, type PaymentId, parseConnection, type RefundId } from '../domain/ids.ts';
import { holdUnsent } from '../domain/refund/decide.ts';
import type { Decision } from '../domain/refund/decision.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { approve, deny, showNews } from '../domain/refund/people.ts';
import type { Refund } from '../domain/refund/state.ts';
import type { Instant } from '../domain/time.ts';
import { paymentOf } from './balances.ts';
import { controlHead, press, restoredOn, type Switched, switches } from './control.ts';
import { paidByOther } from './order-source.ts';
import type { PaymentNeeds } from './payments.ts';
import type { Connections } from './ports/connections.ts';
import { datedAfter, notShown } from './refunded-elsewhere.ts';
import { appendToRefund, type Loaded, loadRefund } from './refunds.ts';
import { insist } from './retry.ts';

/** What people decide. Who it was is the actor of the entry; there is no other way to change a refund. */
export type OperateNeeds = Omit<PaymentNeeds, 'vault'> & { readonly connections: Pick<Connections, 'find'> };

export interface Person {
  /** From the token's subject, never from the request. */
  readonly id: string;
  readonly merchant: MerchantId;
  readonly correlation: CorrelationId;
}

export type Operated = { readonly is: 'done' } | { readonly is: 'fault'; readonly fault: Fault };

const succeeded: Operated = { is: 'done' };
/** Who did it, for an entry of the journal. */
export const authorOf = (person: Person) => ({
  actor: `person:${person.id}`,
  cause: 'operator',
  correlation: person.correlation,
});

/**
 * Approves a held refund: its amounts are reserved in the same transaction, or it is refused and stays held. `seen` is the version the
 * person looked at: what has changed since is looked at again before anybody says yes to it. `word`: what else they say, and the journal
 * keeps: `absent`, that they looked at the gateway and it has no refund for what is held in doubt. That is believed only about a version
 * that they name: a leg that came into doubt since is none of it.
 */
export async function approveRefund(
  needs: OperateNeeds,
  person: Person,
  id: RefundId,
  seen?: number,
  word?: 'absent',
): Promise<Operated> {
  if (word !== undefined && seen === undefined) return refusal('bad-request', ofWhich);
  const moment = (now: Instant) => ({ now, tempo: needs.tempo });
  // Read before the refund is: a restore that ends in between has its end after this yes.
  const restored = restoredOn(await controlHead(needs, person.merchant));
  const said = { restored, ...(word !== undefined && { word }) };
  const without = async (lacking: ReadonlySet<PaymentId>): Promise<Operated> => {
    const decided = await decideAs(needs, person, { id, seen }, (refund, now) =>
      approve(refund, moment(now), { lacking, ...said }),
    );
    if (decided.is !== 'lacks') return decided;
    const lacks: Operated = refusal('not-reservable', notReservable);
    if (decided.payment === undefined || lacking.has(decided.payment)) return lacks;
    // What one leg lacks must not keep another one back, whose amount is still reserved or can be.
    const some = await without(new Set([...lacking, decided.payment]));
    return some.is === 'done' ? some : lacks;
  };
  return without(new Set());
}

const ofWhich =
  'Say which version of the refund you looked at, as its view has it (If-Match): what came into doubt since, you have not looked for.';

export async function denyRefund(needs: OperateNeeds, person: Person, id: RefundId, seen?: number): Promise<Operated> {
  const decided = await decideAs(needs, person, { id, seen }, (refund) => deny(refund));
  return decided.is === 'lacks' ? refusal('not-reservable', notReservable) : decided;
}

/** `payment`: the first that has less left than is to be reserved of it, or is another order's by now. */
type Decided = Operated | { readonly is: 'lacks'; readonly payment: PaymentId | undefined };

async function decideAs(
  needs: OperateNeeds,
  person: Person,
  of: { readonly id: RefundId; readonly seen: number | undefined },
  decide: (refund: Refund, now: Instant) => Decision,
): Promise<Decided> {
  const done = await insist<Decided>(needs, async () => {
    const loaded = await loadRefund(needs, person.merchant, of.id);
    if (loaded.refund.is === 'none') return refusal('not-found', 'There is no refund with this id.');
    if (of.seen !== undefined && of.seen !== loaded.end.version) {
      return refusal('changed', 'The refund has changed since you looked at it. Look at it again, then decide.');
    }
    const at = needs.clock.now();
    const decision = decide(loaded.refund, at);
    if (decision.is === 'nothing') return succeeded;
    if (decision.is === 'refused') return { is: 'fault', fault: decision.fault };
    const shown = await showUnseen(needs, person, loaded, decision.events);
    if (shown !== undefined) return shown;
    const appended = await appendToRefund(needs, loaded, { author: authorOf(person), at, events: decision.events });
    if (appended.is === 'blocked')
      return (await otherSource(needs, person, loaded)) ?? { is: 'lacks', payment: paymentOf(appended.by) };
    return appended.is === 'appended' ? succeeded : undefined;
  });
  return done ?? refusal('busy', 'The refund is being changed by somebody else. Try again.');
}

/** Another source was first since this refund was held: the person sees that before anybody says yes to it. */
async function otherSource(needs: OperateNeeds, person: Person, loaded: Loaded): Promise<Operated | undefined> {
  const { refund, merchant } = loaded;
  if (refund.is !== 'held') return undefined;
  const source = refund.return.connection;
  if (!(await paidByOther(needs, { merchant, order: refund.order, source }))) return undefined;
  const at = needs.clock.now();
  const decision = holdUnsent(refund, ['other-source'], { now: at, tempo: needs.tempo });
  return showFirst(needs, person, loaded, { decision, at, unseen: otherSourceUnseen });
}

/** Somebody else refunded on one of its payments, or the bank took back more, and nobody who let it go on was shown that. */
async function showUnseen(
  needs: OperateNeeds,
  person: Person,
  loaded: Loaded,
  yes: readonly RefundEvent[],
): Promise<Operated | undefined> {
  const unseen = await notShown(needs, loaded, yes);
  if (unseen === undefined) return undefined;
  const decision = showNews(loaded.refund, yes, unseen);
  const at = datedAfter(unseen.newest, needs.clock.now(), needs.tempo);
  return showFirst(needs, person, loaded, { decision, at, unseen: unseen.elsewhere ? elsewhereUnseen : lostUnseen });
}

const otherSourceUnseen =
  'Another source has had this order refunded since. It may be the same parcel told twice: look at it, then decide.';
const elsewhereUnseen =
  'Somebody else has refunded on this payment since. It may be this very money: look at it at the gateway, then decide.';
const lostUnseen =
  'A dispute on this payment has been lost since: the customer has that money through their bank. Look at it, then decide.';

/** What happened while it was held is one more reason, which the person sees before their yes counts; undefined where it is one already. */
async function showFirst(
  needs: OperateNeeds,
  person: Person,
  loaded: Loaded,
  { decision, at, unseen }: { readonly decision: Decision; readonly at: Instant; readonly unseen: string },
): Promise<Operated | undefined> {
  if (decision.is !== 'events') return undefined;
  await appendToRefund(needs, loaded, { author: authorOf(person), at, events: decision.events });
  return refusal('changed', unseen);
}

const notReservable =
  'The payment has less left than this refund needs. Deny it, or wait until other refunds of the payment are settled.';

/** Stops or resumes every sending of a merchant. Requests already under way are not called back: their outcome is looked up. */
export const switchSending = (
  needs: OperateNeeds,
  person: Person,
  to: 'stopped' | 'running',
  reason: string,
): Promise<Operated> =>
  pressAs(needs, person, {
    type: to === 'stopped' ? 'control.sending-stopped' : 'control.sending-resumed',
    v: 1,
    reason,
  });

/**
 * The same for one gateway account. A stop of a name that is no account of this merchant is refused: who misspells it must not believe
 * that nothing is sent. An account that is stopped can be resumed also when it has left the settings.
 */
export async function switchAccount(
  needs: OperateNeeds,
  person: Person,
  connection: string,
  to: { readonly to: 'stopped' | 'running'; readonly reason: string },
): Promise<Operated> {
  const name = parseConnection(connection);
  const found = name && (await needs.connections.find(name));
  const theirs = found?.kind === 'gateway' && found.merchant === person.merchant;
  const stopped = name !== undefined && (await switches(needs, person.merchant)).stoppedAccounts.includes(name);
  if (name === undefined || !(theirs || (stopped && to.to === 'running'))) {
    return refusal('not-found', 'There is no gateway connection of this name. Nothing was stopped or resumed.');
  }
  const type = to.to === 'stopped' ? 'control.account-stopped' : 'control.account-resumed';
  return pressAs(needs, person, { type, v: 1, connection: name, reason: to.reason });
}

/** A switch as a person presses it. */
export async function pressAs(needs: Parameters<typeof press>[0], person: Person, event: Switched): Promise<Operated> {
  const pressed = await press(needs, person.merchant, authorOf(person), event);
  return pressed ? succeeded : refusal('busy', 'Somebody else is switching. Try again.');
}
