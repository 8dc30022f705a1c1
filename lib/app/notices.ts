import type { Entry } from '../domain/chain.ts';
import type { Event, NoticeContent, NoticeEvent, NoticeOutcome } from '../domain/events.ts';
import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import type { News, Notice, RefundEvidence, ReturnNotice } from '../domain/notice.ts';
import type { HoldReason } from '../domain/refund/hold-reason.ts';
import { hasKeyForm } from '../domain/refund/key.ts';
import type { Work } from '../domain/refund/work.ts';
import { kindOf, partsOf, type StreamName } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { due } from './heads.ts';
import { type End, type HeadChange, load } from './journal.ts';
import type { Needs } from './needs.ts';
import type { Opener, Secrets } from './ports/vault.ts';
import { inQuarantine, outOfQuarantine } from './quarantine-index.ts';
import type { Author } from './refunds.ts';

/** How notices are stored: what may be read by anybody who may read the journal, and what is encrypted. */

/** A notice's content in two parts. Payment references and the gateway's names are in `secrets` and nowhere else. */
export function split(notice: Notice): { readonly content: NoticeContent; readonly secrets: Secrets } {
  switch (notice.kind) {
    case 'return': {
      const { trigger, snapshot, payments } = notice;
      const content = {
        about: 'return',
        trigger,
        snapshot,
        connections: payments.map((payment) => payment.connection),
      } as const;
      return {
        content,
        secrets: listed(
          'payment',
          payments.map((payment) => payment.reference),
        ),
      };
    }
    case 'hint':
      return { content: { about: 'hint', subject: notice.subject }, secrets: {} };
    case 'gateway':
      return splitNews(notice.news);
    case 'unknown':
      return { content: { about: 'unknown' }, secrets: {} };
  }
}

function splitNews(news: News): { content: NoticeContent; secrets: Secrets } {
  const names = listed('name', news.payment);
  if (news.about === 'refund') return { content: { about: 'refund', evidence: bare(news.evidence) }, secrets: names };
  if (news.about === 'dispute') {
    const { theirs, ...dispute } = news.dispute;
    return { content: { about: 'dispute', dispute }, secrets: { ...names, theirs } };
  }
  if (news.about === 'fraud-warning') {
    const { theirs, ...warning } = news.warning;
    return { content: { about: 'fraud-warning', warning }, secrets: { ...names, theirs } };
  }
  const { theirs, ...capture } = news.capture;
  const order: Secrets = news.order === undefined ? {} : { order: news.order };
  return { content: { about: 'capture', capture }, secrets: { ...names, theirs, ...order } };
}

/** What stands in the field of our key is kept only where it is one: it is somebody's text otherwise, and this is stored in clear. */
function bare({ key, ...evidence }: RefundEvidence): RefundEvidence {
  return key !== undefined && hasKeyForm(key) ? { ...evidence, key } : evidence;
}

const listed = (name: string, texts: readonly string[]): Secrets =>
  Object.fromEntries(texts.map((text, index) => [`${name}.${index}`, text]));

const unlisted = (name: string, secrets: Secrets): string[] => {
  const texts: string[] = [];
  for (let index = 0; secrets[`${name}.${index}`] !== undefined; index += 1)
    texts.push(secrets[`${name}.${index}`] ?? '');
  return texts;
};

/** A notice as the journal has it. */
export interface StoredNotice {
  readonly merchant: MerchantId;
  readonly connection: ConnectionName;
  readonly stream: StreamName;
  readonly recorded: Extract<NoticeEvent, { type: 'notice.recorded' }>;
  readonly entries: readonly Entry<NoticeEvent>[];
  readonly end: End;
  /** Since when it is to be dealt with: since it was recorded, or taken up again. */
  readonly openSince: Instant;
}

/** Undefined where the stream is empty or no notice's. */
export async function loadNotice(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  stream: StreamName,
): Promise<StoredNotice | undefined> {
  if (kindOf(stream) !== 'notice') return undefined;
  const { entries, end } = await load<NoticeEvent>(needs, stream);
  const first = entries[0];
  const recorded = first?.events[0];
  if (first === undefined || recorded?.type !== 'notice.recorded') return undefined;
  const connection = (partsOf(stream)[0] ?? '') as ConnectionName;
  const again = entries.findLast(({ events }) => events.some((event) => event.type === 'notice.replayed'));
  return { merchant, connection, stream, recorded, entries, end, openSince: (again ?? first).at };
}

/** A notice that somebody still has to deal with, and on whose behalf; undefined where it is done or none. */
export async function noticeToDo(
  needs: Pick<Needs, 'table'>,
  work: Work,
  actor: string,
): Promise<{ readonly notice: StoredNotice; readonly author: Author } | undefined> {
  const notice = await loadNotice(needs, work.merchant, work.stream);
  const head = await needs.table.get({ table: 'state', pk: work.stream });
  if (notice === undefined || head === undefined || head.status === 'done') return undefined;
  const correlation = notice.entries[0]?.correlation ?? work.correlation;
  return { notice, author: { actor, cause: work.stream, correlation } };
}

/** What a return is decided from. */
export interface ReturnContent extends Pick<ReturnNotice, 'trigger' | 'snapshot' | 'payments'> {
  /** What in the shop's own answer needs a person. */
  readonly concerns: readonly HoldReason[];
  /** The shop is to be told of the refund. */
  readonly tell: boolean;
}

/**
 * A return notice with its references in clear, in memory only: what the shop confirmed last, or what it signed. `foreign`: the ciphertext
 * is not this notice's, or it is no return, or a hint that nobody confirmed.
 */
export async function openReturn(vault: Opener, notice: StoredNotice): Promise<ReturnContent | 'foreign'> {
  const confirmed = confirmedOf(notice);
  const { content, sealed } = confirmed ?? notice.recorded;
  const secrets = await openSecrets(vault, notice, sealed);
  if (secrets === 'foreign' || content.about !== 'return') return 'foreign';
  const references = unlisted('payment', secrets);
  const payments = content.connections.map((connection, index) => ({ connection, reference: references[index] ?? '' }));
  const { trigger, snapshot } = content;
  return { trigger, snapshot, payments, concerns: confirmed?.concerns ?? [], tell: confirmed?.tell ?? false };
}

/** What the shop said when it was asked last. */
export const confirmedOf = (notice: StoredNotice): Extract<NoticeEvent, { type: 'notice.confirmed' }> | undefined =>
  notice.entries.flatMap((entry) => entry.events.filter((event) => event.type === 'notice.confirmed')).at(-1);

/** When the shop said it: what it answered when it was asked, or what it sent. */
export const saidAt = ({ entries, openSince }: StoredNotice): Instant =>
  (entries.findLast(({ events }) => events.some(({ type }) => type === 'notice.confirmed')) ?? entries[0])?.at ??
  openSince;

/** What became of it before other content under its id brought it back: that is evidence, and no second occasion (F10). */
export function settledAs({ entries }: StoredNotice): Exclude<NoticeOutcome, 'quarantined'> | undefined {
  const last = settledIn(entries.flatMap(({ events }) => events));
  return last !== undefined && last.outcome !== 'quarantined' ? last.outcome : undefined;
}

/** How a notice was settled last; undefined where it was taken up again since, and where it never was: then a refund says what came of it. */
export function settledIn(
  events: readonly NoticeEvent[],
): Extract<NoticeEvent, { type: 'notice.settled' }> | undefined {
  const last = events.findLast(({ type }) => type === 'notice.settled' || type === 'notice.replayed');
  return last?.type === 'notice.settled' ? last : undefined;
}

/** A gateway's news with the payment's names in clear, in memory only. */
export async function openNews(vault: Opener, notice: StoredNotice): Promise<News | 'foreign'> {
  const { content } = notice.recorded;
  const secrets = await openSecrets(vault, notice, notice.recorded.sealed);
  if (secrets === 'foreign') return 'foreign';
  const payment = unlisted('name', secrets);
  if (content.about === 'refund') return { ...content, payment };
  const theirs = secrets.theirs ?? '';
  if (content.about === 'dispute') return { about: 'dispute', dispute: { ...content.dispute, theirs }, payment };
  if (content.about === 'fraud-warning')
    return { about: 'fraud-warning', warning: { ...content.warning, theirs }, payment };
  if (content.about !== 'capture') return 'foreign';
  const order = secrets.order === undefined ? {} : { order: secrets.order };
  return { about: 'capture', capture: { ...content.capture, theirs }, payment, ...order };
}

const openSecrets = async (
  vault: Opener,
  { merchant, stream }: StoredNotice,
  sealed: string | undefined,
): Promise<Secrets | 'foreign'> => (sealed === undefined ? {} : vault.open(merchant, stream, sealed));

/** A hint is about a return: whoever assesses returns takes it up. */
export const storedKind = (notice: Notice): 'return' | 'gateway' | 'unknown' =>
  notice.kind === 'hint' ? 'return' : notice.kind;

export type NoticeStatus = 'new' | 'conflicted' | 'cancelling' | 'done';

/** Which work the sweep asks for when a notice of this kind is due. */
export const noticeFollow = (kind: string): string =>
  kind === 'gateway' ? 'reconcile' : kind === 'return' ? 'assess' : '';

/** The head of a notice: what the sweep needs of it, and, where it is put aside at `asideAt`, whoever lists those. */
export const noticeHead = (
  stream: StreamName,
  status: NoticeStatus,
  kind: string,
  dueAt: Instant | undefined,
  asideAt?: Instant,
): HeadChange => {
  const stop = due(stream, dueAt);
  const follow = status === 'done' ? '' : noticeFollow(kind);
  const aside = asideAt === undefined ? {} : inQuarantine(stream, asideAt);
  const back = status === 'done' ? [] : outOfQuarantine;
  return { set: { ...stop.set, ...aside, status, kind, follow, tries: 0n }, remove: [...stop.remove, ...back] };
};

/** What one side's retry of the same message must agree with. */
export const samenessOf = (entry: Entry<Event>): string | undefined => {
  const event = entry.events[0];
  return event?.type === 'notice.recorded' || event?.type === 'notice.conflicted' ? event.sameness : undefined;
};
