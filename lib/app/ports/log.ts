import type { Instant } from '../../domain/time.ts';

/**
 * What may be logged: closed lists of fields, ids only. There is no free text and no place to put a body, a reference or a
 * vendor's message into.
 */
export interface Log {
  /** One line per request to a gateway. */
  attempt(line: AttemptLine): void;
  /** Somebody should look: each code has a row in docs/operating-embedded.md. */
  alarm(code: AlarmCode, about: About): void;
  /** Something happened that is worth a line and no alarm. */
  note(code: NoteCode, about: About): void;
  /** A refund needs nothing more from us. Said again where a gateway changes its mind; lost where the process dies just then. */
  ended(line: EndedLine): void;
}

export interface EndedLine {
  readonly correlation: string;
  readonly merchant: string;
  readonly refund: string;
  readonly status: EndedStatus;
  /** Why, where it is not plain success. */
  readonly reason?: string;
  /** The gateway account, where there is one and no more. */
  readonly connection?: string;
  /** Since the refund's first entry. */
  readonly tookMs: number;
}

export type EndedStatus = 'denied' | 'cancelled' | 'refunded' | 'partly-refunded' | 'failed';

export interface AttemptLine {
  readonly correlation: string;
  readonly merchant: string;
  readonly connection: string;
  readonly call:
    | 'refund'
    | 'find'
    | 'look'
    | 'identify'
    | 'confirm'
    | 'tell'
    | 'find-told'
    | 'missing'
    | 'subscribe'
    | 'changes';
  readonly refund?: string;
  readonly leg?: number;
  readonly epoch?: number;
  readonly sending?: number;
  readonly outcome: string;
  readonly code?: string;
  readonly startedAt: Instant;
  readonly tookMs: number;
}

export type AlarmCode =
  | 'notice-conflict'
  | 'notice-quarantined'
  | 'journal-tampered'
  | 'two-refunds-for-one-leg'
  /** Nothing is sent through this account until a person resumes it; `code` is why. */
  | 'account-stopped'
  | 'echo-mismatch'
  | 'payment-overdrawn'
  | 'dispute-opened'
  | 'dispute-lost'
  | 'fraud-warning'
  /** A refund made elsewhere has failed: what was denied or not paid because of it may be owed. */
  | 'elsewhere-failed'
  /** A refund waits for our own balance at the gateway to be topped up. */
  | 'funds-missing'
  /** What the gateway called refunded is nowhere. */
  | 'lost-at-gateway'
  | 'refund-held'
  | 'hold-overdue'
  /** The shop has no record of a refund that was made, and we stopped trying to give it one. */
  | 'tell-failed'
  /** The shop dropped what we subscribed to; it is subscribed again and what was missed is asked for. `code` is the topics. */
  | 'subscription-missing'
  /** The shop does not let us subscribe again; `code` is the topics. */
  | 'subscription-refused'
  /** For a day nobody could look after a shop's subscriptions, or ask for all that was missed. */
  | 'tending-overdue'
  /** Settings of a connection can't be used, and it is shut until they are mended; `code` is the field. */
  | 'connection-wrong'
  | 'poison-message'
  /** A message was given up because something we need did not answer; the sweep asks again. */
  | 'work-stuck'
  /** A sender's clock and ours are apart; `code` is by how much, its time minus ours. */
  | 'clock-skewed'
  /** A clock of our own and a gateway's, or another one of ours, are apart; `code` is by how much, the other's time minus ours (F26). */
  | 'clock-wrong'
  /** A gateway refuses the credential of an account: its refunds wait until it is replaced (F82). */
  | 'credential-refused'
  /** A gateway account failed again and again: it is asked only now and then until it answers. */
  | 'breaker-opened'
  | 'newer-version'
  /** The tables were put back to an earlier instant, and nothing is sent until they were reconciled; `code` is both epochs. */
  | 'restore-pending';

export type NoteCode =
  | 'notice-recorded'
  | 'notice-seen'
  | 'webhook-rejected'
  | 'webhook-flooded'
  /** A worker did what a message hinted at, or found it done. */
  | 'work-done'
  /** The relay asked for what follows from a new entry; `code` is the queue. */
  | 'work-hinted'
  /** What a gateway said of one of our refunds was taken; `stream` is its notice, the correlation id that of the refund. */
  | 'news-taken'
  | 'work-busy'
  | 'payment-learned'
  | 'refund-adopted'
  /** `code` is the topic. */
  | 'subscription-made'
  /** A page of what was missed was recorded; `count` is how many hints of it are new. */
  | 'missed-recorded'
  /** All that was missed was asked for. */
  | 'gap-closed'
  | 'breaker-closed';

export interface About {
  readonly correlation?: string;
  readonly merchant?: string;
  readonly connection?: string;
  readonly stream?: string;
  readonly leg?: number;
  readonly code?: string;
  /** For how many of its kind a line stands, since the last one. */
  readonly count?: number;
  /** Which of a connection's verify secrets a signature holds under: its name, never the secret (F20). */
  readonly secretVersion?: string;
}
