import type { ConnectionName } from './ids.ts';
import type { Currency } from './money.ts';
import type { Instant } from './time.ts';

/** A verified, normalised message from outside. A hint, never a command. */
export type Notice = ReturnNotice | ReturnHint | GatewayNotice | UnknownNotice;

interface Common {
  /** The sender's signed id, or a hash where the platform signs none. Unique per connection; the idempotency record is named by it. */
  readonly id: string;
  /** Hash of the fields that matter: the same id with another sameness is a conflict, not a repetition. */
  readonly sameness: string;
  /** The platform's own word for it, for people: `return.approved`, `refund.updated`. At most 100 characters. */
  readonly type: string;
}

/** What a shop says came back: a cumulative snapshot of one return, not a delta. */
export interface ReturnNotice extends Common {
  readonly kind: 'return';
  readonly trigger: 'approved' | 'received' | 'cancelled';
  readonly snapshot: Snapshot;
  /** Payments to refund, in this order; their references are sealed before they are stored. */
  readonly payments: readonly NamedPayment[];
}

/**
 * A source whose scheme does not sign everything says only that something about a return changed: which one, and nothing about money.
 * What is owed is what the shop answers when it is asked (F127).
 */
export interface ReturnHint extends Common {
  readonly kind: 'hint';
  readonly subject: Subject;
}

/** What to ask the shop about, in its own ids. */
export interface Subject {
  /** The return's name here: the shop's id of the return, or of a refund that belongs to none. */
  readonly return: string;
  readonly is: 'return' | 'refund';
  /** The shop's id of that return or refund. */
  readonly id: string;
}

export interface NamedPayment {
  readonly connection: ConnectionName;
  /** A name the gateway has for the payment (`pi_…`, `ch_…`). Secret. */
  readonly reference: string;
}

export interface Snapshot {
  readonly return: string;
  readonly order: string;
  readonly currency: Currency;
  readonly lines: readonly SnapshotLine[];
  readonly shipping: { readonly amountMinor: bigint; readonly taxMinor: bigint };
  readonly fees: readonly { readonly kind: string; readonly amountMinor: bigint }[];
}

export interface SnapshotLine {
  readonly id: string;
  readonly quantity: number;
  /** For the whole line, without tax. */
  readonly priceMinor: bigint;
  /** For the whole line, on top. */
  readonly taxMinor: bigint;
}

/** News from a gateway: evidence about one refund, one capture, one dispute or one warning. */
export interface GatewayNotice extends Common {
  readonly kind: 'gateway';
  readonly news: News;
}

export type News = RefundNews | CaptureNews | DisputeNews | FraudNews;

export interface RefundNews {
  readonly about: 'refund';
  readonly evidence: RefundEvidence;
  /** Every name the gateway gave for the payment this refund is on. Secret. */
  readonly payment: readonly string[];
}

export interface CaptureNews {
  readonly about: 'capture';
  readonly capture: Capture;
  /** Every name the gateway has for the payment. Secret. */
  readonly payment: readonly string[];
  /** Our order's reference where the gateway echoes it. */
  readonly order?: string;
}

export interface DisputeNews {
  readonly about: 'dispute';
  readonly dispute: Dispute;
  /** Every name the gateway gave for the payment. Secret. */
  readonly payment: readonly string[];
}

export interface FraudNews {
  readonly about: 'fraud-warning';
  readonly warning: FraudWarning;
  /** Every name the gateway gave for the payment. Secret. */
  readonly payment: readonly string[];
}

export type DisputeStage = 'open' | 'won' | 'lost';

/** What a gateway says about one dispute. */
export interface Dispute {
  /** Their id of the dispute. Secret, as that of a capture. */
  readonly theirs: string;
  /** `lost`: the customer has the money. A state that we do not know is open. */
  readonly stage: DisputeStage;
  /** An inquiry moves no money, and may become formal under the same id. */
  readonly kind: 'inquiry' | 'formal';
  /** Absent where it is in no money that we can count. */
  readonly amountMinor?: bigint;
  readonly currency?: Currency;
  /** The gateway's short code. */
  readonly reason?: string;
}

/** The card network suspects fraud; no dispute yet. */
export interface FraudWarning {
  /** Their id of the warning. Secret. */
  readonly theirs: string;
  /** Whether a full refund now could still prevent a dispute. */
  readonly actionable: boolean;
  readonly reason?: string;
}

/** One captured amount as the gateway states it, cumulative under its id. */
export interface Capture {
  readonly theirs: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly at: Instant;
}

/** What a gateway says about one refund. Rank: pending < succeeded < failed; the last absorbs. */
export interface RefundEvidence {
  /** Their id of the refund. */
  readonly theirs: string;
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** Our key as the gateway echoes it; absent where the refund is not ours, or the gateway echoes nothing. */
  readonly key?: string;
  /**
   * Why it is pending or failed, as a short code. Of what is pending, every folder calls our own balance being too low
   * `insufficient_funds`: somebody must top it up.
   */
  readonly reason?: string;
}

/** Verified, but of a type or version we do not act on: quarantined, counted, answered with success (F22). */
export interface UnknownNotice extends Common {
  readonly kind: 'unknown';
}
