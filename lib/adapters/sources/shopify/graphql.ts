import * as z from 'zod/mini';
import type { Connection, Secret } from '../../../app/ports/connections.ts';
import { Unavailable } from '../../../app/ports/unavailable.ts';
import type { Instant } from '../../../domain/time.ts';
import { leadsHere } from '../../kit/base-url.ts';
import type { Answer, Exchange } from '../../kit/exchange.ts';
import { overHttp } from '../../kit/http.ts';
import { asObject, readJson } from '../../kit/json.ts';
import type { ClientWorld } from '../../kit/open.ts';
import { apiVersion } from './manifest.ts';
import { shopForm } from './settings.ts';

/** One shop, ready to be asked with its own credential. */
export interface Shop {
  readonly connection: Connection;
  readonly url: string;
  readonly credential: Secret;
  readonly exchange: Exchange;
  now(): Instant;
}

/** Throws `Unavailable` where a credential would go to a host that it is not meant for. */
export function shopOf(connection: Connection, credential: Secret, world: ClientWorld): Shop {
  if (!/^[\x21-\x7e]{8,200}$/.test(credential.reveal())) throw unusable('the credential is not one');
  const { clock, exchange = overHttp } = world;
  return { connection, url: urlOf(connection), credential, exchange, now: () => clock.now() };
}

/** The shop's own host, or a simulator on this machine in test mode. */
function urlOf({ settings, mode }: Connection): string {
  const path = `/admin/api/${apiVersion}/graphql.json`;
  const { shop = '', baseUrl } = settings;
  if (!shopForm.test(shop)) throw unusable('settings.shop is not the name of a shop, like name.myshopify.com');
  if (baseUrl === undefined) return `https://${shop}${path}`;
  if (!leadsHere(baseUrl) || mode !== 'test') throw unusable('the base URL is not one for a credential');
  return `${baseUrl.replace(/\/+$/, '')}${path}`;
}

const unusable = (why: string) => new Unavailable('connections', new Error(why));

export interface Asking {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly limitMs: number;
  readonly latestStart?: Instant;
}

/** `data` is there and no error stands beside it. Anything else says nothing about the shop: partial data is not an answer. */
export type Data = { readonly is: 'data'; readonly data: Readonly<Record<string, unknown>> } | Silent;
export interface Silent {
  readonly is: 'silent';
  readonly why: string;
  /** The request surely had no effect. */
  readonly harmless: boolean;
}

/** One request. Nothing is repeated here. */
export async function ask(shop: Shop, asking: Asking): Promise<Data> {
  const { query, variables, limitMs, latestStart } = asking;
  const answer = await shop.exchange({
    url: shop.url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-shopify-access-token': shop.credential.reveal(),
    },
    body: JSON.stringify({ query, variables }),
    limitMs,
    mayStart: () => latestStart === undefined || shop.now() <= latestStart,
  });
  return dataOf(answer);
}

const body = z.object({
  data: z.nullish(z.record(z.string(), z.unknown())),
  errors: z.optional(z.unknown()),
});

function dataOf(answer: Answer): Data {
  if (answer.is === 'none') return { is: 'silent', why: answer.why, harmless: answer.why === 'not-started' };
  if (answer.status !== 200) return { is: 'silent', why: `status-${answer.status}`, harmless: answer.status === 429 };
  const json = readJson(answer.body);
  const read = json.ok ? body.safeParse(json.value) : undefined;
  if (read?.success !== true) return { is: 'silent', why: 'unreadable', harmless: false };
  const { errors, data } = read.data;
  if (errors !== undefined) return refusal(errors);
  return data == null ? { is: 'silent', why: 'no-data', harmless: false } : { is: 'data', data };
}

/** https://shopify.dev/docs/api/usage/limits: a throttled query is answered with success and an error whose code is THROTTLED. */
function refusal(errors: unknown): Silent {
  const first = asObject(Array.isArray(errors) ? errors[0] : undefined);
  const code = asObject(first?.extensions)?.code;
  const throttled = code === 'THROTTLED';
  return { is: 'silent', why: throttled ? 'throttled' : 'errors', harmless: throttled };
}
