import type { Context } from 'hono';
import { find } from '../../lib/app/find.ts';
import type { Person } from '../../lib/app/operate.ts';
import type { Bearer } from '../../lib/app/ports/tokens.ts';
import { listQuarantined, replayNotice } from '../../lib/app/quarantine.ts';
import type { OperatorNeeds } from './app.ts';
import { body, fitsKey, fitsName, problem } from './body.ts';

/** Webhooks that were kept and are acted on by nobody, and whatever else an id names. */

/** By POST, since the id may be a payment's name at its gateway: an address is logged on its way, and its body is not. */
export async function found(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const asked: unknown = await c.req.json().catch(() => undefined);
  const { id } = (asked ?? {}) as { id?: unknown };
  if (typeof id === 'string' && !fitsName(id)) return problem(c, 'bad-request', 'No id of anything is so long.');
  if (typeof id !== 'string' || id.trim() === '')
    return problem(c, 'bad-request', 'Send {"id": "…"} with what you have: an id of anything.');
  return body(c, await find(needs, merchant, id.trim()));
}

export async function notices(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const { status, cursor } = c.req.query();
  if (status !== 'quarantined') return problem(c, 'bad-request', 'status takes one word: quarantined.');
  if (cursor !== undefined && !(/^\d{13}#/.test(cursor) && fitsKey(cursor)))
    return problem(c, 'bad-request', 'cursor is taken from the last page.');
  const page = await listQuarantined(needs, merchant, cursor);
  return body(c, { notices: page.notices, cursor: page.cursor ?? null });
}

export async function replay(needs: OperatorNeeds, c: Context, who: Person): Promise<Response> {
  const asked: unknown = await c.req.json().catch(() => undefined);
  const { notice } = (asked ?? {}) as { notice?: unknown };
  if (typeof notice !== 'string' || !fitsKey(notice))
    return problem(c, 'bad-request', 'Send {"notice": "…"} with its name from the list.');
  const result = await replayNotice(needs, who, notice);
  return result.is === 'done'
    ? body(c, { notice, result: 'done' })
    : problem(c, result.fault.code, result.fault.detail);
}
