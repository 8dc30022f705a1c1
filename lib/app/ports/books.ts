import type { Sealed } from '../../domain/chain.ts';
import type { MerchantId } from '../../domain/ids.ts';
import type { Instant } from '../../domain/time.ts';
import type { Item, TableName } from './table.ts';

/** The whole journal as it lies in the store, and the state that claims to follow from it. */
export interface Books {
  readonly streams: ReadonlyMap<string, readonly Sealed[]>;
  /** State items by key. */
  readonly state: ReadonlyMap<string, Item>;
  /** By when all of it had been read. Without it nobody can say what must still be due of a refund that has ended. */
  readonly readAt?: Instant;
}

/** One page of a merchant's items. */
export interface BooksPage {
  readonly items: readonly Item[];
  /** Where to go on; absent at the end. Names nothing of another merchant's. */
  readonly cursor?: string;
}

/** A merchant's part of the store, page by page, strongly read, in no order that means anything. For auditors. */
export interface BooksReader {
  /** Undefined for a cursor that is no page's. Throws `Unavailable`. */
  page(table: TableName, merchant: MerchantId, cursor?: string): Promise<BooksPage | undefined>;
}
