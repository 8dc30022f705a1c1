import type { ConnectionName, PaymentId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { DisputeStage } from '../notice.ts';
import type { Quote } from '../return.ts';
import type { StreamName } from '../streams.ts';
import type { Instant } from '../time.ts';
import type { HoldReason } from './hold-reason.ts';

/** What happened to a refund. Facts: each is true for ever once written; `v` is the version of its shape. */
export type RefundEvent =
  /** A return owes more than was promised for it so far. */
  | {
      readonly type: 'refund.requested';
      readonly v: 1;
      readonly return: { readonly connection: ConnectionName; readonly id: string };
      /** Which refund of that return this is, from 1. */
      readonly number: number;
      readonly order: string;
      readonly currency: Currency;
      readonly quote: Quote;
      readonly notice: StreamName;
      /** The shop has no record of this refund and is told once the money is back; its references are in `refund.telling`. */
      readonly tell?: true;
    }
  /** Nothing can be decided before something else becomes known; looked at again until `until`, then held. */
  | { readonly type: 'refund.waiting'; readonly v: 1; readonly reason: WaitReason; readonly until: Instant }
  /** A person must decide. `legs` is what would be done; empty where no payment is known. */
  | {
      readonly type: 'refund.held';
      readonly v: 1;
      readonly reasons: readonly HoldReason[];
      readonly until: Instant;
      readonly legs: readonly PlannedLeg[];
      readonly seen?: Seen;
    }
  /** A person looked at a hold that has no plan and said: try again, these reasons are no reason any more. */
  | { readonly type: 'refund.resumed'; readonly v: 1; readonly cleared: readonly HoldReason[]; readonly until: Instant }
  /** The amounts are reserved in the same transaction. */
  | {
      readonly type: 'refund.approved';
      readonly v: 1;
      readonly legs: readonly PlannedLeg[];
      readonly policy: string;
      /** Digest of all that the decision was made from: the same inputs give the same decision (F56). */
      readonly inputs: string;
      readonly seen?: Seen;
    }
  | { readonly type: 'refund.denied'; readonly v: 1; readonly reasons: readonly DenyReason[] }
  | { readonly type: 'refund.cancelled'; readonly v: 1 }
  /** The shop cancelled the return when money was already on its way. */
  | { readonly type: 'refund.cancel-refused'; readonly v: 1; readonly reason: 'already-sent' }
  /** The shop is told next, under this reference: whoever reads this asks the shop first whether it knows. */
  | {
      readonly type: 'refund.telling';
      readonly v: 1;
      readonly attempt: number;
      readonly reference: string;
      /** What the shop is told that the customer got back. */
      readonly amountMinor?: bigint;
    }
  /** The shop has one refund record with our reference, under this id. */
  | { readonly type: 'refund.told'; readonly v: 1; readonly theirs: string }
  /** The shop refused the record, or nobody could find out for too long: a person tells it. The refund itself stands. */
  | { readonly type: 'refund.tell-given-up'; readonly v: 1; readonly code: string }
  | LegEvent;

/** What happened to one leg. */
export type LegEvent =
  /** The right to send one request, once, before `latestStart`; nobody else sends for this leg before `leaseUntil`. */
  | {
      readonly type: 'leg.sending';
      readonly v: 1;
      readonly leg: number;
      /** Counted over all epochs, from 1. */
      readonly sending: number;
      readonly epoch: number;
      readonly key: string;
      /** Digest of what is asked: a resend under the same key must ask the same (F62). */
      readonly request: string;
      readonly endpoint: string;
      readonly leaseUntil: Instant;
      readonly latestStart: Instant;
      /** The last entry of its payment when what nobody was shown was looked for; the right is taken on that one or not at all. */
      readonly asOf?: number;
    }
  /** The gateway has our refund, as its answer, a lookup or a webhook says. Twice for a leg that was pending first. */
  | {
      readonly type: 'leg.accepted';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly state: 'pending' | 'succeeded';
      readonly source: Source;
      readonly reason?: string;
      /** What the gateway says it is, where that is another amount of the refund's currency than was asked for (F78). */
      readonly amountMinor?: bigint;
    }
  /** We can't tell whether money moved. */
  | {
      readonly type: 'leg.unknown';
      readonly v: 1;
      readonly leg: number;
      readonly why: UnknownReason;
      /** The key answers with a stored failure for ever. */
      readonly spoiled: boolean;
      /** The gateway refused in words that our own earlier success would have caused too. */
      readonly refusal?: string;
      /** Where that refusal is believed later, somebody must change something first: it is held, not final. */
      readonly forPerson?: true;
      /** That refusal was because the payment is disputed. */
      readonly because?: 'disputed';
    }
  /** The gateway said not now, and surely did nothing for this request. */
  | {
      readonly type: 'leg.deferred';
      readonly v: 1;
      readonly leg: number;
      readonly code: string;
      readonly until: Instant;
    }
  /** Asked at `askedAt`, the gateway said with authority that it has no refund under any of this leg's keys. It proves nothing about later. */
  | { readonly type: 'leg.absent'; readonly v: 1; readonly leg: number; readonly askedAt: Instant }
  /** A new key generation, after proof that the old one did nothing and will do nothing; right after a person's release, on their word. */
  | { readonly type: 'leg.renewed'; readonly v: 1; readonly leg: number; readonly epoch: number }
  /** A final no; the amount is free again. */
  | { readonly type: 'leg.refused'; readonly v: 1; readonly leg: number; readonly code: string }
  /** The gateway took it and it failed later; the amount is free again. */
  | {
      readonly type: 'leg.failed';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly reason: string;
      readonly source: Source;
    }
  /** News that changes nothing by itself, kept so that older news of the same refund is old: a try before the current one failed. */
  | {
      readonly type: 'leg.noted';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly source: Source;
    }
  /** The surplus refund failed: what it took is there again. */
  | {
      readonly type: 'leg.surplus-failed';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly amountMinor: bigint;
    }
  /**
   * The gateway called it refunded, and asked at `askedAt` it said with authority that it has nothing under any of this leg's keys
   * (F102). Unknown again, and held with it.
   */
  | {
      readonly type: 'leg.lost';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly askedAt: Instant;
    }
  /** The payment that this leg was refunded on is disputed, or no more: evidence for whoever answers the dispute. Changes nothing else. */
  | { readonly type: 'leg.disputed'; readonly v: 1; readonly leg: number; readonly stage: DisputeStage }
  /** The gateway has a second refund for this leg. It counts against the payment, whatever we wanted. */
  | {
      readonly type: 'leg.surplus';
      readonly v: 1;
      readonly leg: number;
      readonly theirs: string;
      readonly amountMinor: bigint;
    }
  | {
      readonly type: 'leg.held';
      readonly v: 1;
      readonly leg: number;
      readonly reasons: readonly HoldReason[];
      readonly until: Instant;
      readonly seen?: Seen;
    }
  /** Its return states less by now, or is in dispute with itself: nothing more is asked for before a person lets it go on knowing that. */
  | { readonly type: 'leg.restated'; readonly v: 1; readonly leg: number; readonly reason: HoldReason }
  /**
   * A person said: go on. Or the dispute ended that alone held it. `restored`: to which restore epoch the journal had come by then, where it
   * was held for what that restore forgot; absent where an older version wrote it.
   */
  | {
      readonly type: 'leg.released';
      readonly v: 1;
      readonly leg: number;
      readonly at: Instant;
      readonly restored?: number;
    }
  /** A person said: give up. Where money may have moved, its amount stays reserved. */
  | { readonly type: 'leg.closed'; readonly v: 1; readonly leg: number };

/**
 * What a decision or a hold knows of payments: of each the number of its stream's last entry. Of one that is not named nothing is known.
 * Absent where an older version wrote it, and where payments were not looked at.
 */
export type Seen = Readonly<Record<PaymentId, number>>;

export interface PlannedLeg {
  /** From 1. */
  readonly leg: number;
  readonly payment: PaymentId;
  readonly connection: ConnectionName;
  readonly amountMinor: bigint;
  readonly rail: 'original';
}

/** Where a piece of evidence came from. It decides what counts as evidence, never which of two statements wins. */
export type Source = 'answer' | 'lookup' | 'webhook';

export type WaitReason = 'payment-unknown' | 'capture-pending' | 'gateway-silent';

export type DenyReason = 'exceeds-capture' | 'by-person';

export type UnknownReason =
  | 'timeout'
  | 'connection'
  | 'unreadable'
  | 'server-error'
  | 'in-progress'
  | 'redirected'
  /** The gateway called it refunded, and has nothing. */
  | 'lost'
  /** Whoever held the right to send never said what came of it. */
  | 'no-outcome'
  /** A refusal that may be about our own success. */
  | 'ambiguous-refusal';
