import type { MerchantId } from '../domain/ids.ts';
import { kindOf } from '../domain/streams.ts';
import { marksOn, restoredMark, restoringMark } from './control.ts';
import { storedEntry } from './journal.ts';
import type { BooksReader } from './ports/books.ts';
import type { Item } from './ports/table.ts';

/**
 * The books for an auditor who trusts nobody: exactly the texts that were hashed, and of each head what is compared with them. Payment
 * references are ciphertext in the journal and are left out of the heads; names, addresses and card data are stored nowhere.
 */

export interface EntriesPage {
  readonly entries: readonly { readonly stream: string; number: number; body: string; digest: string }[];
  readonly cursor: string | null;
}

export interface HeadsPage {
  readonly heads: readonly { readonly stream: string; readonly fields: Item }[];
  readonly cursor: string | null;
}

/** One page of the journal; undefined for a cursor that is none. */
export async function auditEntries(
  needs: { readonly books: BooksReader },
  merchant: MerchantId,
  cursor?: string,
): Promise<EntriesPage | undefined> {
  const page = await needs.books.page('journal', merchant, cursor);
  if (page === undefined) return undefined;
  const entries = page.items.map((item) => ({ stream: String(item.pk), ...storedEntry(item, Number(item.sk)) }));
  return { entries, cursor: page.cursor ?? null };
}

/** One page of the heads of streams; undefined for a cursor that is none. What is no stream's head is left out. */
export async function auditHeads(
  needs: { readonly books: BooksReader },
  merchant: MerchantId,
  cursor?: string,
): Promise<HeadsPage | undefined> {
  const page = await needs.books.page('state', merchant, cursor);
  if (page === undefined) return undefined;
  const heads = page.items
    .filter((item) => kindOf(String(item.pk)) !== undefined)
    .map((item) => ({ stream: String(item.pk), fields: compared(item) }));
  return { heads, cursor: page.cursor ?? null };
}

const always = [
  'version',
  'digest',
  'captured',
  'available',
  'refunded',
  'chargedBack',
  'disputes',
  'status',
  'dueAt',
  'dueShard',
  'follow',
  'inFlight',
  'currency',
  'connection',
];

function compared(item: Item): Item {
  const names = new Set([...always, restoredMark, restoringMark, ...marksOn(item)]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}
