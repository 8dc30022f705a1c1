import type { PaymentEvent } from '../domain/balance.ts';
import { readEntry, type Sealed } from '../domain/chain.ts';
import type { NoticeEvent } from '../domain/events.ts';
import { holder, holdsPlace } from '../domain/payment.ts';
import type { Refund } from '../domain/refund/state.ts';
import { final, statusOf } from '../domain/refund/status.ts';
import { provisional, unfinished } from '../domain/refund/step.ts';
import { owesTelling } from '../domain/refund/tell.ts';
import { kindOf, merchantOf, partsOf, paymentStream } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { plus } from '../domain/time.ts';
import type { Sound } from './audit-sound.ts';
import { dueShard, dueShards, shardOf } from './heads.ts';
import { noticeFollow, settledIn } from './notices.ts';
import type { Books } from './ports/books.ts';
import type { Item } from './ports/table.ts';
import { dueAtOf, followOf } from './refund-due.ts';

/**
 * A head that does not follow from its facts in what decides whether anybody comes back to it: a refund that lists show as something else,
 * or that no sweep will find or do anything about; a payment's one place for requests, kept from its legs or taken from who has it; a payment that
 * counts in another currency, or is asked for at another account.
 */
export interface WrongHead {
  readonly stream: string;
  readonly field: 'status' | 'dueAt' | 'dueShard' | 'follow' | 'inFlight' | 'currency' | 'connection' | 'notice' | 'id';
  /** As it is stored; null where it is not. */
  readonly stored: string | null;
  /** What the facts say; for a due time that there must be one. */
  readonly computed: string | null;
}

/** Compares heads of refunds, notices and payments with what the sweep and the next right to send need of them. Pure; `refunds` are the books' own. */
export function wrongHeads({ books, shaken }: Sound, refunds: ReadonlyMap<string, Refund>, tempo: Tempo): WrongHead[] {
  const places = new Map<string, string[]>();
  const followed = causesOf(books);
  const causes = { has: (notice: string) => followed.has(notice) || shaken(notice) };
  const wrong: WrongHead[] = [];
  for (const [stream, stored] of books.streams) {
    const head = books.state.get(stream);
    if (kindOf(stream) === 'notice') wrong.push(...ofNotice(stream, stored, head, causes));
    if (kindOf(stream) === 'payment') wrong.push(...ofPayment(stream, stored, head));
  }
  for (const [stream, refund] of refunds) {
    wrong.push(...ofRefund(stream, refund, books.state.get(stream), stillWatched(refund, books, tempo)));
    for (const [payment, place] of placesOf(stream, refund))
      places.set(payment, [...(places.get(payment) ?? []), place]);
  }
  for (const [stream, head] of books.state) {
    const [inFlight, place] = [text(head, 'inFlight'), placesIn(places.get(stream))];
    if (kindOf(stream) === 'payment' && inFlight !== place && !shaken(stream))
      wrong.push({ stream, field: 'inFlight', stored: inFlight, computed: place });
  }
  return wrong;
}

/** Of two that have the one place, each may be paid beside the other: no head can be right about them. */
const placesIn = (places: readonly string[] | undefined): string | null => places?.toSorted().join(' ') ?? null;

const text = (head: Item | undefined, name: string): string | null =>
  head?.[name] === undefined ? null : String(head[name]);

/**
 * What is not done with is due. What is done with says so itself, or a refund's first entry says that it follows from it: where neither
 * does, it was never dealt with, or that refund is gone.
 */
function ofNotice(
  stream: string,
  stored: readonly Sealed[],
  head: Item | undefined,
  causes: Pick<ReadonlySet<string>, 'has'>,
): WrongHead[] {
  const open = text(head, 'status') !== 'done';
  const events = stored.flatMap((one) => readEntry<NoticeEvent>(one).events);
  const follow = events[0]?.type === 'notice.recorded' ? noticeFollow(events[0].kind) : '';
  if (!open && follow !== '' && settledIn(events) === undefined && !causes.has(stream))
    return [{ stream, field: 'status', stored: 'done', computed: 'open' }];
  return ofDue(stream, head, { open, follow: open ? follow : '' });
}

/** What refunds say they follow from. */
const causesOf = ({ streams }: Books): Set<string> =>
  new Set(
    [...streams].flatMap(([stream, [first]]) =>
      kindOf(stream) === 'refund' && first !== undefined ? [readEntry(first).cause] : [],
    ),
  );

/** Due in a form that sorts, where the sweep asks, and for what is owed: anything else is found by nobody, or looked at for nothing. */
function ofDue(stream: string, head: Item | undefined, owed: { open: boolean; follow: string }): WrongHead[] {
  const [dueAt, shard, follow] = [text(head, 'dueAt'), text(head, 'dueShard'), text(head, 'follow') ?? ''];
  if (dueAt === null && !owed.open) return [];
  if (!/^\d{13}$/.test(dueAt ?? '')) return [{ stream, field: 'dueAt', stored: dueAt, computed: 'due' }];
  const computed = dueShard(shardOf(stream, dueShards));
  if (shard !== computed) return [{ stream, field: 'dueShard', stored: shard, computed }];
  return follow === owed.follow ? [] : [{ stream, field: 'follow', stored: follow, computed: owed.follow }];
}

/** The amounts of a balance are in its currency, and are sent through its account: both were said once, with the payment's name. */
function ofPayment(stream: string, stored: readonly Sealed[], head: Item | undefined): WrongHead[] {
  const learned = learnedIn(stored);
  return (['currency', 'connection'] as const).flatMap((field) => {
    const [is, computed] = [text(head, field), learned?.[field] ?? null];
    return is === computed ? [] : [{ stream, field, stored: is, computed }];
  });
}

/** It stands in the first entry, so that the others need not be read again. */
function learnedIn(stored: readonly Sealed[]): Extract<PaymentEvent, { type: 'payment.learned' }> | undefined {
  for (const one of stored) {
    const learned = readEntry<PaymentEvent>(one).events.find((event) => event.type === 'payment.learned');
    if (learned !== undefined) return learned;
  }
  return undefined;
}

/** It has ended, and somebody must come back to it all the same: to look for a success again, whoever closed it, or for what was closed in doubt. */
const stillWatched = (refund: Refund, { readAt }: Books, tempo: Tempo): boolean =>
  readAt !== undefined && dueAtOf(refund, plus(readAt, tempo.skewMs), tempo) !== undefined;

function ofRefund(stream: string, refund: Refund, head: Item | undefined, watched: boolean): WrongHead[] {
  const status = statusOf(refund);
  const stored = text(head, 'status');
  const wrong: WrongHead[] = stored === status ? [] : [{ stream, field: 'status', stored, computed: status }];
  const open = !final.has(status) || owesTelling(refund);
  const follow = followOf(refund);
  const before = { open, follow: follow.filter((work) => work !== 'reconcile').join(' ') };
  const byOlder = asksForSecondOnly(refund) && (text(head, 'follow') ?? '') === before.follow;
  return [...wrong, ...ofDue(stream, head, byOlder ? before : { open: open || watched, follow: follow.join(' ') })];
}

/**
 * Its gateway is asked for nothing but the second of two refunds, which a person closed it with. Nobody asked for that before, and heads
 * of that time say so by the work that they name: they are not wrong for it.
 */
function asksForSecondOnly(refund: Refund): boolean {
  const legs = refund.is === 'approved' ? refund.legs : [];
  return !legs.some((leg) => ['pending', 'refunded'].includes(leg.now.is) || unfinished(leg)) && legs.some(provisional);
}

/** Which payments' places the legs of this refund have. */
function placesOf(stream: string, refund: Refund): [string, string][] {
  if (refund.is !== 'approved') return [];
  const id = partsOf(stream as Parameters<typeof partsOf>[0])[0] ?? '';
  return refund.legs
    .filter(holdsPlace)
    .map((leg) => [paymentStream(merchantOf(stream), leg.payment), holder(id, leg.leg)]);
}
