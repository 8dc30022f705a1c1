import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { SimRequest, SimStep, Simulator, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import { parseFaults } from '../lib/adapters/kit/simulator.ts';
import type { Instant } from '../lib/domain/time.ts';
import type { Plain, PlainAnswer, PlainRequest } from './front.ts';
import type { Report, Running } from './running.ts';

export interface SimulatorHost extends Running {
  /** Everything below `/sim/{gateway}/`: the vendor's own paths, and the admin paths that begin with an underscore. */
  readonly plain: Plain;
}

export interface SimulatorHostSettings {
  readonly prefix: string;
  readonly simulator: Simulator;
  /** Where its truth is kept: one line per thing that happened to it. */
  readonly file: string;
  /** Delivers one signed webhook; false where it was not answered with success. */
  readonly deliver: (body: string, headers: Readonly<Record<string, string>>) => Promise<boolean>;
  readonly now: () => Instant;
  readonly report: Report;
}

/** What happened to the simulator: it is deterministic, so these lines are its whole truth. */
type Happened =
  | { readonly op: 'handle'; readonly at: Instant; readonly request: SimRequest }
  | { readonly op: 'advance'; readonly at: Instant }
  | { readonly op: 'seed'; readonly at: Instant; readonly payment: Parameters<Simulator['seedPayment']>[0] }
  | { readonly op: 'faults'; readonly faults: Parameters<Simulator['setFaults']>[0] }
  | { readonly op: 'delivered'; readonly delivery: string };

/**
 * A gateway's simulator with a life: it keeps its truth on disk before it answers, so that a kill loses nothing it said; it works off
 * what becomes due later; and it delivers its webhooks until they are answered with success, across restarts, as real ones do.
 */
export function hostSimulator(settings: SimulatorHostSettings): SimulatorHost {
  const { simulator, file, now } = settings;
  const deliveries = deliverer(settings, (delivery) => write({ op: 'delivered', delivery }));
  const write = (what: Happened) => appendFileSync(file, `${JSON.stringify(what)}\n`, { mode: 0o600 });
  const of = namer();
  for (const delivery of replay(simulator, file, of)) deliveries.add(delivery);

  let timer: NodeJS.Timeout | undefined;
  const wake = () => {
    clearTimeout(timer);
    const at = simulator.nextAt();
    if (at === undefined) return;
    timer = setTimeout(
      () => {
        const when = now();
        write({ op: 'advance', at: when });
        for (const delivery of of(simulator.advance(when), when)) deliveries.add(delivery);
        wake();
      },
      Math.max(0, at - now()),
    );
  };
  wake();

  const handle = (request: PlainRequest): PlainAnswer => {
    const at = now();
    const { method, query, headers } = request;
    const sim: SimRequest = {
      method,
      path: request.path.slice(settings.prefix.length),
      query,
      headers,
      body: request.body.toString('utf8'),
    };
    write({ op: 'handle', at, request: sim });
    const step: SimStep = simulator.handle(sim, at);
    for (const delivery of of(step.webhooks, at)) deliveries.add(delivery);
    wake();
    return { reply: step.reply, delayMs: step.delayMs };
  };

  return {
    plain: (request) => admin(settings, request, { write, wake, deliveries, of }) ?? handle(request),
    stop: async () => {
      clearTimeout(timer);
      await deliveries.stop();
    },
  };
}

interface Hands {
  readonly write: (what: Happened) => void;
  readonly wake: () => void;
  readonly deliveries: Deliverer;
  readonly of: Namer;
}

function admin(
  { simulator, prefix, now }: SimulatorHostSettings,
  request: PlainRequest,
  hands: Hands,
): PlainAnswer | undefined {
  const path = request.path.slice(prefix.length);
  switch (`${request.method} ${path}`) {
    case 'GET /_refunds':
      return json(200, simulator.refunds());
    case 'GET /_calls':
      return json(200, simulator.calls());
    case 'POST /_faults': {
      const faults = parseFaults(parsed(request.body));
      if (typeof faults === 'string') return json(400, { problem: faults });
      hands.write({ op: 'faults', faults });
      simulator.setFaults(faults);
      return json(200, faults);
    }
    case 'POST /_payments':
      return seed(simulator, parsed(request.body), now(), hands);
    default:
      return path.startsWith('/_') ? json(404, { problem: 'there is no such admin path' }) : undefined;
  }
}

function seed(simulator: Simulator, value: unknown, at: Instant, { write, wake, deliveries, of }: Hands): PlainAnswer {
  const { id, amountMinor, currency, order } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || typeof amountMinor !== 'number' || typeof currency !== 'string') {
    return json(400, { problem: 'send {"id", "amountMinor", "currency", "order"?}' });
  }
  if (order !== undefined && typeof order !== 'string') return json(400, { problem: 'order is a string' });
  const payment = { id, amountMinor, currency, ...(order === undefined ? {} : { order }) };
  const seeded = simulator.seedPayment(payment, at);
  if (seeded.is === 'refused') return json(400, { problem: seeded.problem });
  write({ op: 'seed', at, payment });
  for (const delivery of of(seeded.webhooks, at)) deliveries.add(delivery);
  wake();
  return json(201, payment);
}

const json = (status: number, value: unknown): PlainAnswer => ({
  reply: { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) },
});

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

interface Delivery {
  readonly webhook: SimWebhook;
  readonly at: Instant;
  /** An event may be delivered more than once: which of its deliveries this is. */
  readonly name: string;
}

interface Deliverer extends Running {
  add(delivery: Delivery): void;
}

const retryMs = [500, 2000, 5000, 15_000];
/** As many at once as keep a local run busy without drowning it. */
const atOnce = 8;

/** Each webhook until it is answered with success; the same event twice is two deliveries. */
function deliverer(settings: SimulatorHostSettings, done: (delivery: string) => void): Deliverer {
  const waiting: { readonly delivery: Delivery; readonly due: number; readonly tries: number }[] = [];
  const under = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const pump = () => {
    clearTimeout(timer);
    if (stopped) return;
    waiting.sort((a, b) => a.due - b.due);
    while (under.size < atOnce && (waiting[0]?.due ?? Number.POSITIVE_INFINITY) <= settings.now()) {
      const next = waiting.shift();
      if (next === undefined) break;
      const attempt = one(next).finally(() => {
        under.delete(attempt);
        pump();
      });
      under.add(attempt);
    }
    const first = waiting[0];
    if (first !== undefined && under.size < atOnce) timer = setTimeout(pump, Math.max(0, first.due - settings.now()));
  };
  const one = async (item: (typeof waiting)[number]) => {
    const { webhook } = item.delivery;
    const delivered = await settings
      .deliver(webhook.body, settings.simulator.sign(webhook, settings.now()))
      .catch(() => false);
    if (delivered) return done(item.delivery.name);
    const wait = retryMs[Math.min(item.tries, retryMs.length - 1)] ?? 0;
    waiting.push({ ...item, tries: item.tries + 1, due: settings.now() + wait });
  };
  return {
    add(delivery) {
      waiting.push({ delivery, due: delivery.at + delivery.webhook.delayMs, tries: 0 });
      queueMicrotask(pump);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.allSettled(under);
    },
  };
}

/** Brings a fresh simulator to where its file ends; answers the webhooks that nobody has taken yet. */
function replay(simulator: Simulator, file: string, of: Namer): Delivery[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  // What is written next must not run into half a line that a kill left behind.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  const deliveries: Delivery[] = [];
  const done = new Set<string>();
  for (const line of text.split('\n')) {
    const what = line === '' ? undefined : lineOf(line);
    if (what === undefined) continue;
    if (what.op === 'delivered') done.add(what.delivery);
    else deliveries.push(...again(simulator, what, of));
  }
  return deliveries.filter(({ name }) => !done.has(name));
}

/** Names deliveries in the order in which the simulator asked for them: the same after a replay. */
type Namer = (webhooks: readonly SimWebhook[], at: Instant) => Delivery[];

function namer(): Namer {
  const counts = new Map<string, number>();
  return (webhooks, at) =>
    webhooks.map((webhook) => {
      const count = (counts.get(webhook.id) ?? 0) + 1;
      counts.set(webhook.id, count);
      return { webhook, at, name: `${webhook.id}/${count}` };
    });
}

/** A kill can leave half a line at the end: what it was about was never answered. */
function lineOf(line: string): Happened | undefined {
  try {
    return JSON.parse(line) as Happened;
  } catch {
    return undefined;
  }
}

function again(simulator: Simulator, what: Exclude<Happened, { op: 'delivered' }>, of: Namer): Delivery[] {
  switch (what.op) {
    case 'handle':
      return of(simulator.handle(what.request, what.at).webhooks, what.at);
    case 'advance':
      return of(simulator.advance(what.at), what.at);
    case 'seed': {
      const seeded = simulator.seedPayment(what.payment, what.at);
      return seeded.is === 'seeded' ? of(seeded.webhooks, what.at) : [];
    }
    case 'faults':
      simulator.setFaults(what.faults);
      return [];
  }
}
