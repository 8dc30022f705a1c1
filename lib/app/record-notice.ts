import { readEntry } from '../domain/chain.ts';
import type { Event, NoticeContent } from '../domain/events.ts';
import type { CorrelationId } from '../domain/ids.ts';
import type { Notice } from '../domain/notice.ts';
import { noticeStream, type StreamName } from '../domain/streams.ts';
import { plus } from '../domain/time.ts';
import { append, beginning, type End, load, storedEntry } from './journal.ts';
import type { Needs } from './needs.ts';
import { noticeHead, samenessOf, split, storedKind } from './notices.ts';
import type { Connection } from './ports/connections.ts';
import { Unavailable } from './ports/unavailable.ts';
import type { Sealer } from './ports/vault.ts';
import type { RecentNotices } from './recent.ts';
import { insist } from './retry.ts';

export interface RecordNeeds extends Needs {
  readonly vault: Sealer;
  readonly recent: RecentNotices;
}

/** On whose behalf a notice is recorded. */
export interface Origin {
  readonly connection: Connection;
  readonly correlation: CorrelationId;
  /** Who says so: `receive` for what came in, `tend` for what was asked for. */
  readonly actor: string;
  /** Which secret the signature holds under; what nobody sent has none. */
  readonly secretVersion?: string;
}

export type Recorded = 'recorded' | 'seen' | 'conflict';

/**
 * One notice, durable before this answers; once per id and connection. `seen`: it was recorded before, with the same content;
 * `conflict`: with another, which is kept as evidence. Throws `Unavailable` where the store can't say.
 *
 * If this process dies before the transaction, nothing happened; after it, the repetition is `seen`, and the notice's head is due.
 */
export async function recordNotice(needs: RecordNeeds, origin: Origin, notice: Notice): Promise<Recorded> {
  const { connection, correlation, actor } = origin;
  const stream = noticeStream(connection.merchant, connection.name, notice.id);
  if (needs.recent.knows(stream) && (await isRecorded(needs, stream, notice)))
    return noted(needs, origin, stream, notice, 'seen');
  const { content, secrets } = split(notice);
  const sealed =
    Object.keys(secrets).length === 0 ? {} : { sealed: await needs.vault.seal(connection.merchant, stream, secrets) };
  const recorded = await insist(needs, async (): Promise<Recorded | undefined> => {
    const at = needs.clock.now();
    const appended = await append(needs, {
      stream,
      after: beginning,
      at,
      actor,
      cause: connection.name,
      correlation,
      events: [
        {
          type: 'notice.recorded',
          v: 1,
          kind: storedKind(notice),
          word: notice.type,
          sameness: notice.sameness,
          content,
          ...sealed,
        },
      ],
      head: noticeHead(
        stream,
        notice.kind === 'unknown' ? 'done' : 'new',
        storedKind(notice),
        notice.kind === 'unknown' ? undefined : plus(at, needs.tempo.graceMs),
        notice.kind === 'unknown' ? at : undefined,
      ),
      also: [],
    });
    if (appended.is === 'appended') return 'recorded';
    if (appended.is !== 'seen') return undefined;
    const first = readEntry<Event>(appended.first);
    return samenessOf(first) === notice.sameness
      ? 'seen'
      : keepConflict(needs, { stream, correlation, actor, notice, content, sealed });
  });
  if (recorded === undefined) throw new Unavailable('table');
  if (recorded !== 'conflict') needs.recent.recorded(stream);
  return noted(needs, origin, stream, notice, recorded);
}

/** Whether the notice's stream begins with this very content: one strong read. */
async function isRecorded({ table }: RecordNeeds, stream: StreamName, { sameness }: Notice): Promise<boolean> {
  const first = await table.get({ table: 'journal', pk: stream, sk: 1 });
  return first !== undefined && samenessOf(readEntry<Event>(storedEntry(first, 1))) === sameness;
}

function noted(
  needs: RecordNeeds,
  { connection, correlation, secretVersion }: Origin,
  stream: StreamName,
  notice: Notice,
  recorded: Recorded,
): Recorded {
  const code = recorded === 'recorded' ? 'notice-recorded' : 'notice-seen';
  const about = { correlation, merchant: connection.merchant, stream, connection: connection.name };
  needs.log.note(code, { ...about, ...(secretVersion !== undefined && { secretVersion }) });
  if (notice.kind === 'unknown' && recorded === 'recorded')
    needs.log.alarm('notice-quarantined', { ...about, code: notice.type });
  return recorded;
}

interface Conflict {
  readonly stream: StreamName;
  readonly correlation: CorrelationId;
  readonly actor: string;
  readonly notice: Notice;
  readonly content: NoticeContent;
  readonly sealed: { readonly sealed?: string };
}

/** How many other contents under one id are kept; what comes after them is answered alike and only logged. */
const mostConflicts = 5;

/**
 * The first stays; the other content is evidence, once per content (F10). What is to be done with the notice goes by the first, too: another
 * content that nobody here can read must not end a return that nobody has looked at yet.
 */
async function keepConflict(
  needs: RecordNeeds,
  { stream, correlation, actor, notice, content, sealed }: Conflict,
): Promise<Recorded | undefined> {
  needs.log.alarm('notice-conflict', { stream, correlation });
  const { entries, end } = await load<Event>(needs, stream);
  const recorded = entries[0]?.events[0];
  const first = recorded?.type === 'notice.recorded' ? recorded.kind : 'unknown';
  const kept = entries.filter((entry) => entry.events[0]?.type === 'notice.conflicted');
  if (kept.some((entry) => samenessOf(entry) === notice.sameness) || kept.length >= mostConflicts) return 'conflict';
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: end satisfies End,
    at,
    actor,
    cause: stream,
    correlation,
    events: [
      { type: 'notice.conflicted', v: 1, kind: storedKind(notice), sameness: notice.sameness, content, ...sealed },
    ],
    head:
      first === 'unknown'
        ? noticeHead(stream, 'done', first, undefined)
        : noticeHead(stream, 'conflicted', first, plus(at, needs.tempo.graceMs)),
    also: [],
  });
  return appended.is === 'appended' ? 'conflict' : undefined;
}
