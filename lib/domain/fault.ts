/**
 * Expected failures are values of this closed list: who owns it, what may be said about it in public, whether trying again can
 * help. Only bugs throw.
 */
export interface Fault {
  readonly code: FaultCode;
  /** One sentence: what was wrong and what to do. Never holds input. */
  readonly detail: string;
  /** When the same request may succeed, where that is known. */
  readonly retryAfterMs?: number;
}

export type FaultCode = keyof typeof faults;

interface Kind {
  readonly owner: 'sender' | 'operator' | 'gateway' | 'platform';
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later without anybody changing anything. */
  readonly retry: 'never' | 'later';
}

export const faults = {
  'bad-signature': { owner: 'sender', status: 401, title: 'The signature does not hold', retry: 'never' },
  'no-such-connection': { owner: 'sender', status: 404, title: 'No such connection', retry: 'never' },
  unreadable: { owner: 'sender', status: 400, title: 'The body can not be read', retry: 'never' },
  conflict: { owner: 'sender', status: 409, title: 'This id was used for other content', retry: 'never' },
  invalid: { owner: 'sender', status: 422, title: 'The content is not acceptable', retry: 'never' },
  'too-large': { owner: 'sender', status: 413, title: 'The body is larger than 1 MiB', retry: 'never' },
  'wrong-media-type': { owner: 'sender', status: 415, title: 'The body must be application/json', retry: 'never' },
  flooded: { owner: 'sender', status: 429, title: 'Too many webhooks at once', retry: 'later' },
  unavailable: {
    owner: 'platform',
    status: 503,
    title: 'Not known to be recorded; please send it again',
    retry: 'later',
  },
  'not-found': { owner: 'operator', status: 404, title: 'Not found', retry: 'never' },
  unauthorised: { owner: 'operator', status: 401, title: 'A valid bearer token is needed', retry: 'never' },
  forbidden: { owner: 'operator', status: 403, title: 'The role does not allow this', retry: 'never' },
  'bad-request': { owner: 'operator', status: 400, title: 'The request is not understood', retry: 'never' },
  'not-held': { owner: 'operator', status: 409, title: 'Nothing here waits for a person', retry: 'never' },
  'not-quarantined': { owner: 'operator', status: 409, title: 'This notice can not be taken up again', retry: 'never' },
  changed: { owner: 'operator', status: 412, title: 'It has changed meanwhile', retry: 'never' },
  'not-restoring': { owner: 'operator', status: 409, title: 'There is no restore to go on with', retry: 'never' },
  'not-reconciled': { owner: 'operator', status: 409, title: 'The restore is not reconciled yet', retry: 'later' },
  incident: { owner: 'gateway', status: 409, title: 'Two refunds exist for one leg', retry: 'never' },
  'nothing-to-pay': { owner: 'operator', status: 409, title: 'There is no amount to approve', retry: 'never' },
  'not-proved': { owner: 'operator', status: 409, title: 'It may have been paid', retry: 'never' },
  'not-reservable': { owner: 'operator', status: 409, title: 'The payment has not enough left', retry: 'never' },
  busy: { owner: 'platform', status: 503, title: 'Somebody else is changing this; try again', retry: 'later' },
} as const satisfies Record<string, Kind>;

/** A failure as the answer of a use case. */
export const refusal = (...of: Parameters<typeof fault>): { readonly is: 'fault'; readonly fault: Fault } => ({
  is: 'fault',
  fault: fault(...of),
});

export const fault = (code: FaultCode, detail: string, retryAfterMs?: number): Fault => ({
  code,
  detail,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
