import type { RefundEvidence } from '../notice.ts';

/**
 * What one request to a gateway came to. Silence is an outcome: whatever is not an explicit word from the gateway is `unknown`,
 * never `refused`.
 */
export type Outcome =
  | { readonly is: 'accepted'; readonly evidence: RefundEvidence }
  | Refused
  | {
      readonly is: 'unknown';
      readonly why: 'timeout' | 'connection' | 'unreadable' | 'server-error' | 'in-progress' | 'redirected';
      /** The gateway replayed a stored failure: this key will give no other answer. */
      readonly spoiled: boolean;
    };

/** The gateway said no, in words we know. */
export interface Refused {
  readonly is: 'refused';
  /** The vendor's code, or ours: short, safe to log. */
  readonly code: string;
  /**
   * `final`: this request will never be taken. `not-now`: nothing was done, the same key may be used again later (429, not
   * started). `account`: nothing was done, and nothing will be for any refund of this account until its credential is changed.
   * `person`: somebody must change something about this refund first (funds, a dispute).
   */
  readonly again: 'final' | 'not-now' | 'account' | 'person';
  /** Our own earlier success would be refused in the same words ("already refunded"): ask before believing it. */
  readonly couldBeOurs: boolean;
  /** Why, where the engine does something about it: it looks at a disputed payment, and waits for the dispute's end. */
  readonly because?: 'disputed';
  readonly retryAfterMs?: number;
  /** Too many requests: the whole account is asked more slowly for a while. */
  readonly limited?: true;
}
