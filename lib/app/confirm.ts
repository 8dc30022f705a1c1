import { encode } from '../domain/json.ts';
import type { Subject } from '../domain/notice.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { readToldReference } from '../domain/refund/key.ts';
import { fresh } from '../domain/return.ts';
import { returnItem } from '../domain/streams.ts';
import { plus } from '../domain/time.ts';
import { holdForShop } from './cancel.ts';
import type { AssessNeeds } from './decision.ts';
import { attempt, noTime, spareMs } from './gateway-call.ts';
import { versionOf } from './heads.ts';
import { connectionOf } from './if-available.ts';
import { append } from './journal.ts';
import {
  confirmedOf,
  loadNotice,
  noticeHead,
  openReturn,
  type ReturnContent,
  type StoredNotice,
  split,
} from './notices.ts';
import type { Confirmed, ConfirmedReturn } from './ports/source.ts';
import { later, putOff, quarantine } from './put-off.ts';
import { type Author, loadRefund } from './refunds.ts';
import { readReturn, returnWrite } from './returns.ts';
import { openShop } from './shop-call.ts';

/** `asOf`: the version of the return's head that was there before the shop was asked. What is decided belongs to that head. */
export type Confirmation =
  | {
      readonly is: 'confirmed';
      readonly notice: StoredNotice;
      readonly content: ReturnContent;
      readonly asOf: number;
    }
  | { readonly is: 'not-now'; readonly result: 'done' | 'busy' };

/**
 * A notice whose sender does not sign everything is only a reason to ask: the shop says, to its own credential, how the return stands
 * now, and that is recorded before anything is decided from it. So an old delivery, a repeated one and one with other headers all
 * come to the present state (F5, F8, F12, F127), and a return of another shop is not found (F23).
 *
 * If this process dies: before the record nothing happened; after it the shop is asked again, and what it says then counts.
 */
export async function confirm(
  needs: AssessNeeds,
  notice: StoredNotice,
  author: Author,
  subject: Subject,
): Promise<Confirmation> {
  const pk = returnItem(notice.merchant, notice.connection, subject.return);
  const asOf = versionOf(await needs.table.get({ table: 'state', pk }));
  const said = await askShop(needs, notice, author, subject);
  switch (said.is) {
    case 'cannot-tell':
      // Its shop is not what kept it: a first question fits, so that this ends without a person.
      return {
        is: 'not-now',
        result: await (said.why === noTime ? putOff(needs, notice) : later(needs, notice, author)),
      };
    case 'elsewhere':
      return subject.is === 'refund'
        ? confirm(needs, notice, author, said.subject)
        : { is: 'not-now', result: await later(needs, notice, author) };
    case 'absent':
      return { is: 'not-now', result: await believeAbsence(needs, notice, author) };
    case 'under-way':
      return { is: 'not-now', result: await awaitShop(needs, notice, author, { subject, said }) };
    case 'return': {
      const concerns = [...said.concerns, ...(await strangeReferences(needs, notice, said))];
      const recorded = await recordConfirmed(needs, notice, author, { ...said, concerns });
      return recorded === undefined ? { is: 'not-now', result: 'busy' } : { is: 'confirmed', ...recorded, asOf };
    }
  }
}

/** A webhook may be faster than what the shop's own API reads from: nothing there is believed once it has been so for a while (F12). */
const believeAbsence = (needs: AssessNeeds, notice: StoredNotice, author: Author): Promise<'done' | 'busy'> =>
  needs.clock.now() < plus(notice.openSince, needs.tempo.absenceMs)
    ? putOff(needs, notice)
    : quarantine(needs, notice, author, 'return-absent');

/**
 * A transaction of the shop's takes as long as a refund of ours may, and is asked for as one is: nobody tells us how it ended (F76). Until then
 * what we promised for this return may be what the shop is paying. So may what somebody else is about to promise, who asked before it began:
 * the return's head is written anew, as it is, and they ask again.
 */
async function awaitShop(
  needs: AssessNeeds,
  notice: StoredNotice,
  author: Author,
  { subject, said }: { readonly subject: Subject; readonly said: Extract<Confirmed, { is: 'under-way' }> },
): Promise<'done' | 'busy'> {
  const pk = returnItem(notice.merchant, notice.connection, subject.return);
  const item = await needs.table.get({ table: 'state', pk });
  const anew = returnWrite(pk, item, readReturn(item) ?? fresh(said));
  if ((await needs.table.write([anew.write])).is !== 'written') return 'busy';
  if ((await holdForShop(needs, notice, subject.return, author)) === 'busy') return 'busy';
  return needs.clock.now() < plus(notice.openSince, needs.tempo.pendingLimitMs)
    ? putOff(needs, notice, needs.tempo.pollMs)
    : quarantine(needs, notice, author, 'pending-too-long');
}

async function askShop(needs: AssessNeeds, notice: StoredNotice, author: Author, subject: Subject): Promise<Confirmed> {
  const connection = await connectionOf(needs, notice.merchant, notice.connection);
  const shop = connection && (await openShop(needs, connection));
  if (connection === undefined || shop === undefined) return { is: 'cannot-tell', why: 'no-client' };
  // Asked when the message comes again: who is killed while the shop answers is so each time.
  if (spareMs(needs) < 0) return { is: 'cannot-tell', why: noTime };
  const about = { correlation: author.correlation, connection };
  const limitMs = needs.tempo.gatewayLimitMs;
  return attempt(needs, 'confirm', about, () => shop.confirm({ subject, limitMs }));
}

/** A record of the shop that carries a reference of ours is one that we told it, or somebody made it look so. */
async function strangeReferences(
  needs: AssessNeeds,
  notice: StoredNotice,
  said: ConfirmedReturn,
): Promise<HoldReason[]> {
  for (const reference of said.references) {
    const id = readToldReference(reference, needs.installation, needs.hash);
    const refund = id && (await loadRefund(needs, notice.merchant, id)).refund;
    const ours =
      refund?.is === 'approved' &&
      refund.telling !== undefined &&
      refund.return.connection === notice.connection &&
      refund.order === said.snapshot.order;
    if (!ours) return ['strange-reference'];
  }
  return [];
}

/** Recorded once per content: what is said again is the same fact. */
async function recordConfirmed(
  needs: AssessNeeds,
  notice: StoredNotice,
  author: Author,
  said: ConfirmedReturn,
): Promise<{ notice: StoredNotice; content: ReturnContent } | undefined> {
  const { trigger, snapshot, payments, concerns, tell } = said;
  const content: ReturnContent = { trigger, snapshot, payments, concerns, tell };
  if (confirmedOf(notice) !== undefined) {
    const before = await openReturn(needs.vault, notice);
    if (before !== 'foreign' && encode(before) === encode(content)) return { notice, content };
  }
  const { merchant, stream } = notice;
  const parts = split({ kind: 'return', id: '', sameness: '', type: '', trigger, snapshot, payments });
  if (parts.content.about !== 'return') return undefined;
  const sealed = payments.length === 0 ? {} : { sealed: await needs.vault.seal(merchant, stream, parts.secrets) };
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: notice.end,
    at,
    ...author,
    events: [{ type: 'notice.confirmed', v: 1, content: parts.content, concerns, ...(tell && { tell }), ...sealed }],
    head: noticeHead(stream, 'new', 'return', plus(at, needs.tempo.graceMs)),
    also: [],
  });
  const now = appended.is === 'appended' ? await loadNotice(needs, merchant, stream) : undefined;
  return now && { notice: now, content };
}
