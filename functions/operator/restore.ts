import type { Context } from 'hono';
import { type Ended, endRestore } from '../../lib/app/end-restore.ts';
import type { Operated, Person } from '../../lib/app/operate.ts';
import { isReason, longestReason } from '../../lib/app/reason.ts';
import { beginRestore, type RestoreNeeds, reconcileRestore } from '../../lib/app/restore.ts';
import { instant } from '../../lib/domain/time.ts';
import { body, problem } from './body.ts';

/** `POST /v1/restore/begin`, `reconcile` and `end`, both a page of one account at a time: asked again with `cursor`. */
export async function restoreStep(needs: RestoreNeeds, c: Context, who: Person): Promise<Response> {
  const asked = ((await c.req.json().catch(() => undefined)) ?? {}) as Readonly<Record<string, unknown>>;
  const { since, reason, connection, cursor, putAside } = asked;
  const said = isReason(reason) ? reason : undefined;
  switch (c.req.param('step')) {
    case 'begin': {
      const at = instantIn(since);
      if (Number.isNaN(at) || said === undefined)
        return problem(
          c,
          'bad-request',
          'Send {"since": "2026-11-21T12:00:00Z", "reason": "…"}: the instant of the restore.',
        );
      return answer(c, await beginRestore(needs, who, { since: instant(at), reason: said }));
    }
    case 'reconcile': {
      if (typeof connection !== 'string' || (cursor !== undefined && typeof cursor !== 'string'))
        return problem(c, 'bad-request', 'Send {"connection": "…"} and the cursor of the last page.');
      const page = await reconcileRestore(needs, who, { connection, ...(cursor !== undefined && { cursor }) });
      return page.is === 'page' ? body(c, { connection, ...page }) : problem(c, page.fault.code, page.fault.detail);
    }
    default:
      if (said === undefined)
        return problem(c, 'bad-request', `Send {"reason": "…"} of at most ${longestReason} characters.`);
      if (cursor !== undefined && typeof cursor !== 'string')
        return problem(c, 'bad-request', 'cursor is taken from the last answer.');
      if (putAside !== undefined && !isCount(putAside))
        return problem(c, 'bad-request', 'putAside is how many refunds were put aside and compared by a person.');
      return ended(
        c,
        await endRestore(needs, who, {
          reason: said,
          ...(cursor !== undefined && { cursor }),
          ...(putAside !== undefined && { aside: putAside }),
        }),
      );
  }
}

/**
 * Of 31 April the engine makes 1 May, which is later than what was meant: what was refunded between them would not be asked for. So a
 * day that does not exist is no instant.
 */
function instantIn(said: unknown): number {
  if (typeof said !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(said)) return Number.NaN;
  const at = Date.parse(said);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(said.slice(0, 10)) ? at : Number.NaN;
}

const isCount = (said: unknown): said is number => Number.isSafeInteger(said) && Number(said) > 0;

const ended = (c: Context, done: Ended): Response =>
  done.is === 'page' ? body(c, { result: 'looking', cursor: done.cursor, open: done.open }) : answer(c, done);

const answer = (c: Context, done: Operated): Response =>
  done.is === 'done' ? body(c, { result: 'done' }) : problem(c, done.fault.code, done.fault.detail);
