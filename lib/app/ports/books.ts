import type { Sealed } from '../../domain/chain.ts';
import type { Item } from './table.ts';

/** The whole journal as it lies in the store, and the state that claims to follow from it. */
export interface Books {
  readonly streams: ReadonlyMap<string, readonly Sealed[]>;
  /** State items by key. */
  readonly state: ReadonlyMap<string, Item>;
}
