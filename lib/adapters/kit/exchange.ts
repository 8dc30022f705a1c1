/** One HTTP request and what came of it. Results are values: a caller that has to tell silence from refusal must not parse errors. */
export type Exchange = (request: WireRequest) => Promise<Answer>;

export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For everything together: name lookup, connection, request and the whole answer. */
  readonly limitMs: number;
  /** Asked once, immediately before the socket is opened. */
  mayStart(): boolean;
  /** Called once all of it was handed to the network, where the exchange can tell. */
  onSent?(): void;
}

export type Answer = Answered | NoAnswer;

export interface Answered {
  readonly is: 'answer';
  readonly status: number;
  /** Lower-case names; the first value where one is repeated. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface NoAnswer {
  readonly is: 'none';
  /**
   * `not-started`: nothing left this process. `connection`: no status line came, the request may have arrived. `cut-off`: a
   * status line came, the whole body did not, or it was larger than any real answer.
   */
  readonly why: 'not-started' | 'timeout' | 'connection' | 'cut-off';
}

/**
 * A Retry-After header in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), at most an hour, so that an absurd value
 * can't park a refund (F61). Undefined where there is none or it can't be read.
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : date - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}
