import type { StreamName } from '../domain/streams.ts';
import { backoff } from '../domain/tempo.ts';
import { plus } from '../domain/time.ts';
import { postpone, triesOf } from './heads.ts';
import type { End } from './journal.ts';
import type { Needs } from './needs.ts';
import type { StoredNotice } from './notices.ts';
import { Unavailable } from './ports/unavailable.ts';
import type { Opener } from './ports/vault.ts';
import type { Author } from './refunds.ts';
import { settleNotice } from './settle.ts';

/** Kept, counted and in front of a person: nothing here can act on it. */
export function quarantine(needs: Needs, notice: StoredNotice, author: Author, code: string): Promise<'done' | 'busy'> {
  needs.log.alarm('notice-quarantined', { stream: notice.stream, correlation: author.correlation, code });
  return settleNotice(needs, notice, author, { quarantined: code });
}

/** No fact yet: only the due time moves, and the sweep brings it back; not for ever. */
export async function later(needs: Needs, notice: StoredNotice, author: Author): Promise<'done' | 'busy'> {
  return (await asideIfTooLong(needs, notice, author)) ?? putOff(needs, notice);
}

/**
 * What a notice holds, or what became of it instead. While the key service is away its message fails and comes again, which somebody hears
 * of; not for ever (F122).
 */
export async function opened<T extends object>(
  needs: Needs & { readonly vault: Opener },
  notice: StoredNotice,
  author: Author,
  open: (vault: Opener, notice: StoredNotice) => Promise<T | 'foreign'>,
): Promise<T | 'foreign' | 'done' | 'busy'> {
  try {
    return await open(needs.vault, notice);
  } catch (error) {
    const aside = error instanceof Unavailable ? await asideIfTooLong(needs, notice, author) : undefined;
    if (aside === undefined) throw error;
    return aside;
  }
}

/** Nobody could act on it for days: a person has it. */
async function asideIfTooLong(
  needs: Needs,
  notice: StoredNotice,
  author: Author,
): Promise<'done' | 'busy' | undefined> {
  const until = plus(notice.openSince, needs.tempo.unknownLimitMs);
  return needs.clock.now() < until ? undefined : quarantine(needs, notice, author, 'too-long');
}

/** Later each time, after the next of `waits`. For whatever has a head: a notice, a refund that the shop must hear of. */
export async function putOff(
  needs: Pick<Needs, 'table' | 'clock' | 'tempo'>,
  { stream, end }: { readonly stream: StreamName; readonly end: End },
  waits: readonly number[] = needs.tempo.askAgainMs,
): Promise<'done'> {
  const head = await needs.table.get({ table: 'state', pk: stream });
  const tries = triesOf(head) + 1;
  const until = plus(needs.clock.now(), backoff(waits, tries - 1));
  await postpone(needs.table, stream, { version: end.version, until, tries });
  return 'done';
}
