import type { RefundId } from '../domain/ids.ts';
import type { Snapshot } from '../domain/notice.ts';
import { cancel, holdCancelled, restate } from '../domain/refund/decide.ts';
import type { Decision } from '../domain/refund/decision.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { refundIdOf } from '../domain/refund/key.ts';
import type { Refund } from '../domain/refund/state.ts';
import { cancel as cancelHead, type ReturnHead } from '../domain/return.ts';
import { withdraw } from '../domain/return-withdraw.ts';
import { returnItem } from '../domain/streams.ts';
import { type Instant, plus } from '../domain/time.ts';
import { countWithdrawn } from './count-withdrawn.ts';
import type { CallNeeds } from './gateway-call.ts';
import { append } from './journal.ts';
import { noticeHead, type StoredNotice, saidAt } from './notices.ts';
import type { PaymentNeeds } from './payments.ts';
import { later, putOff } from './put-off.ts';
import { type Author, changeRefund, loadRefund } from './refunds.ts';
import { readReturn, returnWrite } from './returns.ts';
import { settleNotice } from './settle.ts';

/**
 * The shop withdrew a return (F53). First the return is marked, so that no later notice is paid without a person; then each of its
 * refunds is cancelled, or says that it is too late; then the notice is settled. A crash between any two of these repeats the rest. Whoever
 * is told of the return meanwhile waits: what they found would be taken back with it. What the shop stated after this was said, and somebody
 * was faster to look at, is not cancelled: a person decides.
 */
export async function cancelReturn(
  needs: CallNeeds & PaymentNeeds,
  notice: StoredNotice,
  snapshot: Snapshot,
  author: Author,
): Promise<'done' | 'busy'> {
  const pk = returnItem(notice.merchant, notice.connection, snapshot.return);
  const marked = notice.entries.some((entry) => entry.events.some((event) => event.type === 'notice.cancelling'));
  if (!marked) return mark(needs, { notice, snapshot, author, pk });
  const item = await needs.table.get({ table: 'state', pk });
  const head = readReturn(item);
  if (head === undefined) return 'busy';
  const { cancelling, ...rest } = head;
  // An older version marked it without a word of itself.
  const mine = cancelling === undefined || cancelling.by === notice.stream;
  const then = { ...head, count: cancelling !== undefined && mine ? cancelling.count : head.count };
  const decide = saidAt(notice) < (head.saidAt ?? 0) ? holdCancelled : cancel;
  const all = await eachRefund(needs, { notice, snapshot, head: then, author }, (refund, now) =>
    decide(refund, { now, tempo: needs.tempo }),
  );
  if (all === 'busy') return 'busy';
  const cancelled = all.flatMap((refund) => (refund.is === 'cancelled' ? [refund] : []));
  for (const { number } of cancelled) {
    const refund = idOf(needs, { notice, snapshot }, number);
    if (!(await countWithdrawn(needs, { merchant: notice.merchant, refund, author })))
      return later(needs, notice, author);
  }
  const after = withdraw(mine ? rest : head, cancelled);
  return settleNotice(needs, notice, author, 'return-cancelled', [returnWrite(pk, item, after)]);
}

/** Another notice takes it back just now, and is not done with it. */
async function isBeingCancelled({ table }: PaymentNeeds, head: ReturnHead | undefined): Promise<boolean> {
  if (head?.cancelling === undefined) return false;
  const notice = await table.get({ table: 'state', pk: head.cancelling.by });
  return notice !== undefined && notice.status !== 'done';
}

/**
 * The head that whoever is told of the return next goes on from. A cancellation that was put aside half-way has not said what it took back:
 * that is promised no more all the same, or the return that is approved again would be nothing new.
 */
export async function afterCancelling(
  needs: PaymentNeeds,
  of: Pick<OfReturn, 'notice' | 'snapshot'> & { readonly head: ReturnHead | undefined },
): Promise<ReturnHead | undefined | 'cancelling'> {
  const { notice, head } = of;
  if (head?.cancelling === undefined) return head;
  if (await isBeingCancelled(needs, head)) return 'cancelling';
  const numbers = Array.from({ length: head.cancelling.count }, (_, before) => before + 1);
  const all = await Promise.all(
    numbers
      .filter((number) => !head.withdrawn.includes(number))
      .map((number) => loadRefund(needs, notice.merchant, idOf(needs, of, number))),
  );
  const cancelled = all.flatMap(({ refund }) => (refund.is === 'cancelled' ? [refund] : []));
  return cancelled.length === 0 ? head : withdraw(head, cancelled);
}

interface Marking {
  readonly notice: StoredNotice;
  readonly snapshot: Snapshot;
  readonly author: Author;
  readonly pk: string;
}

async function mark(needs: PaymentNeeds, { notice, snapshot, author, pk }: Marking): Promise<'done' | 'busy'> {
  const item = await needs.table.get({ table: 'state', pk });
  const head = readReturn(item);
  if (await isBeingCancelled(needs, head)) return putOff(needs, notice);
  const cancelled = cancelHead(head, snapshot);
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream: notice.stream,
    after: notice.end,
    at,
    ...author,
    events: [{ type: 'notice.cancelling', v: 1 }],
    head: noticeHead(notice.stream, 'cancelling', 'return', plus(at, needs.tempo.graceMs)),
    also: [returnWrite(pk, item, { ...cancelled, cancelling: { by: notice.stream, count: cancelled.count } })],
  });
  return appended.is === 'appended' ? 'done' : 'busy';
}

/** The notice came twice with different contents: what it caused and is not sent yet waits for a person (F10). */
export const holdForConflict = (
  needs: PaymentNeeds,
  notice: StoredNotice,
  { return: id }: Snapshot,
  author: Author,
): Promise<'done' | 'busy'> =>
  restateEach(needs, { notice, id, author }, 'notice-conflict', (refund) => refund.notice === notice.stream);

/** The shop moves money of this return itself, or has: what is not sent yet may be that money, and waits for a person (F77). */
export const holdForShop = (
  needs: PaymentNeeds,
  notice: StoredNotice,
  id: string,
  author: Author,
): Promise<'done' | 'busy'> => restateEach(needs, { notice, id, author }, 'moved-by-shop', () => true);

async function restateEach(
  needs: PaymentNeeds,
  { notice, id, author }: { readonly notice: StoredNotice; readonly id: string; readonly author: Author },
  reason: HoldReason,
  isMeant: (refund: Exclude<Refund, { is: 'none' }>) => boolean,
): Promise<'done' | 'busy'> {
  const head = readReturn(
    await needs.table.get({ table: 'state', pk: returnItem(notice.merchant, notice.connection, id) }),
  );
  if (head === undefined) return 'done';
  const held = await eachRefund(needs, { notice, snapshot: { return: id }, head, author }, (refund, now) =>
    refund.is !== 'none' && isMeant(refund) ? restate(refund, reason, { now, tempo: needs.tempo }) : { is: 'nothing' },
  );
  return held === 'busy' ? 'busy' : 'done';
}

/**
 * The return states less than was promised for it: of all (`less`), or of what was promised in another currency, in which it states nothing now.
 * What is not sent yet may be what it states no more, and money can't be called back: it waits for a person, who sees why. What was sent stays.
 * Answers the head without what a program denied for want of money, or anybody denied in another currency: nothing of that was paid, and what the
 * shop states now may be how it corrects it (F39, F41), which a person sees. What a person denied in this currency stays promised.
 */
export async function holdForLess(needs: PaymentNeeds, of: OfReturn, less: boolean): Promise<ReturnHead | 'busy'> {
  const isOther = (refund: Refund) => refund.is !== 'none' && refund.currency !== of.snapshot.currency;
  const all = await eachRefund(needs, of, (refund, now) =>
    less || isOther(refund) ? restate(refund, 'return-shrank', { now, tempo: needs.tempo }) : { is: 'nothing' },
  );
  if (all === 'busy') return 'busy';
  const denied = all.flatMap((refund) =>
    refund.is === 'denied' && (isOther(refund) || refund.reasons.includes('exceeds-capture')) ? [refund] : [],
  );
  return denied.every(({ number }) => of.head.withdrawn.includes(number)) ? of.head : withdraw(of.head, denied);
}

interface OfReturn {
  readonly notice: StoredNotice;
  readonly snapshot: Snapshot;
  readonly head: ReturnHead;
  readonly author: Author;
}

/** Every refund of a return, by its number: their ids follow from it. */
async function eachRefund(
  needs: PaymentNeeds,
  { notice, snapshot, head, author }: Omit<OfReturn, 'snapshot'> & { readonly snapshot: Pick<Snapshot, 'return'> },
  decide: (refund: Refund, now: Instant) => Decision,
): Promise<Refund[] | 'busy'> {
  const { merchant } = notice;
  const after: Refund[] = [];
  for (let number = 1; number <= head.count; number += 1) {
    const id = idOf(needs, { notice, snapshot }, number);
    const changed = await changeRefund(needs, { merchant, id, author }, (refund, now) =>
      refund.is === 'none' ? { is: 'nothing' } : decide(refund, now),
    );
    if (changed.is === 'busy' || changed.is === 'blocked') return 'busy';
    if (changed.is === 'changed') alarmHolds(needs, id, author, changed.events);
    after.push(changed.loaded.refund);
  }
  return after;
}

const idOf = (
  { hash }: PaymentNeeds,
  {
    notice: { merchant, connection },
    snapshot,
  }: Pick<OfReturn, 'notice'> & {
    readonly snapshot: Pick<Snapshot, 'return'>;
  },
  number: number,
): RefundId => refundIdOf({ merchant, connection, return: snapshot.return, number }, hash);

/** A person is needed: they hear of it now. */
function alarmHolds(needs: PaymentNeeds, id: RefundId, { correlation }: Author, events: readonly RefundEvent[]): void {
  for (const event of events) {
    if (event.type !== 'refund.held' && event.type !== 'leg.held') continue;
    const leg = event.type === 'leg.held' ? { leg: event.leg } : {};
    needs.log.alarm('refund-held', { stream: id, ...leg, correlation, code: event.reasons.at(-1) ?? '' });
  }
}
