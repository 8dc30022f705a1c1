import type { PaymentEvent } from './balance.ts';
import type { ConnectionName, RefundId } from './ids.ts';
import type { Capture, Dispute, FraudWarning, RefundEvidence, ReturnNotice, Snapshot, Subject } from './notice.ts';
import type { RefundEvent } from './refund/event.ts';
import type { HoldReason } from './refund/hold-reason.ts';
import type { Instant } from './time.ts';

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
      /** The normalised content without payment references. */
      readonly content: NoticeContent;
      /** Payment references, encrypted; absent where there are none. */
      readonly sealed?: string;
    }
  /** The same id came with other content: kept as evidence, never acted on (F10). */
  | {
      readonly type: 'notice.conflicted';
      readonly v: 1;
      readonly kind: 'return' | 'gateway' | 'unknown';
      readonly sameness: string;
      readonly content: NoticeContent;
      readonly sealed?: string;
    }
  /** The shop, asked by us, said that this is how the return stands; the last one is what was decided from (F56). */
  | {
      readonly type: 'notice.confirmed';
      readonly v: 1;
      readonly content: Extract<NoticeContent, { about: 'return' }>;
      /** What in the shop's answer needs a person before anything is paid. */
      readonly concerns: readonly HoldReason[];
      /** The shop has no refund record of what is owed here: it is told when the money is back. */
      readonly tell?: true;
      /** Payment references, encrypted; absent where there are none. */
      readonly sealed?: string;
    }
  /** The shop cancelled the return; refunds of it are being cancelled. */
  | { readonly type: 'notice.cancelling'; readonly v: 1 }
  /** Dealt with, where that left no trace in another stream. `code` is why it was put aside. */
  | {
      readonly type: 'notice.settled';
      readonly v: 1;
      readonly outcome: NoticeOutcome;
      readonly refund?: RefundId;
      readonly code?: string;
    }
  /** A person had it taken up again that was put aside: it is to be looked at as if it had come now. */
  | { readonly type: 'notice.replayed'; readonly v: 1; readonly kind: 'return' | 'gateway' };

/** What anybody who may read the journal may read of a notice. */
export type NoticeContent =
  | {
      readonly about: 'return';
      readonly trigger: ReturnNotice['trigger'];
      readonly snapshot: Snapshot;
      readonly connections: readonly ConnectionName[];
    }
  | { readonly about: 'hint'; readonly subject: Subject }
  | { readonly about: 'refund'; readonly evidence: RefundEvidence }
  | { readonly about: 'capture'; readonly capture: Omit<Capture, 'theirs'> }
  | { readonly about: 'dispute'; readonly dispute: Omit<Dispute, 'theirs'> }
  | { readonly about: 'fraud-warning'; readonly warning: Omit<FraudWarning, 'theirs'> }
  | { readonly about: 'unknown' };

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
  | { readonly type: 'control.sending-resumed'; readonly v: 1; readonly reason: string }
  /** Nothing is sent through this gateway account any more. `by` is the refund a worker found a reason in; absent where a person did it. */
  | {
      readonly type: 'control.account-stopped';
      readonly v: 1;
      readonly connection: ConnectionName;
      readonly reason: string;
      readonly by?: RefundId;
    }
  /** This account's own switch is back; a stop of all sending stays. */
  | {
      readonly type: 'control.account-resumed';
      readonly v: 1;
      readonly connection: ConnectionName;
      readonly reason: string;
    }
  /** The tables were put back to what they were at `since`: what was sent after it is forgotten here, and is asked for at the gateways. */
  | {
      readonly type: 'control.restore-begun';
      readonly v: 1;
      readonly restored: number;
      readonly since: Instant;
      readonly reason: string;
    }
  /** All that the gateways have since then was taken in: from here on this journal is of that restore epoch, and sending goes on. */
  | {
      readonly type: 'control.restore-ended';
      readonly v: 1;
      readonly restored: number;
      readonly reason: string;
      /** So many refunds were put aside and are counted nowhere: whoever ended it says that they compared each. Absent where none was. */
      readonly aside?: number;
    };

/** The version of each event's shape that this code writes, and the newest it reads. */
const versions: Readonly<Record<Event['type'], number>> = {
  'notice.recorded': 1,
  'notice.conflicted': 1,
  'notice.confirmed': 1,
  'notice.cancelling': 1,
  'notice.settled': 1,
  'notice.replayed': 1,
  'refund.requested': 1,
  'refund.waiting': 1,
  'refund.held': 1,
  'refund.resumed': 1,
  'refund.approved': 1,
  'refund.denied': 1,
  'refund.cancelled': 1,
  'refund.cancel-refused': 1,
  'refund.telling': 1,
  'refund.told': 1,
  'refund.tell-given-up': 1,
  'leg.sending': 1,
  'leg.accepted': 1,
  'leg.unknown': 1,
  'leg.deferred': 1,
  'leg.absent': 1,
  'leg.renewed': 1,
  'leg.refused': 1,
  'leg.failed': 1,
  'leg.noted': 1,
  'leg.surplus': 1,
  'leg.surplus-failed': 1,
  'leg.held': 1,
  'leg.restated': 1,
  'leg.released': 1,
  'leg.closed': 1,
  'leg.disputed': 1,
  'leg.lost': 1,
  'payment.learned': 1,
  'payment.captured': 1,
  'payment.refund-adopted': 1,
  'payment.adoption-reversed': 1,
  'payment.dispute-opened': 1,
  'payment.dispute-won': 1,
  'payment.dispute-lost': 1,
  'payment.fraud-warned': 1,
  'control.sending-stopped': 1,
  'control.sending-resumed': 1,
  'control.account-stopped': 1,
  'control.account-resumed': 1,
  'control.restore-begun': 1,
  'control.restore-ended': 1,
};

/** Whether this code can read the event. What a newer version wrote is left alone and looked at again later, as is what none wrote: versions count from 1. */
export const readable = (event: { readonly type: string; readonly v: number }): event is Event =>
  event.v >= 1 && event.v <= (versions[event.type as Event['type']] ?? 0);
