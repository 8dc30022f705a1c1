import type { NoticeOutcome } from '../domain/events.ts';
import { type Also, append } from './journal.ts';
import type { Needs } from './needs.ts';
import { noticeHead, type StoredNotice } from './notices.ts';
import type { Author } from './refunds.ts';

/**
 * Closes a notice that left no trace of its own in another stream: what was decided about it is a fact too. `busy` where somebody
 * else was first (a conflict was kept, or another worker settled it): the caller's queue or the sweep comes again.
 */
export async function settleNotice(
  needs: Needs,
  notice: StoredNotice,
  author: Author,
  as: Exclude<NoticeOutcome, 'quarantined'> | { readonly quarantined: string },
  also: readonly Also[] = [],
): Promise<'done' | 'busy'> {
  const at = needs.clock.now();
  const aside = typeof as === 'object';
  const appended = await append(needs, {
    stream: notice.stream,
    after: notice.end,
    at,
    ...author,
    events: [
      { type: 'notice.settled', v: 1, ...(aside ? { outcome: 'quarantined', code: as.quarantined } : { outcome: as }) },
    ],
    head: noticeHead(notice.stream, 'done', notice.recorded.kind, undefined, aside ? at : undefined),
    also,
  });
  return appended.is === 'appended' ? 'done' : 'busy';
}
