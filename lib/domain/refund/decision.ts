import { type Fault, fault } from '../fault.ts';
import type { Tempo } from '../tempo.ts';
import { type Instant, plus } from '../time.ts';
import type { LegEvent, RefundEvent, Seen } from './event.ts';
import type { HoldReason } from './hold-reason.ts';
import type { Leg } from './leg.ts';

/** What a command comes to: facts to append, nothing because it is done already, or a refusal in words. */
export type Decision =
  | { readonly is: 'events'; readonly events: readonly RefundEvent[] }
  | { readonly is: 'nothing' }
  | { readonly is: 'refused'; readonly fault: Fault };

export const nothing: Decision = { is: 'nothing' };
export const events = (...list: RefundEvent[]): Decision =>
  list.length === 0 ? nothing : { is: 'events', events: list };
export const refused = (...of: Parameters<typeof fault>): Decision => ({ is: 'refused', fault: fault(...of) });

export interface Moment {
  readonly now: Instant;
  readonly tempo: Tempo;
  /** What is known of payments by whoever decides, where that is shown. */
  readonly seen?: Seen;
}

/** The leg waits for a person from now on, who sees what its shop said meanwhile as well. */
export const held = (leg: Leg, reasons: readonly HoldReason[], { now, tempo, seen }: Moment): LegEvent => ({
  type: 'leg.held',
  v: 1,
  leg: leg.leg,
  reasons: [...new Set([...reasons, ...(leg.unseen ?? [])])],
  until: plus(now, tempo.holdLimitMs),
  ...(seen && { seen }),
});
