import { parseRefundId, type RefundId } from '../domain/ids.ts';
import { lose } from '../domain/refund/decide.ts';
import type { Leg } from '../domain/refund/leg.ts';
import type { Refund } from '../domain/refund/state.ts';
import { overdue, provisional, stillAsked, unfinished } from '../domain/refund/step.ts';
import type { Work } from '../domain/refund/work.ts';
import { partsOf } from '../domain/streams.ts';
import { backoff, type Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, plus } from '../domain/time.ts';
import { markIfDisputed } from './disputed-legs.ts';
import { takeEvidence } from './evidence.ts';
import { type CallNeeds, find, openIfPossible } from './gateway-call.ts';
import { dueOf, postpone, triesOf, waitsUntil } from './heads.ts';
import { apartFrom, sayWrong } from './own-clock.ts';
import { type PaymentNeeds, secretsOf } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Found, Gateway } from './ports/gateway.ts';
import type { Item } from './ports/table.ts';
import { dueAtOf, executeAt, isUnsent } from './refund-due.ts';
import { type Author, changeRefund, type Loaded, loadRefund } from './refunds.ts';
import { chanceOf } from './retry.ts';
import { type HeldLeg, holdLeg } from './turn.ts';
import { connectionOfPayment, heardPayment } from './unheard.ts';
import { alsoOwedToShop, gatewayDueAt, gatewayIsDue, postponeGateway } from './urgency.ts';

type PollNeeds = CallNeeds & PaymentNeeds;

/** `silent`: the gateway could not be asked now, or did not answer. `mute`: it has no answer to this, now or later. */
type Asked = 'done' | 'busy' | 'silent' | 'mute';

/**
 * Asks about refunds that the gateway has not finished, since a webhook may never come (F91), and again about those that it has, since
 * success is provisional (F76, F102), and about those of which nobody knows and that a person has been asked about, or has closed. Who has waited too long is in front of a person, whatever else can or can't be had by then.
 */
export async function pollRefund(needs: PollNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined) return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  if (loaded.refund.is !== 'approved') return 'done';
  // Nothing is owed any more, or not yet: a hint that comes late asks nobody.
  const head = await needs.table.get({ table: 'state', pk: work.stream });
  if (head === undefined || !isDue(needs, head, loaded)) return 'done';
  const author: Author = {
    actor: 'reconcile',
    cause: work.stream,
    correlation: loaded.entries[0]?.correlation ?? work.correlation,
  };
  let silent = false;
  for (const leg of inTurn(needs, loaded.refund.legs)) {
    const asked = await askAbout(needs, { loaded, leg, author });
    if (asked === 'busy') return 'busy';
    silent ||= asksSoon(asked, leg);
  }
  // What was written down on the way has set another due time, which knows nothing of a question without an answer.
  const now = silent ? await asItIsNow(needs, work, id) : { loaded, head };
  if (now.head === undefined) return 'done';
  return alsoOwedToShop(now.head)
    ? laterAtGateway(needs, now.head, now.loaded, silent)
    : later(needs, work, now.loaded, { head: now.head, silent });
}

/**
 * Where answers take so long that not all fit into one life: what has no end must not wait behind what is looked at once more, nor one leg
 * behind the same others each time.
 */
function inTurn({ ids }: PollNeeds, legs: readonly Leg[]): readonly Leg[] {
  if (legs.length < 2) return legs;
  const from = Math.floor(chanceOf(ids) * legs.length);
  const turned = [...legs.slice(from), ...legs.slice(0, from)];
  const endless = (leg: Leg) => leg.now.is === 'pending' || unfinished(leg);
  return [...turned.filter(endless), ...turned.filter((leg) => !endless(leg))];
}

const asItIsNow = async (needs: PollNeeds, { merchant, stream }: Work, id: RefundId) => ({
  loaded: await loadRefund(needs, merchant, id),
  head: await needs.table.get({ table: 'state', pk: stream }),
});

/** Whose next time may be a day away. What is pending comes often enough while it is young, and its webhook is on its way. */
const asksSoon = (asked: Asked, leg: Leg): boolean =>
  (asked === 'silent' && leg.now.is !== 'pending') || (asked === 'mute' && provisional(leg));

/**
 * The sweep that sent the hint moved the due time ahead by the time of grace: who finds it later than that comes after somebody who has
 * looked already. A backlog of hints, moved back from the dead letters, asks once. A leg that is still to be sent moves the due time, too,
 * for a wait of its own: then it says nothing of the others.
 */
function isDue({ clock, tempo }: PollNeeds, head: Item, { refund }: Loaded): boolean {
  const now = clock.now();
  const dueAt = dueOf(head);
  if (dueAt === undefined || !gatewayIsDue(head, now)) return false;
  const movedByOthers = alsoOwedToShop(head) || executeAt(refund).length > 0;
  return movedByOthers || dueAt <= plus(now, tempo.graceMs + tempo.skewMs);
}

function askAbout(needs: PollNeeds, polled: HeldLeg): Asked | Promise<Asked> {
  const { leg } = polled;
  switch (leg.now.is) {
    case 'pending':
      return pollLeg(needs, polled);
    case 'refunded':
      return verifyLeg(needs, polled);
    default:
      return provisional(leg) || stillAsked(leg, needs.clock.now(), needs.tempo) ? lookOn(needs, polled) : 'done';
  }
}

/**
 * Where nothing was learned, only the due time moves: to the earliest that any leg of the refund is due, if any is. A success that
 * could not be looked for is tried again a few times before that.
 */
async function later(
  needs: PollNeeds,
  { stream }: Work,
  { refund, end }: Loaded,
  { head, silent }: { readonly head: Item; readonly silent: boolean },
): Promise<'done'> {
  const now = needs.clock.now();
  const { askAgainMs } = needs.tempo;
  const tries = triesOf(head);
  // A leg that waits, for an answer or a place, has said when somebody comes for it: that stays so.
  const hintAt = waitsUntil(head);
  const scheduled = hintAt === undefined ? dueAtOf(refund, now, needs.tempo) : beside(head, refund, now, needs.tempo);
  const moved = { version: end.version, ...(hintAt !== undefined && { hintAt }) };
  if (silent && tries < askAgainMs.length) {
    const again = plus(now, backoff(askAgainMs, tries));
    const until = scheduled === undefined ? again : earlier(again, scheduled);
    await postpone(needs.table, stream, { ...moved, until, tries: tries + 1 });
  } else {
    await postpone(needs.table, stream, { ...moved, until: scheduled, tries: silent ? 0 : tries });
  }
  return 'done';
}

/** When the refund is due: when its waiting leg is, or one that this is about. */
function beside(head: Item, refund: Refund, now: Instant, tempo: Tempo): Instant | undefined {
  const polled = refund.is === 'approved' ? { ...refund, legs: refund.legs.filter((leg) => !isUnsent(leg)) } : refund;
  const due = dueAtOf(polled, now, tempo);
  const waits = dueOf(head);
  return due === undefined || waits === undefined ? (due ?? waits) : earlier(due, waits);
}

/** The due time is the shop's: it is told at its own pace, and only the gateway's moves. */
async function laterAtGateway(needs: PollNeeds, head: Item, { refund }: Loaded, silent: boolean): Promise<'done'> {
  const now = needs.clock.now();
  const { tempo } = needs;
  const scheduled = gatewayDueAt(refund.is === 'approved' ? refund.legs : [], now, tempo);
  const again = silent ? plus(now, backoff(tempo.askAgainMs, tempo.askAgainMs.length)) : undefined;
  const until = scheduled !== undefined && again !== undefined ? earlier(scheduled, again) : (scheduled ?? again);
  await postponeGateway(needs.table, head, until);
  return 'done';
}

async function pollLeg(needs: PollNeeds, polled: HeldLeg): Promise<Asked> {
  const { leg } = polled;
  if (overdue(leg, needs.clock.now(), needs.tempo)) return holdLeg(needs, polled, ['pending-too-long']);
  const asked = await ask(needs, polled);
  return asked.is === 'answered' ? 'done' : asked.is;
}

/** What is found ends the doubt, and the hold with it; that nothing is found changes nothing: a person decides, or has decided. */
async function lookOn(needs: PollNeeds, polled: HeldLeg): Promise<Asked> {
  const asked = await ask(needs, polled);
  return asked.is === 'answered' ? 'done' : asked.is;
}

/** A late failure whose webhook was lost is found like any other news; that it is nowhere only counts with authority. */
async function verifyLeg(needs: PollNeeds, polled: HeldLeg): Promise<Asked> {
  const { leg, loaded, author } = polled;
  if (leg.now.is !== 'refunded') return 'done';
  const { theirs } = leg.now;
  await heardPayment(needs, { merchant: loaded.merchant, payment: leg.payment, author });
  if ((await markIfDisputed(needs, polled)) === 'busy') return 'busy';
  const asked = await ask(needs, polled);
  if (asked.is !== 'answered') return asked.is;
  // Another one that lives under its keys is this leg's money too: with it, nothing is lost.
  const matches = asked.found.is === 'found' ? asked.found.matches : [];
  if (matches.some((one) => one.theirs === theirs || one.state !== 'failed')) return 'done';
  if (asked.gateway.capabilities.lookup !== 'authoritative') return 'mute';
  const byMs = apartFrom(asked.gateway);
  if (byMs !== 0) {
    sayWrong(needs, polled, byMs);
    return 'silent';
  }
  const of = { merchant: loaded.merchant, id: loaded.id, author };
  const changed = await changeRefund(needs, of, (refund, now) =>
    lose(refund, leg.leg, asked.askedAt, { now, tempo: needs.tempo }),
  );
  if (changed.is === 'changed')
    needs.log.alarm('lost-at-gateway', { stream: loaded.id, leg: leg.leg, correlation: author.correlation });
  return changed.is === 'busy' || changed.is === 'blocked' ? 'busy' : 'done';
}

type Answered =
  | { readonly is: 'answered'; readonly gateway: Gateway; readonly found: Found; readonly askedAt: Instant }
  | { readonly is: Asked };

/** Asks what the gateway has under this leg's keys and known ids, and takes all of it as evidence. */
async function ask(needs: PollNeeds, polled: HeldLeg): Promise<Answered> {
  const { loaded, leg, author } = polled;
  const secrets = await secretsOf(needs, loaded.merchant, leg.payment);
  // A success that can't be looked for stays a success: nobody could do anything with a hold. And what is held is held.
  if (secrets === 'foreign')
    return { is: leg.now.is === 'pending' ? await holdLeg(needs, polled, ['reference-unreadable']) : 'done' };
  const connection = await connectionOfPayment(needs, loaded.merchant, leg);
  const gateway = connection && (await openIfPossible(needs, connection));
  if (connection === undefined || gateway === undefined || secrets === undefined) return { is: 'silent' };
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const askedAt = needs.clock.now();
  const found = await find(needs, gateway, about, { reference: secrets.reference, leg });
  if ((await take(needs, polled, connection, found)) === 'busy') return { is: 'busy' };
  if (found.is !== 'cannot-tell') return { is: 'answered', gateway, found, askedAt };
  return { is: 'until' in found || found.weather !== undefined ? 'silent' : 'mute' };
}

async function take(needs: PollNeeds, polled: HeldLeg, connection: Connection, found: Found): Promise<'done' | 'busy'> {
  for (const evidence of found.is === 'found' ? found.matches : []) {
    const taken = await takeEvidence(needs, { ...polled, connection, evidence, source: 'lookup' });
    if (taken === 'busy') return 'busy';
  }
  return 'done';
}
