import type { Secret } from '../../../app/ports/connections.ts';
import { toldReferencesIn } from '../../../domain/refund/key.ts';
import type { Instant } from '../../../domain/time.ts';
import type { Chance, SimRefund, SimRequest, SimStep, Simulator } from '../../kit/simulator.ts';
import { apiVersion } from './manifest.ts';
import { sign } from './sign.ts';
import { announced, toDeliver } from './simulator-announce.ts';
import { refundAnswer, returnAnswer, returnsOf } from './simulator-answers.ts';
import { broken, json, quiet, type Reply, throttled } from './simulator-reply.ts';
import { type Done, seedOrder, seedRefund, seedReturn } from './simulator-seeds.ts';
import {
  emptyShop,
  gid,
  nextNumber,
  numberOf,
  orderOf,
  type ShopState,
  type SimulatedRefund,
} from './simulator-state.ts';
import { quote, recordsOf, tell } from './simulator-tell.ts';
import { changeSubscriptions, createSubscription, listSubscriptions, searchOrders } from './simulator-tend.ts';

export interface ShopSimulatorOptions {
  /** Where it stopped; a new shop without it. It is changed in place. */
  readonly state?: ShopState;
  readonly shop: string;
  readonly credential: Secret;
  readonly webhookSecret: Secret;
  readonly chance: Chance;
  /** Where its webhooks go: it is subscribed to everything there, and knows of no other place to deliver to. */
  readonly address?: string;
}

export interface ShopSimulator extends Simulator {
  readonly state: ShopState;
}

/**
 * One shop: orders, returns and refund records, the queries that our client sends, and webhooks. `POST /staff/orders`,
 * `…/returns` and `…/refunds` are what its staff does, `…/subscriptions` what the shop does to what we subscribed to; they are requests
 * like any other, so that a log of requests is its whole truth.
 */
export function shopSimulator(options: ShopSimulatorOptions): ShopSimulator {
  const state = options.state ?? emptyShop(options.address ?? 'https://redress.example/webhooks/returns/shopify-demo');
  const handle = (request: SimRequest, now: Instant): SimStep => step(options, state, request, now);
  return {
    state,
    handle,
    begin: (request, now) => ({ is: 'done', step: handle(request, now) }),
    complete: () => {
      throw new Error('a shop executes at once');
    },
    advance: () => [],
    nextAt: () => undefined,
    sign: ({ id, body }) => ({
      ...sign(body, options.webhookSecret),
      'x-shopify-topic': id.split('#')[0] ?? '',
      'x-shopify-shop-domain': options.shop,
      'x-shopify-api-version': apiVersion,
      'x-shopify-webhook-id': id,
    }),
    seedPayment: () => ({ is: 'refused', problem: 'is no payment gateway' }),
    refunds: () => state.refunds.map((refund) => truthOf(state, refund)),
    calls: () => state.calls,
    setFaults(faults) {
      state.faults = faults;
    },
  };
}

const truthOf = (state: ShopState, refund: SimulatedRefund): SimRefund => ({
  id: gid('Refund', refund.id),
  payment: gid('Order', refund.order),
  amountMinor: refund.moved,
  currency: orderOf(state, refund.order)?.currency ?? '',
  status: refund.status === 'PENDING' ? 'pending' : refund.status === 'FAILURE' ? 'failed' : 'succeeded',
  reference: toldReferencesIn(refund.note ?? '')[0] ?? null,
  key: refund.key,
});

function step(options: ShopSimulatorOptions, state: ShopState, request: SimRequest, now: Instant): SimStep {
  if (request.path.startsWith('/staff/')) return staff(options, state, request, now);
  const { faults } = state;
  const label = `call ${nextNumber(state)}`;
  const draw = (what: string) => options.chance(`${label} ${what}`);
  const asked = parse(request.body);
  const operation = /(?:query|mutation) (\w+)/.exec(String(asked.query ?? ''))?.[1] ?? '';
  state.calls.push({ method: request.method, path: `${request.path}#${operation}`, key: keyOf(asked) });
  const delayed = { delayMs: faults.delayMs };
  if (faults.down) return { ...delayed, reply: 'lost', webhooks: [] };
  if (draw('limit') < faults.rateLimit) return { ...delayed, reply: throttled, webhooks: [] };
  const fails = draw('error') < faults.errorRate;
  if (fails && draw('when') < 0.5) return { ...delayed, reply: broken, webhooks: [] };
  const done = execute(options, state, request, { asked, operation, now });
  const webhooks = toDeliver(state, done.webhooks, options.chance);
  if (fails) return { ...delayed, reply: broken, webhooks };
  if (done.effect && faults.lostReplies > 0) {
    state.faults = { ...faults, lostReplies: faults.lostReplies - 1 };
    return { ...delayed, reply: 'lost', webhooks };
  }
  return { ...delayed, reply: done.reply, webhooks };
}

interface Operation {
  readonly asked: Readonly<Record<string, unknown>>;
  readonly operation: string;
  readonly now: Instant;
}

function execute(options: ShopSimulatorOptions, state: ShopState, request: SimRequest, of: Operation): Reply {
  if (request.method !== 'POST' || request.path !== `/admin/api/${apiVersion}/graphql.json`)
    return quiet(json(404, {}));
  if (request.headers['x-shopify-access-token'] !== options.credential.reveal())
    return quiet(json(401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }));
  const variables = (of.asked.variables ?? {}) as Record<string, unknown>;
  const id = numberOf(String(variables.id ?? ''));
  const data = (value: object) => quiet(json(200, { data: value }));
  const found = state.returns.find((one) => one.id === id);
  switch (of.operation) {
    case 'RedressReturn':
      return data({ return: found === undefined ? null : returnAnswer(state, found) });
    case 'RedressRefund': {
      const refund = state.refunds.find((one) => one.id === id);
      return data({ refund: refund === undefined ? null : refundAnswer(state, refund) });
    }
    case 'RedressTold': {
      if (found === undefined) return data({ return: null });
      const refunds = recordsOf(state, found.order);
      return data({ return: { id: variables.id, order: { id: gid('Order', found.order), refunds } } });
    }
    case 'RedressBeside':
      return data({ order: { id: variables.id, returns: returnsOf(state, id) } });
    case 'RedressQuote':
      return data({ order: quote(state, id, variables.lines, of.now) });
    case 'RedressTell':
      return tell(state, variables, of.now);
    case 'RedressSubscriptions':
      return listSubscriptions(state, variables);
    case 'RedressSubscribe':
      return createSubscription(state, variables);
    case 'RedressChanges':
      return searchOrders(state, String(of.asked.query), variables);
    default:
      return quiet(json(200, { errors: [{ message: 'not a query of ours' }] }));
  }
}

/** What staff does in the shop's own pages. */
function staff(options: ShopSimulatorOptions, state: ShopState, request: SimRequest, now: Instant): SimStep {
  const body = parse(request.body);
  if (request.method === 'POST' && request.path === '/staff/subscriptions')
    return { reply: json(201, changeSubscriptions(state, body)), delayMs: 0, webhooks: [] };
  const done = seedOf(state, request, body, now);
  if (done === undefined)
    return { reply: json(404, { problem: 'there is no such admin path' }), delayMs: 0, webhooks: [] };
  if (done.is === 'refused') return { reply: json(400, { problem: done.problem }), delayMs: 0, webhooks: [] };
  const webhooks = body.silent === true ? [] : announced(state, done);
  return { reply: json(201, done), delayMs: 0, webhooks: toDeliver(state, webhooks, options.chance) };
}

function seedOf(
  state: ShopState,
  request: SimRequest,
  body: Readonly<Record<string, unknown>>,
  now: Instant,
): Done | undefined {
  if (request.method !== 'POST') return undefined;
  if (request.path === '/staff/orders') return seedOrder(state, body, now);
  if (request.path === '/staff/returns') return seedReturn(state, body, now);
  return request.path === '/staff/refunds' ? seedRefund(state, body, now) : undefined;
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(body) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

const keyOf = (asked: Readonly<Record<string, unknown>>): string | null => {
  const key = (asked.variables as Record<string, unknown> | undefined)?.key;
  return typeof key === 'string' ? key : null;
};
