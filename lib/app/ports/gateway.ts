import type { Currency } from '../../domain/money.ts';
import type { Capture, Dispute, Notice, RefundEvidence } from '../../domain/notice.ts';
import type { Rates } from '../../domain/pace.ts';
import type { Outcome } from '../../domain/refund/outcome.ts';
import type { Instant } from '../../domain/time.ts';
import type { Connection, Secret } from './connections.ts';

/** A webhook request as it came: raw bytes and lower-case header names. */
export interface RawRequest {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** `false` with a code that is safe to log and count; the body is never part of it. `signedAt` where the scheme signs a time. */
export type Verification =
  | { readonly verified: true; readonly secretIndex: number; readonly signedAt?: Instant }
  | { readonly verified: false; readonly why: 'no-signature' | 'malformed' | 'mismatch' }
  /** The signature holds, and its time is too far from `now`. */
  | { readonly verified: false; readonly why: 'too-old' | 'from-the-future'; readonly signedAt: Instant };

/** Pure reading of verified bytes. `unreadable` says what was wrong in words for the sender (400); `invalid` likewise (422, own formats only). */
export type Reading =
  | { readonly is: 'notices'; readonly notices: readonly Notice[] }
  | { readonly is: 'unreadable'; readonly problem: string }
  | { readonly is: 'invalid'; readonly problem: string }
  /** The connection is for another mode or account than the event (F24, F25). */
  | { readonly is: 'foreign'; readonly problem: string };

/** One setting of a connection that its folder reads. Any other name there is somebody's slip, and is said when settings are loaded. */
export interface Setting {
  /** `gateway.*` stands for every name that begins with `gateway.`. */
  readonly name: string;
  readonly required?: true;
  readonly value:
    | { readonly is: 'text'; readonly must: string; fits(text: string): boolean }
    /** The name of a connection of the same merchant; of several, separated by spaces, where `or` may stand for them all. */
    | { readonly is: 'connection'; readonly kind: Connection['kind']; readonly several?: { readonly or: string } };
}

/** What a folder under `sources/` or `gateways/` does for webhooks. Both functions are pure: the time is an argument. */
export interface Reader {
  /**
   * `own`: the sender speaks our format and reads our answers (409, 422 with a reason). `platform`: after a valid signature it always
   * gets a success, since its queue stalls or unsubscribes otherwise; what we can't take is quarantined.
   */
  readonly answers: 'own' | 'platform';
  /** What is wrong with the form of a verify secret, as the end of a sentence; undefined where nothing is. For settings, when they are read. */
  problemWith(secret: Secret): string | undefined;
  /** All that the folder reads of `Connection.settings`. */
  readonly settings: readonly Setting[];
  verify(raw: RawRequest, secrets: readonly Secret[], now: Instant): Verification;
  read(raw: RawRequest, connection: Connection): Reading;
}

/** Differences between gateways are data. Where a vendor documents nothing, the safe side is written down and the comment says so. */
export interface Capabilities {
  /** The same key within this time of the first request means the same refund. */
  readonly keyWindowMs: number;
  /** Which first results a key remembers: all that began executing, only successes, or none. */
  readonly keyRemembers: 'all' | 'successes' | 'nothing';
  /** Counted from when we gave up waiting: the longest time after which a request that got no answer may still take effect. */
  readonly lateArrivalMs: number;
  /** Whether `find` may say `absent`, with authority. */
  readonly lookup: 'authoritative' | 'eventual' | 'none';
  /** Longest key the gateway takes, in characters. */
  readonly keyLength: number;
  readonly partialRefunds: boolean;
  /** The vendor's limits on requests, by the mode of the connection. */
  readonly rates: Readonly<Record<Connection['mode'], Rates>>;
  /** Smallest and largest amount, and whether this gateway can express it exactly in this currency. */
  accepts(amountMinor: bigint, currency: Currency): boolean;
}

/** What we ask of a gateway. `reference` is secret: it lives in memory only. */
export interface RefundOrder {
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** Idempotency key, also written into the refund's metadata so that `find` and webhooks can recognise it. */
  readonly key: string;
  /** Our ids, for the gateway's metadata: they help its support and ours. */
  readonly refund: string;
  readonly leg: number;
  /** The request is not started after this instant: checked immediately before the socket. */
  readonly latestStart: Instant;
  /** The request is given up after this time; giving up is `unknown`. */
  readonly limitMs: number;
  /** Called when the request left this process, where that can be told: what is counted in a second is counted from then. */
  readonly onSent?: () => void;
}

/** `matches` are all refunds on this payment that carry one of `keys` or are one of `theirs`; two are an incident. */
export type Found =
  | { readonly is: 'found'; readonly matches: readonly RefundEvidence[] }
  | { readonly is: 'absent' }
  | CannotTell;

/** A read without a result. */
export interface CannotTell {
  readonly is: 'cannot-tell';
  /** A code, safe to log. */
  readonly why: string;
  /**
   * What it says about the account, whatever was asked: `silence` where no readable answer came, `account` where the credential is
   * refused, `rate` for too many requests. Absent where the gateway answered as usual.
   */
  readonly weather?: 'silence' | 'account' | 'rate';
  readonly retryAfterMs?: number;
}

export type Looked =
  | {
      readonly is: 'payment';
      /** Every name the gateway has for it, the one to refund against first. Secret. */
      readonly names: readonly [string, ...string[]];
      readonly captures: readonly Capture[];
      readonly refunds: readonly RefundEvidence[];
      /** Every dispute there ever was on it, with what came of it. */
      readonly disputes: readonly Dispute[];
      /** `authorised`: nothing is captured yet; `voided`: nothing is and nothing will be (F43). */
      readonly state: 'captured' | 'authorised' | 'voided';
      /** More of it may still be captured, beside what is. Absent where nothing will be, or the gateway does not say. */
      readonly capturable?: true;
      readonly order?: string;
    }
  | { readonly is: 'absent' }
  | CannotTell;

/** Refunds with every name that the gateway has for their payment. `next` says where to go on; absent at the end. */
export type RefundsSince =
  | {
      readonly is: 'page';
      readonly refunds: readonly { readonly evidence: RefundEvidence; readonly payment: readonly string[] }[];
      readonly next?: string;
    }
  | CannotTell;

/** Which account a credential opens, as the gateway itself names it. */
export type Identified = { readonly is: 'account'; readonly id: string } | CannotTell;

/** One gateway account, ready to be called. No method throws for anything a gateway or a network can do. */
export interface Gateway {
  readonly capabilities: Capabilities;
  /** Where requests go to. Part of what a key stands for: under another endpoint a leg is not resent, since keys do not cross (F65). */
  readonly endpoint: string;
  refund(order: RefundOrder): Promise<Outcome>;
  find(query: {
    readonly reference: string;
    readonly keys: readonly string[];
    /** The gateway's ids of refunds that are known to be the leg's: a key in the metadata can be edited there, an id can't (F102). */
    readonly theirs: readonly string[];
    readonly limitMs: number;
  }): Promise<Found>;
  look(query: { readonly reference: string; readonly limitMs: number }): Promise<Looked>;
  /** One page of every refund of the account that was made since then, by whomever; in no order that means anything. */
  refundsSince(query: {
    readonly since: Instant;
    readonly cursor?: string;
    readonly limitMs: number;
  }): Promise<RefundsSince>;
  /** Absent where the gateway has no way to say it. A credential that is refused is `cannot-tell`. */
  identify?(query: { readonly limitMs: number }): Promise<Identified>;
  /** By how much its last answer lay outside the time in which we had it, by our clock: its time minus ours. Absent where it tells no time. */
  apartMs?(): number;
}

/** Finds the reader of a connection's folder, loaded on first use; undefined where no folder has that name. */
export type Readers = (connection: Connection) => Promise<Reader | undefined>;

/**
 * Opens the gateway of a connection: loads its folder on first use and its credential. The same gateway for as long as connection and
 * credential are the same, so that what was found out about it can be kept with it. Throws `Unavailable` when that can't be had.
 */
export interface Gateways {
  open(connection: Connection): Promise<Gateway>;
}
