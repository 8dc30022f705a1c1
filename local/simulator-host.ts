import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { SimRequest, SimStep, Simulator, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Instant } from '../lib/domain/time.ts';
import type { Plain, PlainAnswer, PlainRequest } from './front.ts';
import type { Report, Running } from './running.ts';
import { type Change, change, simulatorAdmin } from './simulator-admin.ts';
import { type Delivery, deliverer } from './simulator-deliveries.ts';

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
  | { readonly op: 'faults'; readonly faults: Parameters<Simulator['setFaults']>[0] }
  | Change
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

  const hands = {
    write,
    tell: (webhooks: readonly SimWebhook[], at: Instant) => {
      for (const delivery of of(webhooks, at)) deliveries.add(delivery);
      wake();
    },
  };
  return {
    plain: (request) => {
      const path = request.path.slice(settings.prefix.length);
      return simulatorAdmin(simulator, { ...request, path }, now(), hands) ?? handle(request);
    },
    stop: async () => {
      clearTimeout(timer);
      await deliveries.stop();
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
    case 'faults':
      simulator.setFaults(what.faults);
      return [];
    default: {
      const changed = change(simulator, what);
      return changed.is === 'refused' ? [] : of(changed.webhooks, what.at);
    }
  }
}
