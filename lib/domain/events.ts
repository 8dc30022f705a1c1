import type { RefundId } from './ids.ts';
import type { PaymentEvent } from './payment.ts';
import type { RefundEvent } from './refund/event.ts';

/** Every event there is, over all streams. */
export type Event = NoticeEvent | RefundEvent | PaymentEvent | ControlEvent;

export type NoticeEvent =
  /** A verified message from outside; this entry is the idempotency record. */
  | {
      readonly type: 'notice.recorded';
      readonly v: 1;
      readonly kind: 'return' | 'gateway' | 'unknown';
      /** The platform's own word for it. */
      readonly word: string;
      readonly sameness: string;
      /** The normalised content without payment references, as JSON text. */
      readonly content: string;
      /** Payment references, encrypted; absent where there are none. */
      readonly sealed?: string;
    }
  /** The same id came with other content: kept as evidence, never acted on (F10). */
  | {
      readonly type: 'notice.conflicted';
      readonly v: 1;
      readonly sameness: string;
      readonly content: string;
      readonly sealed?: string;
    }
  /** The shop cancelled the return; refunds of it are being cancelled. */
  | { readonly type: 'notice.cancelling'; readonly v: 1 }
  /** Dealt with, where that left no trace in another stream. */
  | { readonly type: 'notice.settled'; readonly v: 1; readonly outcome: NoticeOutcome; readonly refund?: RefundId };

export type NoticeOutcome =
  | 'recorded-only'
  | 'nothing-new'
  | 'nothing-owed'
  | 'refund-requested'
  | 'return-cancelled'
  | 'evidence-taken'
  | 'quarantined';

/** Switches of a merchant. */
export type ControlEvent =
  | { readonly type: 'control.sending-stopped'; readonly v: 1; readonly reason: string }
  | { readonly type: 'control.sending-resumed'; readonly v: 1; readonly reason: string };
