import { onTestFinished } from 'vitest';
import { openGateways } from '../../lib/adapters/gateways/open.ts';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import { hmacHex, sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import type { PlainConnection, PlainConnections } from '../../lib/adapters/kit/plain-connections.ts';
import {
  type Faults,
  noFaults,
  type SimDisputing,
  type SimMove,
  type SimPayment,
  type SimRefund,
  type SimWebhook,
} from '../../lib/adapters/kit/simulator.ts';
import { memoryConnections } from '../../lib/adapters/memory/connections.ts';
import { memoryLog } from '../../lib/adapters/memory/log.ts';
import { memoryQueues } from '../../lib/adapters/memory/queues.ts';
import { memoryTable, type TableCall } from '../../lib/adapters/memory/table.ts';
import { memoryVault } from '../../lib/adapters/memory/vault.ts';
import { seededIds, settableClock } from '../../lib/adapters/memory/world.ts';
import { readers } from '../../lib/adapters/readers.ts';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { openSources } from '../../lib/adapters/sources/open.ts';
import { isAsked } from '../../lib/adapters/sources/open-tended.ts';
import { accountGate, type Gate } from '../../lib/app/account-gate.ts';
import { assessWork } from '../../lib/app/assess.ts';
import { blindIndex } from '../../lib/app/blind.ts';
import { switches } from '../../lib/app/control.ts';
import { openDoor } from '../../lib/app/door.ts';
import { type Ended, endRestore } from '../../lib/app/end-restore.ts';
import { evidenceBundle } from '../../lib/app/evidence-bundle.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { find } from '../../lib/app/find.ts';
import { dueOf, dueShard, dueShards } from '../../lib/app/heads.ts';
import { notifyWork } from '../../lib/app/notify.ts';
import { approveRefund, denyRefund, switchAccount, switchSending } from '../../lib/app/operate.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import type { Gateway } from '../../lib/app/ports/gateway.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import type { Clock } from '../../lib/app/ports/world.ts';
import { type Received, receive } from '../../lib/app/receive.ts';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { reconcileWork } from '../../lib/app/reconcile.ts';
import { relay } from '../../lib/app/relay.ts';
import { beginRestore, reconcileRestore, restoreOf } from '../../lib/app/restore.ts';
import { listRefunds, refundHistory, type ShownRefund, showRefund } from '../../lib/app/show.ts';
import { sweep } from '../../lib/app/sweep.ts';
import { tend } from '../../lib/app/tend.ts';
import { unlimited, type Velocity, type VelocityLimits, velocity } from '../../lib/app/velocity.ts';
import { embeddedFlood, type FloodLimits } from '../../lib/domain/flood.ts';
import { correlationId, type MerchantId, parseConnection, parseMerchant, parseRefundId } from '../../lib/domain/ids.ts';
import type { RefundEvent } from '../../lib/domain/refund/event.ts';
import { readKey } from '../../lib/domain/refund/key.ts';
import type { Work } from '../../lib/domain/refund/work.ts';
import { embedded, production } from '../../lib/domain/tempo.ts';
import { earlier, type Instant, instant, later as latest, plus } from '../../lib/domain/time.ts';
import { audit } from './audit.ts';
import { type NetworkTrouble, stripeBehindNetwork } from './network.ts';
import { bodyOf, type Returned } from './returned.ts';
import { schedule } from './schedule.ts';
import { Gone, mortal, type TableTrouble, troubledTable } from './trouble.ts';
import { type ShopOptions, shopBehindNetwork, shopConnection, shopify } from './world-shop.ts';

/**
 * The whole engine over memory twins and a simulated Stripe, in virtual time: one webhook end to end in milliseconds. Whatever a test
 * does to a world, its books are audited when the test ends.
 */

export const merchant = must(parseMerchant('demo'));
export const shop = must(parseConnection('generic-demo'));
export const stripe = must(parseConnection('stripe-demo'));
export const shopSecret = new Secret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
export const stripeSecret = new Secret('whsec_spine_stripe');
export const credential = new Secret('sk_test_spine');
const installation = 'spine';
/** How often a queue hands a message over, and how long it waits in between. */
const maxReceives = 5;
const visibilityMs = 5000;
const never = Number.POSITIVE_INFINITY;

export interface WorldOptions extends Omit<ShopOptions, 'seed'> {
  readonly seed?: string;
  /** The restore epoch of the deployment. */
  readonly restored?: number;
  /** The tempo of real gateways. */
  readonly slow?: boolean;
  /** Functions run side by side. */
  readonly crowd?: boolean;
  readonly pendingRate?: number;
  readonly laterMs?: number;
  readonly approvalLimit?: string;
  readonly flood?: FloodLimits;
  /** How much is approved in an hour without a person; as much as you like where it is left out. */
  readonly velocity?: VelocityLimits;
  /** Connections beside the two, or in their place where they have the same name. */
  readonly connections?: readonly PlainConnection[];
  /** Whether the store of connections is out of reach. */
  readonly secretsDown?: () => boolean;
  /** More merchants, each with a shop and an account of its own at the same Stripe, whose webhooks go to the first merchant only. */
  readonly neighbours?: readonly string[];
  /** Asked at each call to the store by a function, and at each request to Stripe. */
  readonly store?: (call: TableCall) => TableTrouble | undefined;
  readonly network?: (request: WireRequest) => NetworkTrouble | undefined;
  /** So long a worker lives: it is killed by the first answer that comes later. */
  readonly lifeMs?: number;
  /** The clock of the sweep is so much ahead of everybody else's. */
  readonly sweepAheadMs?: number;
}

export type World = ReturnType<typeof world>;

const audits: (() => Promise<void>)[] = [];

/** Audits every world there is, and lets go of them: when a test ends that made one, and between the runs of a test that makes thousands. */
export async function audited(): Promise<void> {
  for (const one of audits.splice(0)) await one();
}

export function world(options: WorldOptions = {}) {
  const seed = options.seed ?? 'spine';
  const neighbours = (options.neighbours ?? []).map((name) => must(parseMerchant(name)));
  const clock = settableClock(instant(Date.UTC(2026, 10, 21, 12)));
  const table = memoryTable();
  const queues = memoryQueues();
  const log = memoryLog();
  const { later, runDue, nextAt } = schedule(clock, options.crowd ?? false);
  const { die: dieNow, live } = mortal();
  /** What a process holds in memory is gone with it. */
  const die = () => {
    gate = accountGate(needs);
    limits = limitsOf();
    return dieNow();
  };
  const may = { relay: true, sweep: true, hints: 1 };
  /** When the function that runs is killed. */
  let endsAt: number = never;
  const hinted: Work[] = [];

  const deliver = (webhooks: readonly SimWebhook[]) => {
    for (const webhook of webhooks) later(webhook.delayMs, () => deliverOne(webhook));
  };
  const { simulator, exchange } = stripeBehindNetwork(
    { ...options, seed, credential, webhookSecret: stripeSecret },
    clock,
    {
      later,
      deliver: (step) => deliver(step.webhooks),
      die,
      troubleAt: (request) => {
        const trouble = options.network?.(request);
        return clock.now() > endsAt ? 'kill-after' : trouble;
      },
    },
  );

  const storefront = shopBehindNetwork({ ...options, seed }, clock, {
    later,
    deliver: (webhooks) => {
      for (const webhook of webhooks) later(webhook.delayMs, () => deliverShop(webhook));
    },
    die,
  });

  const plain: PlainConnections = {
    indexKey: { version: 'k1', key: 'blind-index-key-of-the-spine-world' },
    connections: [
      {
        name: shop,
        merchant,
        kind: 'source',
        platform: 'generic',
        mode: 'test',
        settings: {},
        verifySecrets: [shopSecret.reveal()],
      },
      {
        name: stripe,
        merchant,
        kind: 'gateway',
        platform: 'stripe',
        mode: 'test',
        settings: { baseUrl: 'http://127.0.0.1:1', ordersOf: '*' },
        verifySecrets: [stripeSecret.reveal()],
        credential: credential.reveal(),
      },
      shopConnection({ ...options, seed }, merchant),
      ...neighbours.flatMap(connectionsOf),
      // The last one of a name counts.
      ...(options.connections ?? []),
    ],
  };
  const connections = memoryConnections(plain, options.secretsDown);
  const needs = {
    table: troubledTable(table, (call) => options.store?.(call), die),
    queues,
    log,
    clock,
    ids: seededIds(seed),
    hash: sha256Hex,
    hashBytes: sha256Hex,
    door: openDoor(options.flood ?? embeddedFlood),
    recent: recentNotices(mostRecent),
    pause: async () => {},
    tempo: options.slow ? production : embedded,
    installation,
    restored: options.restored ?? 0,
    connections,
    readers,
    vault: memoryVault('spine'),
    blind: blindIndex(connections, hmacHex),
    gateways: openGateways(connections, { clock, exchange }),
    confirmed: new WeakSet<Gateway>(),
    sources: openSources(connections, { clock, exchange: storefront.exchange }),
    isAsked,
    policy: { version: 'test-1', approvalLimit: options.approvalLimit ?? '500.00' },
    remainingMs: () => (options.lifeMs === undefined ? 60_000 : endsAt - clock.now()),
    velocity: { allows: (of) => limits.allows(of) } satisfies Velocity as Velocity,
    gate: {
      enter: (...of) => gate.enter(...of),
      start: (...of) => gate.start(...of),
      leave: (...of) => gate.leave(...of),
    } satisfies Gate as Gate,
  };
  let gate = accountGate(needs);
  const limitsOf = (): Velocity => velocity(needs, options.velocity ?? unlimited);
  let limits: Velocity = limitsOf();

  table.onInsert((item) => {
    if (!may.relay) return;
    const stored = { number: Number(item.sk), body: String(item.body), digest: String(item.digest) };
    later(0, () => relay(needs, [{ is: 'inserted', stored }]));
  });

  const worker = { assess: assessWork, execute: executeWork, reconcile: reconcileWork, notify: notifyWork };
  /** One message, handed over until it is done or a dead letter. */
  const work = async (one: Work, receives = 1): Promise<void> => {
    endsAt = options.lifeMs === undefined ? endsAt : plus(clock.now(), options.lifeMs);
    const result = await live(() => worker[one.queue](needs, one)).catch(notNow);
    endsAt = never;
    if (result === 'busy' && receives < maxReceives) later(visibilityMs, () => work(one, receives + 1));
  };
  const takeHints = () => {
    for (const { work: one, delayMs } of queues.take()) {
      hinted.push(one);
      for (let copy = 0; copy < may.hints; copy += 1) later(delayMs, () => work(one));
    }
  };

  /** Another function environment, with a clock of its own or one that is so much ahead of the others'. */
  const environment = (by: number | Clock) => {
    const own = typeof by === 'number' ? { now: () => plus(clock.now(), by) } : by;
    const gateways = openGateways(connections, { clock: own, exchange });
    return { ...needs, clock: own, gateways, gate: accountGate({ ...needs, clock: own }) };
  };
  const correlation = () => correlationId(needs.ids.random());
  /** Raw bytes at one of the two doors. */
  const postTo = (
    kind: 'source' | 'gateway',
    body: string,
    headers: Readonly<Record<string, string>>,
    connection: string = kind === 'source' ? shop : stripe,
  ) => {
    const raw = { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } };
    return receive(needs, { kind, connection, raw, correlation: correlation() });
  };
  const postGateway = (body: string, headers: Readonly<Record<string, string>>) => postTo('gateway', body, headers);
  const deliverOne = async (webhook: SimWebhook): Promise<void> => {
    const received = await live(() => postGateway(webhook.body, simulator.sign(webhook, clock.now()))).catch(notNow);
    if (received === 'busy' || received.is === 'fault') later(5000, () => deliverOne(webhook));
  };

  /** Raw bytes from a Shopify shop. */
  const postShop = (body: string, headers: Readonly<Record<string, string>>) => {
    const raw = { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } };
    return receive(needs, { kind: 'source', connection: shopify, raw, correlation: correlation() });
  };
  const shopWebhooks: { body: string; headers: Readonly<Record<string, string>> }[] = [];
  const deliverShop = async (webhook: SimWebhook): Promise<void> => {
    const headers = storefront.simulator.sign(webhook, clock.now());
    shopWebhooks.push({ body: webhook.body, headers });
    const received = await live(() => postShop(webhook.body, headers)).catch(notNow);
    if (received === 'busy' || received.is === 'fault') later(5000, () => deliverShop(webhook));
  };

  /** When the sweep next has something to ask for. */
  let lastSweep = clock.now();
  const nextSweep = async (): Promise<Instant | undefined> => {
    let first: Instant | undefined;
    for (let shard = 0; shard < dueShards && may.sweep; shard += 1) {
      const { items } = await table.index('due', { pk: dueShard(shard), limit: 1 });
      const at = dueOf(items[0]);
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first && latest(first, plus(lastSweep, needs.tempo.sweepEveryMs));
  };
  /** One thing that is due, or the next instant at which something is. False when there is none before `until`. */
  const step = async (until: Instant): Promise<boolean> => {
    takeHints();
    deliver(simulator.advance(clock.now()));
    if (await runDue()) return true;
    const sweepAt = await nextSweep();
    if (sweepAt !== undefined && sweepAt <= clock.now()) {
      lastSweep = clock.now();
      const ahead = plus(clock.now(), options.sweepAheadMs ?? 0);
      await live(() => sweep({ ...needs, clock: { now: () => ahead } })).catch(notNow);
      return true;
    }
    const next = [nextAt(), simulator.nextAt(), sweepAt].reduce<Instant>(
      (a, b) => (b === undefined ? a : earlier(a, b)),
      until,
    );
    if (next >= until) return false;
    clock.set(next);
    return true;
  };

  let deliveries = 0;
  const nextDelivery = () => `msg_${++deliveries}`;
  const postSigned = (text: string, id: string, at = clock.now(), secret = shopSecret): Promise<Received> =>
    postTo('source', text, sign(text, { secret, id, at }));
  /** Posts a signed return; a delivery id of its own unless one is given. */
  const post = (of: Returned, id = nextDelivery(), signedAt = clock.now()): Promise<Received> =>
    postSigned(bodyOf(of, stripe), id, signedAt);
  /** The same as a shop does it: again until it is answered. */
  const send = (of: Returned, id = nextDelivery()): void =>
    later(0, async () => {
      const received = await live(() => post(of, id)).catch(notNow);
      if (received === 'busy') later(5000, () => send(of, id));
    });

  const person = (id = 'dev-approver') => ({ id, merchant, correlation: correlation() });
  const idOf = (text: string) => must(parseRefundId(text));
  const ours = (refund: SimRefund) =>
    refund.reference !== null && readKey(refund.key ?? '', installation, sha256Hex, needs.restored) !== undefined;
  const made = {
    merchant,
    merchants: [merchant, ...neighbours],
    needs,
    environment,
    clock,
    table,
    log,
    simulator,
    /** The Shopify shop. */
    shop: storefront,
    postShop,
    /** Every webhook that the shop delivered. */
    shopWebhooks,
    connections,
    later,
    may,
    post,
    send,
    postTo,
    postSigned,
    postGateway,
    /** A signed return at a neighbour's door, on a payment at the neighbour's account. */
    postAt: (neighbour: string, of: Returned) => {
      const body = bodyOf(of, `stripe-${neighbour}`);
      const signed = sign(body, { secret: shopSecret, id: nextDelivery(), at: clock.now() });
      return postTo('source', body, signed, `shop-${neighbour}`);
    },
    /** Delivers a Stripe event that the test made up, signed as Stripe would. */
    tell: (type: string, object: object, id: string) =>
      deliverOne({
        id,
        delayMs: 0,
        body: JSON.stringify({ id, object: 'event', livemode: false, type, data: { object } }),
      }),
    /** A captured payment; its capture webhook comes unless it is kept back. */
    pay: (
      id: string,
      amountMinor: number,
      more: { silent?: boolean; currency?: string; needsAction?: boolean } & Omit<Partial<SimPayment>, 'id'> = {},
    ) => {
      const { silent, needsAction, currency = 'EUR', ...rest } = more;
      const payment = { id, amountMinor, currency, ...rest, ...(needsAction && { refundsNeedAction: true }) };
      const seeded = simulator.seedPayment(payment, clock.now());
      if (seeded.is === 'refused') throw new Error(seeded.problem);
      if (!silent) deliver(seeded.webhooks);
    },
    faults: (faults: Partial<Faults>) => simulator.setFaults({ ...noFaults, ...faults }),
    /** A refund that somebody makes at Stripe, not through us; under a key of ours where one is given. */
    dashboard: (payment: string, amountMinor: number, more: { refundKey?: string; header?: string } = {}) => {
      const { refundKey, header } = more;
      const params = new URLSearchParams({ payment_intent: payment, amount: String(amountMinor) });
      if (refundKey !== undefined) params.set('metadata[refund_key]', refundKey);
      const headers = {
        authorization: `Bearer ${credential.reveal()}`,
        ...(header === undefined ? {} : { 'idempotency-key': header }),
      };
      const given = simulator.handle(
        { method: 'POST', path: '/v1/refunds', query: '', headers, body: params.toString() },
        clock.now(),
      );
      deliver(given.webhooks);
      if (given.reply === 'lost' || given.reply.status !== 200) return undefined;
      return String(JSON.parse(given.reply.body).id);
    },
    /** The customer's bank disputes a payment; the news comes unless it is kept back. Answers the dispute's id. */
    dispute: (payment: string, more: Omit<SimDisputing, 'payment'> & { silent?: boolean } = {}) => {
      const { silent, ...of } = more;
      const opened = simulator.openDispute({ payment, ...of }, clock.now());
      if (opened.is === 'refused') throw new Error(opened.problem);
      if (!silent) deliver(opened.webhooks);
      return opened.id;
    },
    endDispute: (id: string, status: 'won' | 'lost', more: { silent?: boolean } = {}) => {
      const told = simulator.closeDispute({ id, status }, clock.now());
      if (told.is === 'refused') throw new Error(told.problem);
      if (!more.silent) deliver(told.webhooks);
    },
    /** Somebody moves a refund by hand, or the bank does. */
    move: (refund: string, to: SimMove, more: { silent?: boolean } = {}) => {
      const told = simulator.moveRefund({ id: refund, ...to }, clock.now());
      if (told.is === 'refused') throw new Error(told.problem);
      if (!more.silent) deliver(told.webhooks);
    },
    warnOfFraud: (payment: string) => deliver(simulator.warnOfFraud(payment, clock.now())),
    approve: (refund: string, by?: string) => live(() => approveRefund(needs, person(by), idOf(refund))),
    /** With the word that the gateway has no refund for it. */
    approveAsAbsent: async (refund: string, seen?: number | 'blind') => {
      const version = seen ?? (await showRefund(needs, merchant, idOf(refund)))?.version;
      return live(() =>
        approveRefund(needs, person(), idOf(refund), version === 'blind' ? undefined : version, 'absent'),
      );
    },
    deny: (refund: string, by?: string) => live(() => denyRefund(needs, person(by), idOf(refund))),
    switchSending: (to: 'stopped' | 'running') => live(() => switchSending(needs, person(), to, 'test')),
    restore: {
      begin: (since: Instant) => live(() => beginRestore(needs, person(), { since, reason: 'test' })),
      reconcile: async (cursor?: string) =>
        live(() => reconcileRestore(needs, person(), { connection: stripe, ...(cursor !== undefined && { cursor }) })),
      endPage: (cursor?: string, aside?: number): Promise<Ended> =>
        live(() =>
          endRestore(needs, person(), {
            reason: 'test',
            ...(cursor !== undefined && { cursor }),
            ...(aside !== undefined && { aside }),
          }),
        ),
      /** As the command line does: again with the cursor until it is done or refused. */
      end: async (aside?: number): Promise<Ended> => {
        let ended = await made.restore.endPage(undefined, aside);
        while (ended.is === 'page') ended = await made.restore.endPage(ended.cursor, aside);
        return ended;
      },
      state: () => restoreOf(needs, merchant),
    },
    switchAccount: (to: 'stopped' | 'running', connection: string = stripe) =>
      live(() => switchAccount(needs, person(), connection, { to, reason: 'test' })),
    /** One run of the clock that looks after subscriptions; `busy` where it died or was not answered. */
    tend: () => live(() => tend({ ...needs, merchants: [merchant] })).catch(notNow),
    switches: () => switches({ table }, merchant),
    evidence: (refund: string) => evidenceBundle({ table, tempo: needs.tempo }, merchant, idOf(refund)),
    /** Lets `ms` of virtual time pass, with everything that falls into it. */
    run: async (ms = 60_000) => {
      const until = plus(clock.now(), ms);
      while (await step(until));
      clock.set(until);
    },
    /** Every refund, in the order of their making. */
    refunds: async (of = merchant): Promise<ShownRefund[]> => {
      const all: ShownRefund[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await listRefunds({ table }, { merchant: of, ...(cursor === undefined ? {} : { cursor }) });
        all.push(...page.refunds);
        cursor = page.cursor;
      }
      return all.reverse();
    },
    show: (refund: string) => showRefund(needs, merchant, idOf(refund)),
    events: async (refund: string): Promise<RefundEvent[]> =>
      (await refundHistory({ table }, merchant, idOf(refund))).flatMap((entry) => entry.events),
    /** The only payment's balance, or that of the one whose captured amount is given. */
    balance: (captured?: bigint) => {
      const found = table
        .dump()
        .state.find((item) => item.captured !== undefined && (captured ?? item.captured) === item.captured);
      return { available: found?.available, refunded: found?.refunded, inFlight: found?.inFlight };
    },
    /** What disputes did to the only payment. */
    disputed: () => {
      const found = table.dump().state.find((item) => item.captured !== undefined);
      return { disputes: found?.disputes, chargedBack: found?.chargedBack, available: found?.available };
    },
    /** The answer to the hint "look at this refund", by each worker in turn. */
    lookAt: (refund: string, queue: Work['queue'] = 'execute') => worker[queue](needs, workOn(refund, queue)),
    workOn,
    find: (text: string, of = merchant) => find(needs, of, text),
    /** What an assess worker does with every return notice there is, by hand. */
    assess: async () => {
      const notices = table.dump().state.filter((item) => item.kind === 'return');
      for (const { pk } of notices)
        await assessWork(needs, {
          queue: 'assess',
          merchant,
          stream: String(pk) as Work['stream'],
          correlation: correlation(),
        });
    },
    /** Every hint that was ever sent. */
    hinted,
    /** Hands an old message over again. */
    redeliver: (one: Work) => later(0, () => work(one)),
    posts: () => simulator.calls().filter((call) => call.method === 'POST' && call.path === '/v1/refunds'),
    reads: () => simulator.calls().filter((call) => call.method === 'GET' && call.path === '/v1/refunds'),
    /** What really moved: all refunds at the gateway that did not fail. */
    moved: () => simulator.refunds().filter((refund) => refund.status !== 'failed' && refund.status !== 'canceled'),
    ours,
    /** What the audit is to overlook, since the test did it on purpose. */
    accepted: new Set<Accepted>(),
  };
  // A hook of this file would be one of the first test file's alone: a worker reads it once for many.
  if (audits.length === 0) onTestFinished(audited);
  audits.push(() => audit(made));
  return made;

  function workOn(refund: string, queue: Work['queue']): Work {
    return { queue, merchant, stream: `${merchant}#refund#${refund}` as Work['stream'], correlation: correlation() };
  }
}

/**
 * `surplus`: somebody else refunded under a key of ours. `overdrawn`: somebody else refunded more than was left. `unheard`: news of the
 * gateway was dropped and there is no other way to hear of it. `vanished`: the gateway lost a refund that it had made.
 * `vouched`: a person said wrongly that the gateway has nothing, so that a leg was refunded twice.
 * `forgotten`: tables were restored, and the gateway knows of refunds that the journal does not, or of another amount of one.
 */
export type Accepted = 'surplus' | 'overdrawn' | 'unheard' | 'vanished' | 'vouched' | 'forgotten';

const connectionsOf = (name: MerchantId) => [
  {
    name: must(parseConnection(`shop-${name}`)),
    merchant: name,
    kind: 'source' as const,
    platform: 'generic',
    mode: 'test' as const,
    settings: {},
    verifySecrets: [shopSecret.reveal()],
  },
  {
    name: must(parseConnection(`stripe-${name}`)),
    merchant: name,
    kind: 'gateway' as const,
    platform: 'stripe',
    mode: 'test' as const,
    settings: { baseUrl: 'http://127.0.0.1:1' },
    verifySecrets: [stripeSecret.reveal()],
    credential: credential.reveal(),
  },
];

/** Death and silence come again later; anything else is a bug and fails the test. */
function notNow(error: unknown): 'busy' {
  if (error instanceof Unavailable || error instanceof Gone) return 'busy';
  throw error;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name');
  return value;
}
