/**
 * The one error that ports throw: a store, queue or key service did not answer, or not in a way that says whether the work
 * was done. At the edge `functions/http.ts` and the operator API answer 503, `functions/batch.ts` fails that one record, and the
 * sender or the queue comes again; below it, it is caught only where there is something better to do than to fail (ADR 8).
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly what: 'table' | 'queues' | 'vault' | 'connections';

  /** `cause` is kept for the debugger; its text is never logged, since vendors put request data into it. */
  constructor(what: Unavailable['what'], cause?: unknown) {
    super(`${what} did not answer`, { cause });
    this.what = what;
  }
}
