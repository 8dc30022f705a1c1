import { refusal } from '../domain/fault.ts';
import { type ConnectionName, type MerchantId, parseConnection } from '../domain/ids.ts';
import { kindOf, partsOf, type StreamName } from '../domain/streams.ts';
import { type Instant, plus } from '../domain/time.ts';
import { append } from './journal.ts';
import type { Needs } from './needs.ts';
import { loadNotice, noticeHead } from './notices.ts';
import { authorOf, type Operated, type Person } from './operate.ts';
import type { Item, Table } from './ports/table.ts';
import { quarantineKey, quarantineShards } from './quarantine-index.ts';
import { insist } from './retry.ts';

/** Notices that were kept and that nobody acts on: people look at them, mend what was wrong, and have them taken up again. */
export interface ShownNotice {
  readonly notice: StreamName;
  readonly connection: ConnectionName;
  /** The platform's own word for it. */
  readonly word: string;
  readonly recordedAt: number;
  /** When it was put aside, the last time. Milliseconds since the epoch. */
  readonly quarantinedAt: number;
  /** Why, as a short code. */
  readonly code: string | null;
  /** False for what nobody here can read: its content was not kept. */
  readonly replayable: boolean;
}

const pageSize = 50;

/**
 * Newest first, from an index that may lag; each is read strongly. The cursor is the sort key of the last one looked at. What was put
 * aside before there was this index is not in it.
 */
export async function listQuarantined(
  needs: { readonly table: Table },
  merchant: MerchantId,
  cursor?: string,
): Promise<{ notices: ShownNotice[]; cursor?: string }> {
  const before = cursor === undefined ? {} : { to: cursor };
  const pages = await Promise.all(
    [...Array(quarantineShards).keys()].map((shard) =>
      needs.table.index('byDay', {
        pk: quarantineKey(merchant, shard),
        ...before,
        // One more says whether there is more; and the one that the cursor names comes again.
        limit: pageSize + 2,
        newestFirst: true,
      }),
    ),
  );
  const items = pages
    .flatMap((page) => page.items)
    .filter((item) => cursor === undefined || sortOf(item) < cursor)
    .sort((a, b) => (sortOf(a) < sortOf(b) ? 1 : -1));
  const page = items.slice(0, pageSize);
  const shown = await Promise.all(page.map((item) => show(needs, merchant, String(item.pk) as StreamName)));
  const notices = shown.filter((one) => one !== undefined);
  const last = page.at(-1);
  return items.length > pageSize && last !== undefined ? { notices, cursor: sortOf(last) } : { notices };
}

const sortOf = (item: Item): string => String(item.daySort);

async function show(
  needs: { readonly table: Table },
  merchant: MerchantId,
  stream: StreamName,
): Promise<ShownNotice | undefined> {
  const notice = await loadNotice(needs, merchant, stream);
  const put = notice && putAside(notice.entries);
  if (notice === undefined || put === undefined) return undefined;
  const { kind, word } = notice.recorded;
  return {
    notice: stream,
    connection: notice.connection,
    word,
    recordedAt: notice.entries[0]?.at ?? 0,
    quarantinedAt: put.at,
    code: put.code,
    replayable: kind !== 'unknown',
  };
}

/** When and why it was put aside; undefined where it is not, or is no more. */
function putAside(entries: NonNullable<Awaited<ReturnType<typeof loadNotice>>>['entries']) {
  let put: { readonly at: Instant; readonly code: string | null } | undefined;
  for (const { at, events } of entries) {
    for (const event of events) {
      if (event.type === 'notice.recorded' && event.kind === 'unknown') put = { at, code: event.word };
      if (event.type === 'notice.settled')
        put = event.outcome === 'quarantined' ? { at, code: event.code ?? null } : undefined;
      if (event.type === 'notice.replayed') put = undefined;
    }
  }
  return put;
}

/**
 * Takes a quarantined notice up again, as if it had just come: the same worker looks at it, with all the time that a new one has. A
 * notice is news and no command, so that this can't pay anything that the first look could not have paid. If this process dies before
 * the entry, nothing happened; after it, the notice is due.
 */
export async function replayNotice(needs: Needs, person: Person, name: string): Promise<Operated> {
  const stream = noticeOf(person.merchant, name);
  if (stream === undefined) return noNotice;
  const done = await insist<Operated>(needs, async () => {
    const notice = await loadNotice(needs, person.merchant, stream);
    if (notice === undefined) return noNotice;
    if (putAside(notice.entries) === undefined)
      return refusal('not-quarantined', 'It was dealt with, or is being looked at.');
    const { kind } = notice.recorded;
    if (kind === 'unknown')
      return refusal(
        'not-quarantined',
        'Nobody here reads what it is, and its content was not kept: it stays where it is.',
      );
    const at = needs.clock.now();
    const appended = await append(needs, {
      stream,
      after: notice.end,
      at,
      ...authorOf(person),
      events: [{ type: 'notice.replayed', v: 1, kind }],
      head: noticeHead(stream, 'new', kind, plus(at, needs.tempo.graceMs)),
      also: [],
    });
    return appended.is === 'appended' ? { is: 'done' } : undefined;
  });
  return done ?? refusal('busy', 'Somebody else is changing it. Try again.');
}

const noNotice = refusal('not-found', 'There is no notice of this name.');

/** Another merchant's notice is the same as none (F129). */
function noticeOf(merchant: MerchantId, name: string): StreamName | undefined {
  const theirs = kindOf(name) === 'notice' && name.startsWith(`${merchant}#`);
  return theirs && parseConnection(partsOf(name)[0] ?? '') !== undefined ? (name as StreamName) : undefined;
}
