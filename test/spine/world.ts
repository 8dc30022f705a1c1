import { createHash, createHmac } from 'node:crypto';
import { openGateways } from '../../lib/adapters/gateways/open.ts';
import { stripeSimulator } from '../../lib/adapters/gateways/stripe/simulator.ts';
import type { Exchange } from '../../lib/adapters/kit/exchange.ts';
import { chanceFrom, type Faults, noFaults, type SimWebhook } from '../../lib/adapters/kit/simulator.ts';
import { memoryConnections } from '../../lib/adapters/memory/connections.ts';
import { memoryLog } from '../../lib/adapters/memory/log.ts';
import { memoryQueues } from '../../lib/adapters/memory/queues.ts';
import { memoryTable, type TableCall, type TableFault } from '../../lib/adapters/memory/table.ts';
import { memoryVault } from '../../lib/adapters/memory/vault.ts';
import { seededIds, settableClock } from '../../lib/adapters/memory/world.ts';
import { readers } from '../../lib/adapters/readers.ts';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { assessWork } from '../../lib/app/assess.ts';
import { blindIndex } from '../../lib/app/blind.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { type Received, receive } from '../../lib/app/receive.ts';
import { reconcileWork } from '../../lib/app/reconcile.ts';
import { relay } from '../../lib/app/relay.ts';
import { listRefunds } from '../../lib/app/show.ts';
import { sweep } from '../../lib/app/sweep.ts';
import type { Hash } from '../../lib/domain/chain.ts';
import { correlationId, parseConnection, parseMerchant } from '../../lib/domain/ids.ts';
import type { Work } from '../../lib/domain/refund/work.ts';
import { embedded, production } from '../../lib/domain/tempo.ts';
import { type Instant, instant, plus } from '../../lib/domain/time.ts';

/** The whole engine over memory twins and a simulated Stripe, in virtual time: one webhook end to end in milliseconds. */

const merchant = must(parseMerchant('demo'));
const shop = must(parseConnection('generic-demo'));
const stripe = must(parseConnection('stripe-demo'));
const shopSecret = new Secret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
const stripeSecret = new Secret('whsec_spine_stripe');
const credential = new Secret('sk_test_spine');

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');

export interface Line {
  readonly id: string;
  readonly quantity?: number;
  readonly price: string;
  readonly tax?: string;
}

export interface Returned {
  readonly return: string;
  readonly order?: string;
  readonly payment?: string | readonly string[];
  readonly lines: readonly Line[];
  readonly fees?: readonly { readonly kind: string; readonly amount: string }[];
  readonly trigger?: 'approved' | 'received' | 'cancelled';
  readonly currency?: string;
}

interface Waiting {
  readonly at: Instant;
  readonly run: () => Promise<void>;
}

export type World = ReturnType<typeof world>;

export function world(
  options: { fault?: (call: TableCall) => TableFault | undefined; seed?: string; slow?: boolean } = {},
) {
  const clock = settableClock(instant(Date.UTC(2026, 10, 21, 12)));
  const table = memoryTable(options.fault);
  const queues = memoryQueues();
  const log = memoryLog();
  const simulator = stripeSimulator({
    credential,
    webhookSecret: stripeSecret,
    chance: chanceFrom(options.seed ?? 'spine'),
  });
  const waiting: Waiting[] = [];
  const later = (ms: number, run: () => Promise<void>) => waiting.push({ at: plus(clock.now(), ms), run });

  const deliver = (webhooks: readonly SimWebhook[]) => {
    for (const webhook of webhooks) later(webhook.delayMs, () => deliverOne(webhook));
  };
  const exchange: Exchange = async (request) => {
    if (!request.mayStart()) return { is: 'none', why: 'not-started' };
    const url = new URL(request.url);
    const step = simulator.handle(
      {
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        headers: lower(request.headers),
        body: request.body,
      },
      clock.now(),
    );
    deliver(step.webhooks);
    if (step.reply === 'lost') return { is: 'none', why: 'connection' };
    return { is: 'answer', status: step.reply.status, headers: step.reply.headers, body: Buffer.from(step.reply.body) };
  };

  const connections = memoryConnections({
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
        settings: { baseUrl: 'http://127.0.0.1:1' },
        verifySecrets: [stripeSecret.reveal()],
        credential: credential.reveal(),
      },
    ],
  });
  const needs = {
    table,
    queues,
    log,
    clock,
    ids: seededIds(options.seed ?? 'spine'),
    hash: sha256,
    hashBytes: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex'),
    pause: async () => {},
    tempo: options.slow ? production : embedded,
    installation: 'spine',
    connections,
    readers,
    vault: memoryVault('spine'),
    blind: blindIndex(connections, (key, text) => createHmac('sha256', key).update(text).digest('hex')),
    gateways: openGateways(connections, { clock, exchange }),
    policy: { version: 'test-1', approvalLimit: '500.00' },
    remainingMs: () => 60_000,
  };

  table.onInsert((item) => {
    later(0, () =>
      relay(needs, [
        {
          is: 'inserted',
          stored: { number: Number(item['sk']), body: String(item['body']), digest: String(item['digest']) },
        },
      ]),
    );
  });

  const worker = { assess: assessWork, execute: executeWork, reconcile: reconcileWork };
  const work = async (one: Work, tries = 0): Promise<void> => {
    const result = await worker[one.queue](needs, one).catch((error: unknown) => {
      if (error instanceof Unavailable) return 'busy' as const;
      throw error;
    });
    if (result === 'busy' && tries < 5) later(1000, () => work(one, tries + 1));
  };
  const takeHints = () => {
    for (const { work: one, delayMs } of queues.take()) later(delayMs, () => work(one));
  };

  const postGateway = (body: string, headers: Readonly<Record<string, string>>) =>
    receive(needs, {
      kind: 'gateway',
      connection: stripe,
      raw: { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } },
      correlation: correlationId(needs.ids.random()),
    });

  const deliverOne = async (webhook: SimWebhook): Promise<void> => {
    const received = await postGateway(webhook.body, simulator.sign(webhook, clock.now())).catch(() => undefined);
    if (received === undefined || received.is === 'fault') later(5000, () => deliverOne(webhook));
  };

  let sweeping = true;
  /** One thing that is due, or the next instant at which something is. False when nothing is left but sweeps. */
  const step = async (until: Instant): Promise<boolean> => {
    takeHints();
    deliver(simulator.advance(clock.now()));
    const due = waiting.filter((one) => one.at <= clock.now()).sort((a, b) => a.at - b.at)[0];
    if (due !== undefined) {
      waiting.splice(waiting.indexOf(due), 1);
      await due.run().catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
      });
      return true;
    }
    if (sweeping) await sweep(needs).catch(() => 0);
    takeHints();
    if (waiting.some((one) => one.at <= clock.now())) return true;
    const next = [...waiting.map((one) => one.at), ...[simulator.nextAt() ?? until], plus(clock.now(), 1000)].reduce(
      (a, b) => (a < b ? a : b),
    );
    if (next >= until) return false;
    clock.set(next <= clock.now() ? plus(clock.now(), 1) : next);
    return true;
  };

  const body = (of: Returned) =>
    JSON.stringify({
      type: `return.${of.trigger ?? 'approved'}`,
      data: {
        return: of.return,
        order: of.order ?? '1001',
        currency: of.currency ?? 'EUR',
        ...(of.payment === undefined
          ? {}
          : { payments: [of.payment].flat().map((reference) => ({ connection: stripe, reference })) }),
        lines: of.lines.map((line) => ({
          id: line.id,
          sku: 'sku',
          quantity: line.quantity ?? 1,
          price: line.price,
          tax: line.tax ?? '0.00',
          reason: 'size',
          condition: 'new',
        })),
        ...(of.fees && { fees: of.fees }),
      },
    });

  let deliveries = 0;
  return {
    merchant,
    needs,
    clock,
    table,
    log,
    simulator,
    waiting,
    /** Posts a signed return; a delivery id of its own unless one is given. */
    post: (of: Returned, id = `msg_${++deliveries}`): Promise<Received> => {
      const text = body(of);
      const headers = sign(text, { secret: shopSecret, id, at: clock.now() });
      return receive(needs, {
        kind: 'source',
        connection: shop,
        raw: { body: Buffer.from(text), headers },
        correlation: correlationId(needs.ids.random()),
      });
    },
    postGateway,
    /** A captured payment; its capture webhook comes unless it is kept back. */
    pay: (id: string, amountMinor: number, more: { order?: string; silent?: boolean; currency?: string } = {}) => {
      const seeded = simulator.seedPayment(
        {
          id,
          amountMinor,
          currency: more.currency ?? 'EUR',
          ...(more.order === undefined ? {} : { order: more.order }),
        },
        clock.now(),
      );
      if (seeded.is === 'refused') throw new Error(seeded.problem);
      if (!more.silent) deliver(seeded.webhooks);
    },
    faults: (faults: Partial<Faults>) => simulator.setFaults({ ...noFaults, ...faults }),
    /** Lets `ms` of virtual time pass, with everything that falls into it. */
    run: async (ms = 60_000) => {
      const until = plus(clock.now(), ms);
      while (await step(until));
      clock.set(until);
    },
    sweeping: (on: boolean) => {
      sweeping = on;
    },
    refunds: async () => (await listRefunds({ table }, { merchant })).refunds,
    posts: () => simulator.calls().filter((call) => call.method === 'POST' && call.path === '/v1/refunds'),
    moved: () => simulator.refunds().filter((refund) => refund.status !== 'failed' && refund.status !== 'canceled'),
  };
}

const lower = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not a name');
  return value;
}
