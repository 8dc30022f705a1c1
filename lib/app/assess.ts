import { encode } from '../domain/json.ts';
import type { Subject } from '../domain/notice.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { refundIdOf } from '../domain/refund/key.ts';
import type { Work } from '../domain/refund/work.ts';
import { type Claim, claim, type ReturnHead, said } from '../domain/return.ts';
import { kindOf, returnItem } from '../domain/streams.ts';
import { plus } from '../domain/time.ts';
import { afterCancelling, cancelReturn, holdForConflict, holdForLess, holdForShop } from './cancel.ts';
import { confirm } from './confirm.ts';
import { decideForSure } from './decide-for-sure.ts';
import { type AssessNeeds, alarmIfHeld } from './decision.ts';
import { versionOf } from './heads.ts';
import type { Also } from './journal.ts';
import { noticeToDo, openReturn, type ReturnContent, type StoredNotice, saidAt, settledAs } from './notices.ts';
import { paidByOther } from './order-source.ts';
import { opened, putOff, quarantine } from './put-off.ts';
import { assessRefund } from './reassess.ts';
import { type Author, appendToRefund, newRefund } from './refunds.ts';
import { resolvePayments } from './resolve.ts';
import { insist } from './retry.ts';
import { readReturn, returnWrite } from './returns.ts';
import { settleNotice } from './settle.ts';
import { waitingFor } from './waiting.ts';

/**
 * From a return notice to a decision: approved with its amounts reserved, held, denied or waiting; in one transaction with the head
 * that says how much of the return is promised. Looks at a notice, at a refund that waits, or at a payment others wait for.
 */
export async function assessWork(needs: AssessNeeds, work: Work): Promise<'done' | 'busy'> {
  switch (kindOf(work.stream)) {
    case 'notice':
      return assessNotice(needs, work);
    case 'refund':
      return assessRefund(needs, work);
    case 'payment':
      for (const refund of await waitingFor(needs, work)) await assessRefund(needs, { ...work, stream: refund });
      return 'done';
    default:
      return 'done';
  }
}

async function assessNotice(needs: AssessNeeds, work: Work): Promise<'done' | 'busy'> {
  const found = await noticeToDo(needs, work, 'assess');
  if (found === undefined) return 'done';
  const { notice, author } = found;
  if (notice.recorded.kind !== 'return') return quarantine(needs, notice, author, 'wrong-kind');
  const { content: recorded } = notice.recorded;
  // One that is being cancelled goes on with what the shop said then: the return is marked already.
  if (recorded.about === 'hint' && !isCancelling(notice)) return assessHint(needs, notice, author, recorded.subject);
  const content = await opened(needs, notice, author, openReturn);
  if (content === 'done' || content === 'busy') return content;
  if (content === 'foreign') return quarantine(needs, notice, author, 'reference-unreadable');
  if (notice.entries.some((entry) => entry.events[0]?.type === 'notice.conflicted')) {
    const held = await holdForConflict(needs, notice, content.snapshot, author);
    if (held === 'busy') return 'busy';
  }
  const settled = settledAs(notice);
  if (settled !== undefined) return settleNotice(needs, notice, author, settled);
  const done = await follow(needs, notice, content, author);
  return done === 'again' ? 'busy' : done;
}

const isCancelling = (notice: StoredNotice): boolean =>
  notice.entries.some((entry) => entry.events.some((event) => event.type === 'notice.cancelling'));

/** How often the shop is asked anew because the return changed here while it answered. */
const mostConfirmations = 3;

/** What is decided from the shop's answer belongs to the return as it was here when the shop was asked: somebody was faster, ask again. */
async function assessHint(
  needs: AssessNeeds,
  notice: StoredNotice,
  author: Author,
  subject: Subject,
): Promise<'done' | 'busy'> {
  let current = notice;
  for (let asked = 0; asked < mostConfirmations; asked += 1) {
    const confirmed = await confirm(needs, current, author, subject);
    if (confirmed.is === 'not-now') return confirmed.result;
    const done = await follow(needs, confirmed.notice, confirmed.content, author, confirmed.asOf);
    if (done !== 'again') return done;
    current = confirmed.notice;
  }
  return 'busy';
}

/** `asOf`: only on this version of the return's head; `again` where it is another by now. */
async function follow(
  needs: AssessNeeds,
  notice: StoredNotice,
  content: ReturnContent,
  author: Author,
  asOf?: number,
): Promise<'done' | 'busy' | 'again'> {
  switch (content.trigger) {
    case 'received':
      return settleNotice(needs, notice, author, 'recorded-only');
    case 'cancelled':
      return cancelReturn(needs, notice, content.snapshot, author);
    case 'approved':
      return claimReturn(needs, notice, content, author, asOf);
  }
}

/** What the snapshot owes beyond what was promised becomes a refund, once: its id follows from the return and its number (F36). */
async function claimReturn(
  needs: AssessNeeds,
  notice: StoredNotice,
  content: ReturnContent,
  author: Author,
  asOf?: number,
): Promise<'done' | 'busy' | 'again'> {
  const { snapshot } = content;
  const pk = returnItem(notice.merchant, notice.connection, snapshot.return);
  const digest = needs.hash(encode(snapshot));
  let waits = false;
  const done = await insist(needs, async () => {
    const item = await needs.table.get({ table: 'state', pk });
    if (asOf !== undefined && versionOf(item) !== asOf) return 'again' as const;
    const head = await afterCancelling(needs, { notice, snapshot, head: readReturn(item) });
    waits = head === 'cancelling';
    if (head === 'cancelling') return undefined;
    // Also where nothing new is stated: what was moved by amount changes no statement.
    const moved = content.concerns.includes('moved-by-shop');
    if (moved && (await holdForShop(needs, notice, snapshot.return, author)) === 'busy') return undefined;
    // What a shop answers is so now; what it sent was so when it came.
    const at = asOf === undefined ? saidAt(notice) : needs.clock.now();
    const raise = (to: ReturnHead) => returnWrite(pk, item, said(to, at));
    const owed = claim(head, snapshot, digest, content.concerns);
    if (owed.is !== 'owed') {
      const to = owed.is === 'nothing-owed' ? owed.head : head;
      const settled = await settleNotice(needs, notice, author, owed.is, to === undefined ? [] : [raise(to)]);
      return settled === 'busy' ? undefined : settled;
    }
    const less = owed.concerns.includes('return-shrank');
    if (head === undefined || !(less || owed.concerns.includes('other-currency')))
      return request(needs, { notice, content, author, owed, raise: raise(owed.head) });
    const without = await holdForLess(needs, { notice, snapshot, head, author }, less);
    if (without === 'busy') return undefined;
    const anew = without === head ? owed : claim(without, snapshot, digest, owed.concerns);
    if (anew.is !== 'owed') return undefined; // with a concern it always is
    return request(needs, { notice, content, author, owed: anew, raise: raise(anew.head) });
  });
  // What cancels it may wait for days, for its gateway.
  return done ?? (waits ? putOff(needs, notice) : 'busy');
}

interface Requesting {
  readonly notice: StoredNotice;
  readonly content: ReturnContent;
  readonly author: Author;
  readonly owed: Extract<Claim, { is: 'owed' }>;
  readonly raise: Also;
}

/** Request and decision in one transaction with the return's head and the notice's. Undefined: somebody was first, look again. */
async function request(needs: AssessNeeds, of: Requesting): Promise<'done' | undefined> {
  const { notice, content, author, owed } = of;
  const { snapshot } = content;
  const { merchant, connection } = notice;
  const conflicted = notice.entries.some((entry) => entry.events[0]?.type === 'notice.conflicted');
  const concerns: HoldReason[] = conflicted ? [...owed.concerns, 'notice-conflict'] : [...owed.concerns];
  const id = refundIdOf({ merchant, connection, return: snapshot.return, number: owed.number }, needs.hash);
  const requested: RefundEvent = {
    type: 'refund.requested',
    v: 1,
    return: { connection, id: snapshot.return },
    number: owed.number,
    order: snapshot.order,
    currency: snapshot.currency,
    quote: owed.quote,
    notice: notice.stream,
    ...(content.tell && { tell: true as const }),
  };
  const from = { merchant, source: connection, order: snapshot.order };
  const on = { ...from, named: content.payments, author };
  const resolved = await resolvePayments(needs, on);
  if (await paidByOther(needs, from)) concerns.push('other-source');
  // After its payments were looked at: what others refunded on them by now is known to the decision (F44).
  const at = needs.clock.now();
  const { amountMinor } = owed.quote;
  const known = { refund: id, amountMinor, snapshot, concerns, cleared: [], resolved, late: false };
  const decided = await decideForSure(needs, on, known, plus(at, needs.tempo.waitForPaymentMs), at);
  const appended = await appendToRefund(needs, newRefund(merchant, id), {
    author,
    at,
    events: [requested, decided],
    also: [of.raise, noticeDone(notice)],
  });
  if (appended.is !== 'appended') return undefined;
  alarmIfHeld(needs, id, author, decided);
  return 'done';
}

/** Dealt with: the refund's first entry names this notice as its cause. */
const noticeDone = (notice: StoredNotice): Also => ({
  name: 'notice',
  write: {
    update: { table: 'state', pk: notice.stream },
    set: { status: 'done', follow: '' },
    remove: ['dueAt', 'dueShard'],
    only: [{ attribute: 'version', is: 'equal', value: BigInt(notice.end.version) }],
  },
});
