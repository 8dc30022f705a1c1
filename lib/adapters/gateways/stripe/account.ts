import Stripe from 'stripe';
import type { Connection, Secret } from '../../../app/ports/connections.ts';
import { Unavailable } from '../../../app/ports/unavailable.ts';
import type { Instant } from '../../../domain/time.ts';
import { isSecureUrl, leadsHere } from '../../kit/base-url.ts';
import { type Answer, apartMs, type Exchange } from '../../kit/exchange.ts';
import { overHttp } from '../../kit/http.ts';
import type { ClientWorld } from '../../kit/open.ts';
import { apiVersion, defaultBaseUrl } from './manifest.ts';
import { OneAtATime, OneRequest } from './one-request.ts';

/** One Stripe account, ready to be asked. */
export interface Account {
  readonly connection: Connection;
  readonly baseUrl: string;
  readonly credential: Secret;
  readonly exchange: Exchange;
  /** Clients of the package that nobody uses right now: to make one takes as long as all the rest of a request. */
  readonly idle: Client[];
  /** What its last answer says about our clock. */
  readonly clock: { apartMs: number };
  now(): Instant;
}

/** A client of the package, and what sends its requests: one at a time. */
interface Client {
  readonly stripe: Stripe;
  readonly sender: OneAtATime;
}

/** Throws `Unavailable` where a credential would go to a host, or be used in a mode, that it is not meant for. */
export function accountOf(connection: Connection, credential: Secret, world: ClientWorld): Account {
  refuseCredential(connection, credential.reveal());
  const { clock, exchange = overHttp } = world;
  return {
    connection,
    baseUrl: baseUrlOf(connection),
    credential,
    exchange,
    idle: [],
    clock: { apartMs: 0 },
    now: () => clock.now(),
  };
}

export interface Limits {
  readonly limitMs: number;
  readonly latestStart?: Instant;
  readonly onSent?: () => void;
}

/** One request through the package: it writes the request, the answer is read from its bytes by us. */
export async function ask(
  account: Account,
  limits: Limits,
  request: (stripe: Stripe) => Promise<unknown>,
): Promise<Answer> {
  const { latestStart, onSent } = limits;
  const once = new OneRequest(account.baseUrl, account.exchange, {
    limitMs: limits.limitMs,
    mayStart: () => latestStart === undefined || account.now() <= latestStart,
    ...(onSent !== undefined && { onSent }),
  });
  const askedAt = account.now();
  const client = account.idle.pop() ?? clientOf(account);
  client.sender.takeUp(once);
  try {
    await withoutStack(() => request(client.stripe));
  } catch {
    // Whatever was sent and came back is in `once.answer`.
  }
  account.idle.push(client);
  const { answer } = once;
  const apart =
    answer.is === 'answer' ? apartMs(answer.headers.date, { askedAt, answeredAt: account.now() }) : undefined;
  if (apart !== undefined) account.clock.apartMs = apart;
  return answer;
}

/**
 * The package writes down the stack of whoever calls it, for errors that nobody sees here: half of all it does. The limit counts for
 * this turn only, in which it takes the stack.
 */
function withoutStack<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function clientOf({ connection, credential }: Account): Client {
  const stripeAccount = connection.settings.account;
  const sender = new OneAtATime();
  const stripe = new Stripe(credential.reveal(), {
    apiVersion,
    httpClient: sender,
    maxNetworkRetries: 0,
    // Would tell Stripe about this machine, and costs a look at it.
    telemetry: false,
    ...(stripeAccount === undefined ? {} : { stripeAccount }),
  });
  return { stripe, sender };
}

/** A credential travels to this host: https, or this machine for a simulator in test mode. */
function baseUrlOf(connection: Connection): string {
  const text = (connection.settings.baseUrl ?? defaultBaseUrl).replace(/\/+$/, '');
  if (!isSecureUrl(text) && !(leadsHere(text) && connection.mode === 'test'))
    throw unusable('the base URL is not one that a credential may be sent to');
  return text;
}

/** `sk_live_…` on a connection in test mode, or the reverse, is a mix-up that must not reach Stripe (F25). */
function refuseCredential(connection: Connection, text: string): void {
  // A stray line break from a file is no header.
  if (!/^[\x21-\x7e]+$/.test(text)) throw unusable('the credential is not one');
  const named = /^(?:sk|rk)_(test|live)_/.exec(text)?.[1];
  if (named !== undefined && named !== connection.mode) throw unusable("the credential's mode is not the connection's");
}

const unusable = (why: string) => new Unavailable('connections', new Error(why));
