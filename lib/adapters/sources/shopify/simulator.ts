import type { Secret } from '../../../app/ports/connections.ts';
import { toldReferencesIn } from '../../../domain/refund/key.ts';
import { hour, type Instant } from '../../../domain/time.ts';
import type {
  Chance,
  SimRefund,
  SimRequest,
  SimResponse,
  SimStep,
  Simulator,
  SimWebhook,
} from '../../kit/simulator.ts';
import { apiVersion } from './manifest.ts';
import { sign } from './sign.ts';
import { refundAnswer, refundBody, returnAnswer, returnBody } from './simulator-answers.ts';
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

export interface ShopSimulatorOptions {
  /** Where it stopped; a new shop without it. It is changed in place. */
  readonly state?: ShopState;
  readonly shop: string;
  readonly credential: Secret;
  readonly webhookSecret: Secret;
  readonly chance: Chance;
}

export interface ShopSimulator extends Simulator {
  readonly state: ShopState;
}

type Reply = { readonly reply: SimResponse; readonly webhooks: readonly SimWebhook[]; readonly effect: boolean };

/**
 * One shop: orders, returns and refund records, the queries that our client sends, and webhooks. `POST /staff/orders`,
 * `…/returns` and `…/refunds` are what its staff does; they are requests like any other, so that a log of requests is its whole truth.
 */
export function shopSimulator(options: ShopSimulatorOptions): ShopSimulator {
  const state = options.state ?? emptyShop();
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
  if (request.path.startsWith('/staff/')) return staff(options, state, request);
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
    case 'RedressQuote':
      return data({ order: quote(state, id, variables.lines) });
    case 'RedressTell':
      return tell(state, variables, of.now);
    default:
      return quiet(json(200, { errors: [{ message: 'not a query of ours' }] }));
  }
}

const recordsOf = (state: ShopState, order: number) =>
  state.refunds
    .filter((one) => one.order === order)
    .map(({ id, note, return: of }) => ({ id: gid('Refund', id), note, return: of && { id: gid('Return', of) } }));

function quote(state: ShopState, id: number, lines: unknown): object | null {
  const order = orderOf(state, id);
  if (order === undefined) return null;
  const asked = (lines as { lineItemId: string; quantity: number }[]).map(({ lineItemId, quantity }) => ({
    id: numberOf(lineItemId),
    quantity,
  }));
  const refunds = recordsOf(state, id);
  const refund = seedRefund(state, { order: id, lines: asked }, true);
  if (refund.is === 'refused') return { refunds, suggestedRefund: null };
  const own = refund.refund.lines.reduce((all, line) => all + line.price + (order.taxesIncluded ? 0 : line.tax), 0);
  const total = order.suggests ?? own;
  const amount = refundAnswer(state, { ...refund.refund, lines: [], shipping: { amount: total, tax: 0 } });
  return { refunds, suggestedRefund: { amountSet: amount?.refundShippingLines.nodes[0]?.subtotalAmountSet } };
}

/** How long a key is kept: https://shopify.dev/docs/api/usage/idempotent-requests. */
const keptMs = 24 * hour;

function tell(state: ShopState, variables: Record<string, unknown>, now: Instant): Reply {
  const answer = (refund: number | null, ...messages: string[]) =>
    json(200, {
      data: {
        refundCreate: {
          refund: refund === null ? null : { id: gid('Refund', refund) },
          userErrors: messages.map((message) => ({ field: null, message })),
        },
      },
    });
  const key = String(variables.key ?? '');
  if (key.trim() === '') return quiet(json(200, { errors: [{ message: 'an idempotency key is required' }] }));
  const fingerprint = JSON.stringify(variables.input);
  const known = state.keys[`key:${key}`];
  if (known !== undefined && now - known.atMs < keptMs) {
    if (known.fingerprint !== fingerprint)
      return quiet(answer(null, 'The same idempotency key was used with different parameters'));
    return quiet(answer(known.refund));
  }
  const input = variables.input as {
    orderId: string;
    note?: string;
    refundLineItems?: { lineItemId: string; quantity: number }[];
    shipping?: { amount?: string };
  };
  const lines = (input.refundLineItems ?? []).map(({ lineItemId, quantity }) => ({
    id: numberOf(lineItemId),
    quantity,
  }));
  const made = seedRefund(state, { order: numberOf(input.orderId), lines, note: input.note ?? null, key });
  if (made.is === 'refused') return quiet(answer(null, made.problem));
  state.keys[`key:${key}`] = { fingerprint, atMs: now, refund: made.refund.id };
  return { reply: answer(made.refund.id), webhooks: announced(state, made), effect: true };
}

/** What staff does in the shop's own pages. */
function staff(options: ShopSimulatorOptions, state: ShopState, request: SimRequest): SimStep {
  const body = parse(request.body);
  const done = seedOf(state, request, body);
  if (done === undefined)
    return { reply: json(404, { problem: 'there is no such admin path' }), delayMs: 0, webhooks: [] };
  if (done.is === 'refused') return { reply: json(400, { problem: done.problem }), delayMs: 0, webhooks: [] };
  const webhooks = body.silent === true ? [] : announced(state, done);
  return { reply: json(201, done), delayMs: 0, webhooks: toDeliver(state, webhooks, options.chance) };
}

function seedOf(state: ShopState, request: SimRequest, body: Readonly<Record<string, unknown>>): Done | undefined {
  if (request.method !== 'POST') return undefined;
  if (request.path === '/staff/orders') return seedOrder(state, body);
  if (request.path === '/staff/returns') return seedReturn(state, body);
  return request.path === '/staff/refunds' ? seedRefund(state, body) : undefined;
}

function announced(state: ShopState, done: Done): SimWebhook[] {
  const webhook = (topic: string, body: string) => [{ id: `${topic}#${nextNumber(state)}`, body, delayMs: 0 }];
  if (done.is === 'refund') return webhook('refunds/create', refundBody(state, done.refund));
  if (done.is === 'return') return webhook(`returns/${done.topic}`, returnBody(done.return));
  return [];
}

function toDeliver(state: ShopState, webhooks: readonly SimWebhook[], chance: Chance): SimWebhook[] {
  const { dropWebhooks, duplicateWebhooks, reorderWebhooks } = state.faults;
  return webhooks.flatMap((webhook) => {
    if (chance(`${webhook.id} drop`) < dropWebhooks) return [];
    const delayMs = chance(`${webhook.id} late`) < reorderWebhooks ? 5000 : 0;
    const once = { ...webhook, delayMs };
    return chance(`${webhook.id} twice`) < duplicateWebhooks ? [once, once] : [once];
  });
}

const json = (status: number, value: object): SimResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const quiet = (reply: SimResponse): Reply => ({ reply, webhooks: [], effect: false });
const broken = json(500, { errors: 'Internal Server Error' });
const throttled = json(200, {
  errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
  extensions: { cost: { requestedQueryCost: 100, throttleStatus: { currentlyAvailable: 0, restoreRate: 100 } } },
});

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
