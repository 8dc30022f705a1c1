import type { SimRefund, SimRequest } from '../lib/adapters/kit/simulator.ts';
import type { Item } from '../lib/app/ports/table.ts';
import type { Truth } from './any-errors.ts';

/** What a world tells whoever watches it, at the instant at which it happens. */
export interface Witness {
  /** A journal entry was inserted, by a deployment of this restore epoch; `at` is when that really was, where it may not be what it says. */
  written(item: Item, deployment?: number, at?: number): void;
  /** The tables were put back: this is all that the journal holds, under a deployment of this restore epoch. */
  restored(journal: readonly Item[], deployment: number): void;
  /** A state item was changed. */
  stored(item: Item): void;
  /** A request reached a merchant's gateway account (or it moved on by itself), and this is what it has now. */
  asked(request: SimRequest, refunds: readonly SimRefund[], truth?: Truth, merchant?: string): void;
  /** Our own code threw what it never may. */
  threw(where: string, error: unknown): void;
}
