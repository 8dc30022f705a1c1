import { createHmac } from 'node:crypto';
import type { Instant } from '../../domain/time.ts';
import type { WireRequest } from './exchange.ts';

/**
 * What every gateway simulator is: a deterministic object behind an interface without a network. The same calls with the same
 * times and the same chance give the same answers and the same state, so its truth can be kept as a copy of `state` (plain JSON,
 * complete) or as a log of calls. It has no clock, no timer and no randomness of its own.
 */
export interface Simulator {
  /** Plain JSON; hand it to the maker of the simulator to go on where it stopped. */
  readonly state: object;
  /** `begin`, and `complete` at once where something is to be executed. */
  handle(request: SimRequest, now: Instant): SimStep;
  /** Takes a request as far as its execution: until `complete`, its key is in use and nothing has happened. */
  begin(request: SimRequest, now: Instant): SimBegun;
  /** Executes what `begin` left running; may be called long after the client gave up. A ticket works once. */
  complete(ticket: string, now: Instant): SimStep;
  /** Carries out what has become due by `now`: pending refunds settle, late failures come. */
  advance(now: Instant): readonly SimWebhook[];
  /** When `advance` next has something to do. */
  nextAt(): Instant | undefined;
  /** Signs a webhook for one delivery attempt: the time is part of the signature. */
  sign(webhook: SimWebhook, now: Instant): Readonly<Record<string, string>>;
  seedPayment(payment: SimPayment, now: Instant): SimSeeded;
  /** The truth. */
  refunds(): readonly SimRefund[];
  calls(): readonly SimCall[];
  /** Replaces all faults. */
  setFaults(faults: Faults): void;
  /** Not every gateway's can: the customer's bank disputes a payment, and the dispute ends; a refund moves on by somebody's hand. */
  openDispute?(of: SimDisputing, now: Instant): SimOpened;
  closeDispute?(of: { readonly id: string; readonly status: 'won' | 'lost' }, now: Instant): SimTold;
  moveRefund?(of: SimMove & { readonly id: string }, now: Instant): SimTold;
}

/** `amountMinor`: all that was captured where it is left out. An inquiry moves no money. */
export interface SimDisputing {
  readonly payment: string;
  readonly amountMinor?: number;
  readonly kind?: 'inquiry' | 'formal';
}

export interface SimMove {
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  /** Why it is pending or failed, in the gateway's word. */
  readonly reason?: string;
}

export type SimTold =
  | { readonly is: 'told'; readonly webhooks: readonly SimWebhook[] }
  | { readonly is: 'refused'; readonly problem: string };

export type SimOpened =
  | { readonly is: 'opened'; readonly id: string; readonly webhooks: readonly SimWebhook[] }
  | { readonly is: 'refused'; readonly problem: string };

/** `path` without any prefix and without the query; `query` without `?`; header names in lower case. */
export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request on the wire as a simulator takes it. */
export function asSimRequest(request: WireRequest): SimRequest {
  const url = new URL(request.url);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { method: request.method, path: url.pathname, query: url.search.slice(1), headers, body: request.body };
}

export interface SimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `lost`: the socket closes without an answer. `delayMs` is how long the answer takes; the effect has happened already. */
export interface SimStep {
  readonly reply: SimResponse | 'lost';
  readonly delayMs: number;
  readonly webhooks: readonly SimWebhook[];
}

export type SimBegun =
  | { readonly is: 'done'; readonly step: SimStep }
  | { readonly is: 'running'; readonly ticket: string };

/** To be delivered `delayMs` from now, and again until it is answered with success. The same `id` may come twice. */
export interface SimWebhook {
  readonly id: string;
  readonly body: string;
  readonly delayMs: number;
}

/** Amounts in ISO minor units, as everywhere outside a gateway's own wire. */
export interface SimPayment {
  readonly id: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly order?: string;
  /** Less than `amountMinor`, or 0 for an authorisation only. Stated again with more, more is captured. */
  readonly capturedMinor?: number;
  /** The authorisation was given up. */
  readonly voided?: boolean;
  /** Its refunds wait for the customer, or stay pending for a reason in the gateway's word. */
  readonly refundsNeedAction?: boolean;
  readonly refundsPending?: string;
}

export type SimSeeded =
  | { readonly is: 'seeded'; readonly webhooks: readonly SimWebhook[] }
  | { readonly is: 'refused'; readonly problem: string };

export interface SimRefund {
  readonly id: string;
  readonly payment: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  /** Our id of the refund as the gateway was told it. */
  readonly reference: string | null;
  readonly key: string | null;
}

export interface SimCall {
  readonly method: string;
  readonly path: string;
  readonly key: string | null;
}

/** Counts are used up; rates are between 0 and 1. */
export interface Faults {
  /** The next n refund requests take effect, then the socket closes. Reads are unaffected. */
  readonly lostReplies: number;
  /** Answers 500: of those that would execute, half before and half after the effect. */
  readonly errorRate: number;
  readonly rateLimit: number;
  readonly delayMs: number;
  /** The next n refunds succeed and fail later. */
  readonly failLater: number;
  readonly duplicateWebhooks: number;
  readonly reorderWebhooks: number;
  readonly dropWebhooks: number;
  /** No request is answered and none has an effect. */
  readonly down: boolean;
  /** More than was captured is not refused. */
  readonly noCap: boolean;
  /** The API credential is let in no more. */
  readonly revoked: boolean;
}

export const noFaults: Faults = {
  lostReplies: 0,
  errorRate: 0,
  rateLimit: 0,
  delayMs: 0,
  failLater: 0,
  duplicateWebhooks: 0,
  reorderWebhooks: 0,
  dropWebhooks: 0,
  down: false,
  noCap: false,
  revoked: false,
};

const rates = new Set(['errorRate', 'rateLimit', 'duplicateWebhooks', 'reorderWebhooks', 'dropWebhooks']);

/** The body of `_faults`. What is left out has no fault; a misspelt one is a problem in words, not silence. */
export function parseFaults(value: unknown): Faults | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'faults are a JSON object';
  const faults: Record<string, number | boolean> = { ...noFaults };
  for (const [name, given] of Object.entries(value)) {
    const usual = Object.hasOwn(noFaults, name) ? faults[name] : undefined;
    if (usual === undefined) return 'there is no such fault';
    const fits =
      typeof usual === 'boolean'
        ? typeof given === 'boolean'
        : rates.has(name)
          ? typeof given === 'number' && given >= 0 && given <= 1
          : Number.isSafeInteger(given) && given >= 0;
    if (!fits)
      return `${name} takes ${typeof usual === 'boolean' ? 'true or false' : rates.has(name) ? 'a rate from 0 to 1' : 'a whole number'}`;
    faults[name] = given;
  }
  return faults as unknown as Faults;
}

/** Keyed chance: the same label gives the same number in [0, 1), whatever was drawn before it. */
export type Chance = (label: string) => number;

export const chanceFrom =
  (seed: string): Chance =>
  (label) =>
    createHmac('sha256', seed).update(label).digest().readUIntBE(0, 6) / 2 ** 48;
