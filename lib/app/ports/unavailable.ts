/**
 * The one error that ports throw: a store, queue or key service did not answer, or not in a way that says whether the work
 * was done. Nothing below the edge catches it: `functions/http.ts` answers 503, `functions/batch.ts` fails that one record, and
 * the sender or the queue comes again.
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
