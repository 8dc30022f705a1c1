import { instant, iso } from '../../../domain/time.ts';
import { json, quiet, type Reply } from './simulator-reply.ts';
import {
  gid,
  inTheApi,
  nextNumber,
  type ShopState,
  type SimulatedOrder,
  type SimulatedReturn,
} from './simulator-state.ts';

/** Subscriptions of the simulated shop, and the search for orders that changed. */

type Variables = Readonly<Record<string, unknown>>;

export function listSubscriptions(state: ShopState, variables: Variables): Reply {
  const { topics } = variables as { topics: string[] | null };
  const nodes = state.subscriptions
    .filter(({ topic }) => topics?.includes(topic) ?? true)
    .map(({ topic, uri, format }) => ({ topic, uri, format, filter: null, includeFields: [] }));
  return data({ webhookSubscriptions: { nodes, pageInfo: { hasNextPage: false } } });
}

export function createSubscription(state: ShopState, variables: Variables): Reply {
  const { topic, subscription } = variables as { topic: string; subscription: { uri: string; format?: string } };
  const refused = (field: string[] | null, message: string): Reply =>
    data({ webhookSubscriptionCreate: { webhookSubscription: null, userErrors: [{ field, message }] } });
  if (state.forbidden.includes(topic)) return refused(null, 'You do not have permission to subscribe to this topic');
  if (state.subscriptions.some((one) => one.topic === topic && one.uri === subscription.uri))
    return refused(['webhookSubscription', 'uri'], 'Address for this topic has already been taken');
  const { uri, format = 'JSON' } = subscription;
  const id = nextNumber(state);
  state.subscriptions = [...state.subscriptions, { id, topic, uri, format }];
  const webhookSubscription = { id: gid('WebhookSubscription', id) };
  return { ...data({ webhookSubscriptionCreate: { webhookSubscription, userErrors: [] } }), effect: true };
}

/** `{drop?: topics, forbid?: topics}`, `returns/process` and the like: what the shop does to the app. Answers what is left. */
export function changeSubscriptions(state: ShopState, body: Variables): object {
  const listed = (value: unknown) => (Array.isArray(value) ? value.map((topic) => inTheApi(String(topic))) : undefined);
  const drop = listed(body.drop) ?? [];
  state.subscriptions = state.subscriptions.filter(({ topic }) => !drop.includes(topic));
  state.forbidden = listed(body.forbid) ?? state.forbidden;
  return { subscriptions: state.subscriptions };
}

/** As far as our one search goes: terms with OR between them, parts of a term all hold. */
export function searchOrders(state: ShopState, query: string, variables: Variables): Reply {
  const { query: search, after } = variables as { query: string; after: string | null };
  const terms = search.split(' OR ').map((term) => term.replace(/^\(|\)$/g, '').split(' '));
  const unknown = terms.flat().some((part) => !/^(?:updated_at:>=|created_at:>=|return_status:)\S+$/.test(part));
  const place = after === null ? undefined : /^(\d+)-(\d+)$/.exec(after);
  if (unknown || place === null) return quiet(json(200, { errors: [{ message: 'Invalid search or cursor' }] }));
  const size = (field: string) => Number(new RegExp(`${field}\\(first: (\\d+)`).exec(query)?.[1]);
  const found = state.orders
    .filter((order) => terms.some((term) => term.every((part) => holds(state, order, part))))
    .sort((a, b) => a.updatedAtMs - b.updatedAtMs || a.id - b.id)
    .filter(({ updatedAtMs, id }) => {
      if (place === undefined) return true;
      const [ms, last] = [Number(place[1]), Number(place[2])];
      return updatedAtMs > ms || (updatedAtMs === ms && id > last);
    });
  const page = found.slice(0, size('orders'));
  const last = page.at(-1);
  return data({
    orders: {
      nodes: page.map((order) => changedOrder(state, order, size('returns'), size('refunds'))),
      pageInfo: {
        hasNextPage: found.length > page.length,
        endCursor: last === undefined ? null : `${last.updatedAtMs}-${last.id}`,
      },
    },
  });
}

function holds(state: ShopState, order: SimulatedOrder, part: string): boolean {
  const status = /^return_status:(\w+)$/.exec(part)?.[1];
  if (status !== undefined) return statusOf(state, order) === status;
  const time = /^(updated|created)_at:>='(.+)'$/.exec(part);
  return (time?.[1] === 'created' ? order.createdAtMs : order.updatedAtMs) >= Date.parse(time?.[2] ?? '');
}

/** https://shopify.dev/docs/api/admin-graphql/2026-10/enums/OrderReturnStatus; the first of an order's returns that says something. */
function statusOf(state: ShopState, { id }: SimulatedOrder): string {
  const of = (return_: SimulatedReturn): string | undefined => {
    if (return_.status === 'REQUESTED') return 'return_requested';
    if (return_.status === 'CLOSED') return 'returned';
    if (return_.status !== 'OPEN') return undefined;
    return return_.lines.every((line) => line.processed >= line.quantity) ? 'returned' : 'in_progress';
  };
  return state.returns.filter(({ order }) => order === id).flatMap((one) => of(one) ?? [])[0] ?? 'no_return';
}

const time = (ms: number | null): string | null => (ms === null ? null : iso(instant(ms)));

function changedOrder(state: ShopState, order: SimulatedOrder, mostReturns: number, mostRefunds: number) {
  const returns = state.returns.filter((one) => one.order === order.id).reverse();
  const refunds = state.refunds.filter((one) => one.order === order.id);
  return {
    id: gid('Order', order.id),
    updatedAt: time(order.updatedAtMs),
    returns: {
      nodes: returns.slice(0, mostReturns).map((one) => ({
        id: gid('Return', one.id),
        status: one.status,
        createdAt: time(one.createdAtMs),
        requestApprovedAt: time(one.approvedAtMs),
        closedAt: time(one.closedAtMs),
      })),
      pageInfo: { hasNextPage: returns.length > mostReturns },
    },
    refunds: refunds.slice(0, mostRefunds).map((one) => ({
      id: gid('Refund', one.id),
      createdAt: time(one.createdAtMs),
      updatedAt: time(one.createdAtMs),
      return: one.return === null ? null : { id: gid('Return', one.return) },
    })),
  };
}

const data = (value: object): Reply => quiet(json(200, { data: value }));
