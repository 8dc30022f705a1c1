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
 * By how much the Date header of an answer (RFC 9110, 6.6.1) lies outside the time between question and answer: its time minus ours, and 0
 * where it lies inside. A second has no parts in it. Undefined where there is none or it can't be read.
 */
export function apartMs(
  date: string | undefined,
  { askedAt, answeredAt }: { readonly askedAt: number; readonly answeredAt: number },
): number | undefined {
  const at = date === undefined ? Number.NaN : httpDate(date);
  if (Number.isNaN(at)) return undefined;
  return Math.min(at + 999 - askedAt, 0) || Math.max(at - answeredAt, 0);
}

const httpDate = (text: string): number =>
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;

/**
 * A Retry-After header in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), at most an hour, so that an absurd value
 * can't park a refund (F61). Undefined where there is none or it can't be read.
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : httpDate(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}
