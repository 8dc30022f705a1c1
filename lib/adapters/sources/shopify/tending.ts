import type { Connection } from '../../../app/ports/connections.ts';
import type { Change, Changes, Missing, Subscribed, Tending } from '../../../app/ports/source.ts';
import { dayMs, type Instant, instant, iso, plus } from '../../../domain/time.ts';
import { ask, type Shop } from './graphql.ts';
import { givenUpAfterMs, searchLagMs, topics } from './manifest.ts';
import { refundAlone } from './read.ts';
import {
  type ChangedOrder,
  changesQuery,
  changesShape,
  mostRefunds,
  subscribeMutation,
  subscribeShape,
  subscriptionsQuery,
  subscriptionsShape,
} from './tend-queries.ts';

/** Of a connection whose `settings.webhookAddress` says where its webhooks go; without it nobody knows what to look for. */
export function tendingOf(shop: Shop): Tending | undefined {
  const address = addressOf(shop.connection);
  if (address === undefined) return undefined;
  return {
    reachBackMs: givenUpAfterMs + searchLagMs,
    missing: ({ limitMs }) => missing(shop, address, limitMs),
    subscribe: ({ topic, limitMs }) => subscribe(shop, address, topic, limitMs),
    changes: (query) => changes(shop, query),
  };
}

type Address = { readonly is: 'address'; readonly url: string } | { readonly is: 'wrong' };

/** What Shopify delivers to: https, and on this machine in test mode anything. A wrong one can't be looked for, and is no reason to stop paying. */
function addressOf({ settings, mode }: Connection): Address | undefined {
  const { webhookAddress: text } = settings;
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const here = mode === 'test' && url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
  const fits = (url?.protocol === 'https:' || here) && url?.username === '' && url.hash === '';
  return url !== undefined && fits ? { is: 'address', url: url.href } : { is: 'wrong' };
}

const wrongAddress = { is: 'cannot-tell', why: 'webhook-address' } as const;

/** `returns/process` is `RETURNS_PROCESS` in the API. */
const inTheApi = (topic: string): string => topic.replace('/', '_').toUpperCase();

/** One with a filter, or with less than the whole body, is not what we subscribed to. */
async function missing(shop: Shop, address: Address, limitMs: number): Promise<Missing> {
  if (address.is === 'wrong') return wrongAddress;
  const answer = await ask(shop, {
    query: subscriptionsQuery,
    variables: { topics: topics.map(inTheApi) },
    limitMs,
  });
  if (answer.is === 'silent') return { is: 'cannot-tell', why: answer.why };
  const read = subscriptionsShape.safeParse(answer.data.webhookSubscriptions);
  if (!read.success) return { is: 'cannot-tell', why: 'unreadable' };
  const { nodes, pageInfo } = read.data;
  if (pageInfo.hasNextPage) return { is: 'cannot-tell', why: 'too-many' };
  const there = nodes.filter(
    ({ uri, format, filter, includeFields }) =>
      sameUrl(uri, address.url) && format === 'JSON' && (filter ?? '') === '' && includeFields.length === 0,
  );
  return { is: 'missing', topics: topics.filter((topic) => !there.some((one) => one.topic === inTheApi(topic))) };
}

const sameUrl = (one: string, other: string): boolean => URL.canParse(one) && new URL(one).href === other;

async function subscribe(shop: Shop, address: Address, topic: string, limitMs: number): Promise<Subscribed> {
  if (address.is === 'wrong') return { is: 'refused', code: wrongAddress.why };
  const answer = await ask(shop, {
    query: subscribeMutation,
    variables: { topic: inTheApi(topic), subscription: { uri: address.url, format: 'JSON' } },
    limitMs,
  });
  if (answer.is === 'silent') return { is: 'unknown', why: answer.why };
  const read = subscribeShape.safeParse(answer.data.webhookSubscriptionCreate);
  if (!read.success) return { is: 'unknown', why: 'unreadable' };
  if (read.data.userErrors.length > 0) return { is: 'refused', code: 'refused-by-shop' };
  return read.data.webhookSubscription === null ? { is: 'unknown', why: 'no-subscription' } : { is: 'subscribed' };
}

/**
 * Whether an order's `updatedAt` moves when only a return of it changes is not documented: orders with a return are asked for whatever
 * their time, those whose return is over only if they are not older than returns usually are.
 */
const searchFor = (since: Instant): string =>
  [
    `updated_at:>='${whole(since)}'`,
    ...['return_requested', 'in_progress', 'inspection_complete', 'return_failed'].map((is) => `return_status:${is}`),
    `(return_status:returned created_at:>='${whole(plus(since, -returnedWithinMs))}')`,
  ].join(' OR ');

/** In whole seconds. */
const whole = (at: Instant): string => `${iso(at).slice(0, 19)}Z`;

const returnedWithinMs = 90 * dayMs;

async function changes(shop: Shop, query: Parameters<Tending['changes']>[0]): Promise<Changes> {
  const { since, cursor, limitMs } = query;
  const answer = await ask(shop, {
    query: changesQuery,
    variables: { query: searchFor(since), after: cursor ?? null },
    limitMs,
  });
  if (answer.is === 'silent') {
    return cursor !== undefined && answer.why === 'errors'
      ? { is: 'start-over' }
      : { is: 'cannot-tell', why: answer.why };
  }
  const read = changesShape.safeParse(answer.data.orders);
  if (!read.success) return { is: 'cannot-tell', why: 'unreadable' };
  const { nodes, pageInfo } = read.data;
  if (pageInfo.hasNextPage && pageInfo.endCursor === null) return { is: 'cannot-tell', why: 'no-cursor' };
  return {
    is: 'page',
    changes: nodes.flatMap((order) => changesOf(order, since)),
    unread: nodes
      .filter(({ returns, refunds }) => returns.pageInfo.hasNextPage || refunds.length >= mostRefunds)
      .map((order) => order.id),
    ...(pageInfo.hasNextPage && { next: pageInfo.endCursor ?? '' }),
  };
}

const at = (text: string): Instant => instant(Date.parse(text));

/**
 * Of an order that changed since then: its refund records from since then, and its returns, but those that were over before. What is
 * older must not be dragged up because somebody edited its order: it may have been paid before anybody here heard of the shop.
 */
function changesOf(order: ChangedOrder, since: Instant): Change[] {
  const changedAt = at(order.updatedAt);
  const isNew = (time: string | null) => time !== null && at(time) >= since;
  const records = order.refunds.filter(({ createdAt, updatedAt }) => isNew(createdAt ?? updatedAt));
  const returns = order.returns.nodes.filter(
    ({ id, status, ...times }) =>
      status !== 'CLOSED' ||
      [times.createdAt, times.requestApprovedAt, times.closedAt].some(isNew) ||
      records.some((record) => record.return?.id === id),
  );
  return [
    ...returns.map(
      ({ id, createdAt }): Change => ({
        subject: { return: id, is: 'return', id },
        createdAt: at(createdAt),
        changedAt,
      }),
    ),
    // What belongs to a return is only ever counted there.
    ...records
      .filter((record) => record.return === null)
      .map(
        ({ id, createdAt, updatedAt }): Change => ({
          subject: { return: refundAlone(id), is: 'refund', id },
          createdAt: at(createdAt ?? updatedAt),
          changedAt,
        }),
      ),
  ];
}
