import type { MerchantId, PaymentId, RefundId } from '../domain/ids.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import { keysBefore, refundIdOf } from '../domain/refund/key.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { legIn } from '../domain/refund/state.ts';
import type { StreamName } from '../domain/streams.ts';
import { type Instant, minute, plus } from '../domain/time.ts';
import { blindOrder } from './blind.ts';
import { controlHead, restoredAt, restoredOn, restoringOn } from './control.ts';
import { takeEvidence } from './evidence.ts';
import { find } from './gateway-call.ts';
import { connectionNamed, unlessWrong } from './if-available.ts';
import { lookAgain } from './look-again.ts';
import { loadNotice, openReturn } from './notices.ts';
import { countNothing, neverTried, outOfPatience } from './patience.ts';
import { forgottenOn, getPayment, oursOf, paymentNamed, paymentsOfOrder } from './payments.ts';
import type { Item } from './ports/table.ts';
import { loadRefund } from './refunds.ts';
import {
  type Acted,
  type ExecuteNeeds,
  holdLeg,
  referenceOf,
  type Turn,
  waitForWord,
  waitLonger,
  waitToAsk,
} from './turn.ts';

/**
 * A table that was restored may have forgotten that this leg was sent, or that its refund existed: the gateway is asked before every
 * request, about every key there may have been (F117). Where no table ever was restored it is asked only on a person's word that it has
 * nothing, where it was asked long ago, and where a refund of this leg has failed: the keys of before are looked for once more, since a
 * gateway that made two under one of them may have told of the one that failed only (F103). Undefined: it has nothing, go on.
 */
export async function askBefore(needs: ExecuteNeeds, turn: Turn): Promise<Acted | undefined> {
  const { leg, loaded, gateway, connection, author } = turn;
  const { lookup } = gateway.capabilities;
  const afterFailure = needs.restored === 0 && isSentAnew(leg);
  const asks =
    needs.restored !== 0 || leg.vouchedFor !== undefined || afterFailure || isLongAgo(leg, needs.clock.now());
  if (!asks || (needs.restored === 0 && lookup === 'none')) return undefined;
  const reference = await referenceOf(needs, turn);
  if (reference === undefined) return holdLeg(needs, turn, ['reference-unreadable']);
  const { installation, hash, restored } = needs;
  const before = keysBefore({ refund: loaded.id, leg: leg.leg, epoch: leg.epoch }, installation, hash, restored);
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const found = await find(needs, gateway, about, { reference, leg: { ...leg, keys: [...leg.keys, ...before] } });
  if ('until' in found) return waitToAsk(needs, turn, found);
  const matches =
    found.is === 'found'
      ? found.matches.filter(({ theirs, state }) => state !== 'failed' && leg.evidence[theirs] !== 'failed')
      : [];
  for (const evidence of matches)
    if ((await takeEvidence(needs, { ...turn, evidence, source: 'lookup' })) === 'busy') return 'busy';
  if (matches.length > 0) return 'done';
  if (found.is === 'cannot-tell' && found.weather !== undefined) return waitForWord(needs, turn);
  // What a lookup that lags answered is no absence, though it shows a try that failed. With a person's word, or after a failure that nothing
  // followed, it is as much as there is; but after a restore something may have followed either. Where a list that has it all can't be read,
  // one that nobody was told of may stand in it beside the one that failed (F103).
  const heeded = leg.vouchedFor !== undefined || afterFailure;
  const enough = needs.restored === 0 && heeded && lookup === 'eventual';
  const proved = found.is !== 'cannot-tell' && lookup === 'authoritative';
  if (!proved && !enough) return withoutWord(needs, turn);
  return needs.restored === 0 ? undefined : withoutForgotten(needs, turn);
}

/**
 * Its gateway lists nothing, or what it lists lags or can't be read: it may never say for certain that it has nothing of a leg that nobody sent
 * since the restore. So a person compares: at once where nothing can be asked, and where a list may still show it, once its days are over. What
 * they let go is sent. Undefined: go on.
 */
async function withoutWord(needs: ExecuteNeeds, turn: Turn): Promise<Acted | undefined> {
  const { leg, loaded, gateway } = turn;
  const { lookup } = gateway.capabilities;
  if (needs.restored === 0 || !neverTried(leg)) return waitForWord(needs, turn);
  const other = await waitForEpoch(needs, turn, await controlHead(needs, loaded.merchant));
  if (other !== undefined || (await isCompared(needs, turn))) return other;
  if (lookup === 'none' || (await outOfPatience(needs, turn))) return holdLeg(needs, turn, ['forgotten-refund']);
  return waitLonger(needs, turn);
}

/** A person let it go on, knowing what this restore may have forgotten: what they said after an earlier one was forgotten with what followed it. */
async function isCompared(needs: ExecuteNeeds, { leg, loaded }: Turn): Promise<boolean> {
  const known = leg.forgottenKnown;
  if (known?.restored !== undefined) return known.restored === needs.restored;
  if (known === undefined) return false;
  const at = await restoredAt(needs, loaded.merchant);
  return at !== undefined && known.at >= at;
}

/** So long after the last question a clock that is behind may hide that the key is over, and the last request may have come late (F26). */
const longMs = 15 * minute;
const isLongAgo = ({ now: state }: Leg, now: Instant): boolean =>
  state.is === 'unknown' && now > plus(state.absentAt.at(-1) ?? now, longMs);

/** Under a new key, after a refund under an earlier one has failed. */
const isSentAnew = ({ firstSentAt, evidence }: Leg): boolean =>
  firstSentAt === undefined && Object.values(evidence).includes('failed');

/** More refunds of one return than there ever are; and more than were ever forgotten of one. */
const mostNumbers = 99;
const mostForgotten = 9;

/**
 * What was forgotten may be decided otherwise now: on another payment of its order, in another part, under another number of its return.
 * Then none of this leg's keys finds it. So all payments of the order, all that the return names, and all on which a refund of it was taken in
 * as somebody else's are looked at: a refund of this same return under a key of ours that no leg of this journal answers to may be this very
 * money, and a person compares. What a person let go after this restore is not asked about again.
 *
 * Which source an order was first refunded for is forgotten, too. So where there is more than one, a refund of ours that no leg answers to may
 * be the same parcel, told by the other one, whatever return it was made for.
 */
async function withoutForgotten(needs: ExecuteNeeds, turn: Turn): Promise<Acted | undefined> {
  const { leg, loaded, author } = turn;
  const { refund } = loaded;
  if (leg.firstSentAt !== undefined || refund.is !== 'approved' || (await isCompared(needs, turn))) return undefined;
  // Nothing may be sent until the journal was reconciled, and what it hears until then may explain what is there. It could be reconciled in
  // the next moment: going on from here would be going on unasked.
  const other = await waitForEpoch(needs, turn, await controlHead(needs, loaded.merchant));
  if (other !== undefined) return other;
  const { connection, id } = refund.return;
  const numbered = (_: unknown, n: number) =>
    refundIdOf({ merchant: loaded.merchant, connection, return: id, number: n + 1 }, needs.hash);
  const ofReturn = new Set(Array.from({ length: mostNumbers }, numbered));
  const wanted = { ofReturn, ofOthers: await maybeOfAnother(needs, loaded.merchant) };
  const named = await namedBy(needs, loaded.merchant, refund.notice);
  if (named === 'unreadable') return holdLeg(needs, turn, ['notice-unreadable']);
  const order = await blindOrder(needs.blind, loaded.merchant, refund.order);
  const ofOrder = await paymentsOfOrder(needs, loaded.merchant, order);
  // Numbers go on from where the journal is: what was forgotten has one of the next few.
  const ids = [...ofReturn].slice(0, refund.number + mostForgotten);
  const marked = await Promise.all(ids.map((one) => forgottenOn(needs, loaded.merchant, one)));
  for (const payment of new Set([leg.payment, ...named, ...ofOrder, ...marked.flat()])) {
    const looked = await lookAgain(needs, { merchant: loaded.merchant, payment, author });
    if (looked === undefined && (await isGone(needs, loaded.merchant, payment)))
      return holdLeg(needs, turn, ['forgotten-refund']);
    // It may never say: then a person compares, and what they let go is not held for the same again.
    if (looked === undefined && (await outOfPatience(needs, turn))) return holdLeg(needs, turn, ['forgotten-refund']);
    if (looked === undefined) return waitLonger(needs, turn);
    for (const one of looked.refunds)
      if (one.state !== 'failed' && (await isForgotten(needs, loaded.merchant, wanted, one)))
        return holdLeg(needs, turn, ['forgotten-refund']);
  }
  return undefined;
}

/** The payments that a return names: its order need not know of them, since only what is promised on binds a payment to an order. */
async function namedBy(
  needs: ExecuteNeeds,
  merchant: MerchantId,
  stream: StreamName,
): Promise<readonly PaymentId[] | 'unreadable'> {
  const notice = await loadNotice(needs, merchant, stream);
  const content = notice === undefined ? 'foreign' : await openReturn(needs.vault, notice);
  if (content === 'foreign') return 'unreadable';
  const ids = await Promise.all(
    content.payments.map(({ connection, reference }) => paymentNamed(needs, { merchant, connection }, reference)),
  );
  return ids.filter((id) => id !== undefined);
}

/** At an account that has left the settings: it will never say what it made, and a person has to look there. */
async function isGone(needs: ExecuteNeeds, merchant: MerchantId, payment: PaymentId): Promise<boolean> {
  const stored = await getPayment(needs, merchant, payment);
  return stored !== undefined && (await connectionNamed(needs, merchant, stored.connection)) === 'gone';
}

/**
 * Where the journal has not come to this deployment's restore epoch, has passed it, or is on its way to another one. The gateway is asked before each try, and a restore
 * takes hours: more and more rarely.
 */
export async function waitForEpoch(
  needs: ExecuteNeeds,
  turn: Turn,
  control: Item | undefined,
): Promise<'done' | undefined> {
  const journal = restoredOn(control);
  const restoring = restoringOn(control);
  const other = restoring !== 0 && restoring !== needs.restored;
  if (journal === needs.restored && !other) return undefined;
  const { loaded, author } = turn;
  needs.log.alarm('restore-pending', {
    merchant: loaded.merchant,
    stream: loaded.id,
    correlation: author.correlation,
    code: `journal ${journal}${other ? `, on its way to ${restoring}` : ''}, deployment ${needs.restored}`,
  });
  await countNothing(needs, turn);
  return waitLonger(needs, turn);
}

/** Whether another source may have stated the same; settings that can't be used may hold one. */
async function maybeOfAnother({ connections }: ExecuteNeeds, merchant: MerchantId): Promise<boolean> {
  const all = await unlessWrong(() => connections.of(merchant));
  return all === undefined || all.filter(({ kind }) => kind === 'source').length > 1;
}

/**
 * One for another amount than its leg's is no less forgotten: it was another plan's. Of another return only what has no leg: a leg that there
 * is asks for its own money itself.
 */
async function isForgotten(
  needs: ExecuteNeeds,
  merchant: MerchantId,
  wanted: { readonly ofReturn: ReadonlySet<RefundId>; readonly ofOthers: boolean },
  evidence: RefundEvidence,
): Promise<boolean> {
  const { key, theirs, amountMinor } = evidence;
  const ours = oursOf(needs, evidence);
  if (key === undefined || ours === undefined) return false;
  const isOfReturn = wanted.ofReturn.has(ours.refund);
  if (!isOfReturn && !wanted.ofOthers) return false;
  const { refund } = await loadRefund(needs, merchant, ours.refund);
  const leg = legIn(refund, ours.leg);
  if (leg === undefined) return true;
  if (!isOfReturn) return false;
  return leg.amountMinor !== amountMinor || (leg.evidence[theirs] === undefined && !leg.keys.includes(key));
}
