import type { Event } from '../lib/domain/events.ts';
import type { ConnectionName, PaymentId } from '../lib/domain/ids.ts';
import type { Currency } from '../lib/domain/money.ts';
import type { LegEvent } from '../lib/domain/refund/event.ts';
import type { HoldReason } from '../lib/domain/refund/hold-reason.ts';
import type { StreamName } from '../lib/domain/streams.ts';
import { type Instant, plus } from '../lib/domain/time.ts';
import { begun, key } from './made-history.ts';

/** Facts for histories that are made by hand: in each only what a promise reads is chosen, and the rest is anything. */
export const captured = (amountMinor = 10_000n): Event => ({
  type: 'payment.captured',
  v: 1,
  theirs: 'blind-capture',
  amountMinor,
  at: begun,
});

export const connection = 'stripe-demo' as ConnectionName;

/** One leg for each amount, from one payment. */
export const approved = (...amounts: bigint[]): Extract<Event, { type: 'refund.approved' }> => ({
  type: 'refund.approved',
  v: 1,
  policy: 'by-hand',
  inputs: '',
  legs: amounts.map((amountMinor, at) => ({
    leg: at + 1,
    payment: 'pay_1' as PaymentId,
    connection,
    amountMinor,
    rail: 'original',
  })),
});

export const held = (...reasons: HoldReason[]): Event => ({
  type: 'refund.held',
  v: 1,
  reasons,
  until: begun,
  legs: [],
});

export const requested = (notice: string, id = 'RMA-1', amountMinor = 4000n): Event => ({
  type: 'refund.requested',
  v: 1,
  return: { connection: 'generic-demo' as ConnectionName, id },
  number: 1,
  order: 'order-1',
  currency: 'EUR' as Currency,
  quote: { amountMinor } as Extract<Event, { type: 'refund.requested' }>['quote'],
  notice: notice as StreamName,
});

type Of<T extends LegEvent['type']> = Extract<LegEvent, { type: T }>;

export const sending = (under = key(), more: Partial<Of<'leg.sending'>> = {}): Event => ({
  type: 'leg.sending',
  v: 1,
  leg: 1,
  sending: 1,
  epoch: 0,
  key: under,
  request: '',
  endpoint: '',
  leaseUntil: begun,
  latestStart: begun,
  ...more,
});

export const accepted = (id: string, state: 'pending' | 'succeeded' = 'succeeded', leg = 1): Event => ({
  type: 'leg.accepted',
  v: 1,
  leg,
  theirs: id,
  state,
  source: 'answer',
});
/** The same, of another amount than was asked for. */
export const confirmed = (id: string, amountMinor: bigint): Event => ({
  type: 'leg.accepted',
  v: 1,
  leg: 1,
  theirs: id,
  state: 'succeeded',
  source: 'answer',
  amountMinor,
});

export const unknown = (why: Of<'leg.unknown'>['why'] = 'timeout', leg = 1): Event => ({
  type: 'leg.unknown',
  v: 1,
  leg,
  why,
  spoiled: false,
});

export const failed = (id: string): Event => ({
  type: 'leg.failed',
  v: 1,
  leg: 1,
  theirs: id,
  reason: '',
  source: 'lookup',
});

export const absent = (askedAt: Instant): Event => ({ type: 'leg.absent', v: 1, leg: 1, askedAt });
export const lost = (id: string): Event => ({ type: 'leg.lost', v: 1, leg: 1, theirs: id, askedAt: begun });
export const legHeld: Event = { type: 'leg.held', v: 1, leg: 1, reasons: ['no-answer'], until: begun };
export const released: Event = { type: 'leg.released', v: 1, leg: 1, at: begun };
export const closed: Event = { type: 'leg.closed', v: 1, leg: 1 };
export const refused: Event = { type: 'leg.refused', v: 1, leg: 1, code: 'no' };
export const deferred: Event = { type: 'leg.deferred', v: 1, leg: 1, code: 'rate_limit', until: begun };
export const renewed: Event = { type: 'leg.renewed', v: 1, leg: 1, epoch: 1 };
export const surplus = (id: string, amountMinor = 4000n): Event => ({
  type: 'leg.surplus',
  v: 1,
  leg: 1,
  theirs: id,
  amountMinor,
});
export const cancelled: Event = { type: 'refund.cancelled', v: 1 };
export const after = (ms: number): Instant => plus(begun, ms);

/** What a shop says of a return with one line of this amount, 1.00 for shipping and a fee of as much. */
export const stated = (
  priceMinor: bigint,
  trigger: 'approved' | 'cancelled' = 'approved',
  id = 'RMA-1',
): Extract<Event, { type: 'notice.recorded' }> => ({
  type: 'notice.recorded',
  v: 1,
  kind: 'return',
  word: '',
  sameness: '',
  content: {
    about: 'return',
    trigger,
    connections: [],
    snapshot: {
      return: id,
      order: 'order-1',
      currency: 'EUR' as Currency,
      lines: [{ id: 'l1', quantity: 1, priceMinor: priceMinor - 50n, taxMinor: 50n }],
      shipping: { amountMinor: 80n, taxMinor: 20n },
      fees: [{ kind: 'restocking', amountMinor: 100n }],
    },
  },
});
