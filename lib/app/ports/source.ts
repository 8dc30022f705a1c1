import type { Currency } from '../../domain/money.ts';
import type { NamedPayment, Snapshot, Subject } from '../../domain/notice.ts';
import type { HoldReason } from '../../domain/refund/hold-reason.ts';
import type { TellRules } from '../../domain/refund/tell.ts';
import type { Instant } from '../../domain/time.ts';
import type { Connection } from './connections.ts';

/** What the shop itself says of a return, asked with that shop's own credential. */
export type Confirmed =
  | ConfirmedReturn
  /** The shop has no such return: what announced it was another shop's, or made up (F23). */
  | { readonly is: 'absent' }
  /** It is part of another whole, which is what has to be asked about: what is counted there is counted nowhere else. */
  | { readonly is: 'elsewhere'; readonly subject: Subject }
  /** The shop is paying a part of it itself, and is not done: what is owed is known when that has ended. The shop may tell nobody. */
  | ({ readonly is: 'under-way' } & Pick<Snapshot, 'order' | 'currency'>)
  | CannotTell;

/** No answer that means anything: the shop is asked again. */
interface CannotTell {
  readonly is: 'cannot-tell';
  readonly why: string;
}

export interface ConfirmedReturn {
  readonly is: 'return';
  readonly trigger: 'approved' | 'cancelled';
  /** All that the return owes by now and nobody else has paid; cumulative. */
  readonly snapshot: Snapshot;
  readonly payments: readonly NamedPayment[];
  /** What in the answer needs a person before anything is paid. */
  readonly concerns: readonly HoldReason[];
  /** The shop has no refund record of what is owed, and wants one once the money is back. */
  readonly tell: boolean;
  /** References in our form that stand in the shop's refund records. What such a record says is not in the snapshot. */
  readonly references: readonly string[];
}

/** A refund record that moves no money. */
export interface TellOrder {
  /** The shop's id of the return. */
  readonly return: string;
  readonly lines: readonly { readonly id: string; readonly quantity: number }[];
  readonly shippingMinor: bigint;
  /** What the customer got back, for people who read the record. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** Goes into the record, so that it is found again, and is the key of the request. */
  readonly reference: string;
  /** The request is not started after this instant. */
  readonly latestStart: Instant;
  readonly limitMs: number;
}

export type Told =
  | { readonly is: 'told'; readonly theirs: string }
  /** The shop said no, and surely did nothing for this request. */
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'unknown'; readonly why: string };

export type FoundTold = { readonly is: 'found'; readonly theirs: string } | { readonly is: 'absent' } | CannotTell;

/** What the shop has no subscription for. Topics are in the platform's own words. */
export type Missing = { readonly is: 'missing'; readonly topics: readonly string[] } | CannotTell;

export type Subscribed =
  | { readonly is: 'subscribed' }
  /** The shop said no. It may be about a subscription that exists: only a look tells. */
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'unknown'; readonly why: string };

/** One page of what may have changed. More than changed is no harm: each is only a reason to ask. */
export type Changes =
  | {
      readonly is: 'page';
      readonly changes: readonly Change[];
      /** The shop's ids of what has more parts than were read: a person has to look. */
      readonly unread: readonly string[];
      /** Where to go on; absent at the end. Opaque. */
      readonly next?: string;
    }
  /** The cursor means nothing to the shop any more. */
  | { readonly is: 'start-over' }
  | CannotTell;

export interface Change {
  readonly subject: Subject;
  readonly createdAt: Instant;
  /** The shop's time of the last change of the whole that it is part of. */
  readonly changedAt: Instant;
}

/** What can be lost at a platform that takes subscriptions away from who did not answer. No method throws, as everywhere here. */
export interface Tending {
  /** So long before it takes a subscription away the platform may have given up announcing something. */
  readonly reachBackMs: number;
  /** Which of the topics we want are not delivered to this connection's address. */
  missing(query: { readonly limitMs: number }): Promise<Missing>;
  subscribe(order: { readonly topic: string; readonly limitMs: number }): Promise<Subscribed>;
  /** What may owe something since then, oldest change first. */
  changes(query: { readonly since: Instant; readonly cursor?: string; readonly limitMs: number }): Promise<Changes>;
}

/** One shop, ready to be asked and told. No method throws for anything a shop or a network can do. */
export interface SourceClient {
  readonly rules: TellRules;
  confirm(query: { readonly subject: Subject; readonly limitMs: number }): Promise<Confirmed>;
  tell(order: TellOrder): Promise<Told>;
  /** Whether the shop has a record with this reference, with authority. */
  findTold(query: {
    readonly return: string;
    readonly reference: string;
    readonly limitMs: number;
  }): Promise<FoundTold>;
  /** Where the platform has subscriptions that must be looked after, and the settings say where its webhooks go. */
  readonly tending?: Tending;
}

/** Opens the shop of a connection: loads its folder on first use and its credential. Throws `Unavailable` when that can't be had. */
export interface Sources {
  open(connection: Connection): Promise<SourceClient>;
}

/** The same for who only looks after subscriptions, so that nothing else of the folder is loaded. */
export interface Tended {
  open(connection: Connection): Promise<Pick<SourceClient, 'tending'>>;
}
