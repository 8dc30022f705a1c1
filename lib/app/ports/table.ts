/**
 * The store, as small as money allows: strong reads, one atomic write whose conditions are data, and indexes that may lag.
 * `Journal` is our code above it; only `Table` has twins, so that tests and the simulation run the real `Journal`.
 */
export type TableName = 'journal' | 'state';
export type IndexName = 'due' | 'byDay' | 'byOrder';

/** Numbers are bigint: a balance never passes through a float. */
export type Attribute = string | bigint | boolean;
export type Item = Readonly<Record<string, Attribute>>;

/** `sk` is the entry's number, in the journal only; the state table has one item per `pk`. */
export interface Key {
  readonly table: TableName;
  readonly pk: string;
  readonly sk?: number;
}

/** What must hold for a write to happen. All conditions of a write hold, or nothing of the transaction happens. */
export type Condition =
  | { readonly is: 'absent' }
  | { readonly is: 'present' }
  | { readonly attribute: string; readonly is: 'unset' }
  | { readonly attribute: string; readonly is: 'equal' | 'not-equal' | 'at-least'; readonly value: Attribute }
  /** Holds also where the attribute (or the whole item) does not exist. */
  | { readonly attribute: string; readonly is: 'unset-or-equal'; readonly value: Attribute };

export type Write =
  | { readonly put: Item; readonly key: Key; readonly only: readonly Condition[] }
  | {
      readonly update: Key;
      readonly set?: Item;
      /** Added to a numeric attribute, which counts as 0 where it is missing. */
      readonly add?: Readonly<Record<string, bigint>>;
      readonly remove?: readonly string[];
      readonly only: readonly Condition[];
    }
  | { readonly check: Key; readonly only: readonly Condition[] };

export type Written =
  | { readonly is: 'written' }
  /** At least one condition did not hold; nothing was written. `index` is the position in the list of writes, `old` the item found there. */
  | { readonly is: 'refused'; readonly failed: readonly { readonly index: number; readonly old?: Item }[] }
  /** Throttled or in conflict with another transaction; nothing was written. Try again after a pause. */
  | { readonly is: 'busy' };

export interface Page {
  readonly items: readonly Item[];
  /** Where to go on; absent at the end. Opaque. */
  readonly cursor?: string;
}

export interface Table {
  /** The item now, by a strongly consistent read. */
  get(key: Key): Promise<Item | undefined>;
  /** The entries of one journal stream in order, after number `after`, by strongly consistent reads, all pages. */
  entries(pk: string, after?: number): Promise<readonly Item[]>;
  /** At most `limit` items of an index with `from` ≤ sort key ≤ `to`, in sort order. May lag: for finding only, no decision reads it. */
  index(name: IndexName, query: IndexQuery): Promise<Page>;
  /** One atomic write of 1 to 100 items, each named once. Throws `Unavailable` when it is not known whether it happened. */
  write(writes: readonly Write[]): Promise<Written>;
}

export interface IndexQuery {
  readonly pk: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly newestFirst?: boolean;
}

/**
 * Attribute names of an item that put it into an index; removing both takes it out. Sort keys are strings, so instants are
 * written as 13 digits (`sortable`).
 */
export const indexes: Readonly<Record<IndexName, { readonly pk: string; readonly sk: string }>> = {
  due: { pk: 'dueShard', sk: 'dueAt' },
  byDay: { pk: 'dayKey', sk: 'daySort' },
  byOrder: { pk: 'orderKey', sk: 'orderSort' },
};
