import type { Context } from 'hono';
import { auditEntries, auditHeads } from '../../lib/app/audit-pages.ts';
import type { BooksReader } from '../../lib/app/ports/books.ts';
import type { Bearer } from '../../lib/app/ports/tokens.ts';
import { body, problem } from './body.ts';

/** `GET /v1/audit/entries` and `/v1/audit/heads`, with the cursor of the page before: whoever audits does the sums. */
export async function auditPage(
  needs: { readonly books: BooksReader },
  c: Context,
  { merchant }: Bearer,
): Promise<Response> {
  const read = c.req.param('part') === 'entries' ? auditEntries : auditHeads;
  const page = await read(needs, merchant, c.req.query('cursor'));
  return page === undefined ? problem(c, 'bad-request', 'cursor is taken from the last page.') : body(c, page);
}
