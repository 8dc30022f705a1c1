import type { SimRefund, SimRequest } from '../lib/adapters/kit/simulator.ts';
import type { Item } from '../lib/app/ports/table.ts';

/** What a world tells whoever watches it, at the instant at which it happens. */
export interface Witness {
  /** A journal entry was inserted. */
  written(item: Item): void;
  /** A state item was changed. */
  stored(item: Item): void;
  /** A request reached the gateway (or it moved on by itself), and this is what it has now. */
  asked(request: SimRequest, refunds: readonly SimRefund[]): void;
  /** Our own code threw what it never may. */
  threw(where: string, error: unknown): void;
}
