import { sign as signAsStripe } from '../lib/adapters/gateways/stripe/sign.ts';
import type { SimWebhook } from '../lib/adapters/kit/simulator.ts';
import { sign as signAsShop } from '../lib/adapters/sources/shopify/sign.ts';
import { receive } from '../lib/app/receive.ts';
import { correlationId } from '../lib/domain/ids.ts';
import { minute, second } from '../lib/domain/time.ts';
import type { Account } from './account.ts';
import type { Tenant } from './connections.ts';
import type { functionEnvironments } from './functions.ts';
import type { Knobs } from './knobs.ts';
import type { Scheduler } from './scheduler.ts';
import { mostAtOnce, type Settings } from './settings.ts';
import type { SimulatedShop } from './shop.ts';

/** Answers after which a sender does not come again. */
export const taken: ReadonlySet<string> = new Set(['recorded', 'seen', 'quarantined']);

/** What one merchant's senders were told at the doors. */
export interface AtDoors {
  /** What was signed as it must be and has not been taken yet, with the last answer. */
  readonly waiting: Map<string, string>;
  /** What was taken once; it may come again, and then nobody waits for the answer. */
  readonly taken: Set<string>;
  /** What was signed as it must be, and was told that it is not. */
  readonly misjudged: string[];
  /** Who was told that they flood, having sent no more than anybody may. */
  readonly wronglyFlooded: string[];
  /** Deliveries that were only ever told that they flood. */
  readonly turnedAway: Set<string>;
  /** News of its account was taken for a stranger's, as settings said, and is lost for it. */
  misled: boolean;
  /** What happened at the doors, for whoever counts it. */
  readonly reached: Set<string>;
}

export const nobodyAtDoors = (): AtDoors => ({
  waiting: new Map(),
  taken: new Set(),
  misjudged: [],
  wronglyFlooded: [],
  turnedAway: new Set(),
  misled: false,
  reached: new Set(),
});

interface Ground {
  readonly time: Scheduler;
  readonly knobs: Knobs;
  readonly settings: Settings;
}

/** The doors of one merchant: its shop's and its account's. */
export function doorsOf(
  ground: Ground,
  functions: ReturnType<typeof functionEnvironments>,
  of: {
    readonly tenant: Tenant;
    readonly simulator: Account['simulator'];
    readonly shop: SimulatedShop | undefined;
  },
) {
  const { time, knobs, settings } = ground;
  const { tenant, simulator, shop } = of;
  const atDoors = nobodyAtDoors();
  const floodHeard = watchFloods(time, atDoors);
  /** A message at a door; answers what its sender hears. */
  const post = async (kind: 'source' | 'gateway', body: string, headers: Readonly<Record<string, string>>) => {
    const raw = { body: Buffer.from(body), headers: { 'content-type': 'application/json', ...headers } };
    const connection = kind === 'gateway' ? tenant.gateway : knobs.shop === 'generic' ? tenant.shop : tenant.shopify;
    if (kind === 'gateway' && settings.handed() && tenant === settings.tenants[0]) {
      atDoors.misled = true;
      atDoors.reached.add('told to a stranger');
    }
    const heard = floodHeard();
    const ended = await functions.invoke(
      'receive',
      (engine) => receive(engine, { kind, connection, raw, correlation: correlationId(engine.ids.random()) }),
      10_000,
    );
    const answer =
      ended.is !== 'done' ? 'no-answer' : ended.value.is === 'fault' ? ended.value.fault.code : ended.value.is;
    heard(answer, headers['webhook-id']);
    return answer;
  };
  const signed = (webhook: SimWebhook) =>
    knobs.tenancy === undefined
      ? simulator.sign(webhook, time.now())
      : signAsStripe(webhook.body, settings.signing(tenant.gatewaySecret), time.now());
  /** As the shop signs it now. */
  const signShop = (webhook: SimWebhook): Readonly<Record<string, string>> => {
    const own = shop?.simulator.sign(webhook, time.now()) ?? {};
    if (knobs.tenancy === undefined) return own;
    return { ...own, ...signAsShop(webhook.body, settings.signing(tenant.shopifySecret)) };
  };
  /** It tries each by itself for days, with growing waits. */
  const deliverAlone = async (webhook: SimWebhook, attempt: number): Promise<void> => {
    const heard = await post('gateway', webhook.body, signed(webhook));
    if (taken.has(heard) || attempt > 12) return;
    time.after(5000 * 2 ** Math.min(attempt, 10), `webhook ${webhook.id} again`, () =>
      deliverAlone(webhook, attempt + 1),
    );
  };
  const inOrder = inTheirOrder(ground, atDoors, (webhook) => post('gateway', webhook.body, signed(webhook)));
  const deliver = knobs.tenancy === undefined ? deliverAlone : (webhook: SimWebhook) => inOrder(webhook);
  /** What the shop said; answers whether it was taken. */
  const announced = async (webhook: SimWebhook): Promise<boolean> => {
    if (shop === undefined) return false;
    return hear(ground, atDoors, webhook.id, await post('source', webhook.body, signShop(webhook)));
  };
  return { post, deliver, announced, signShop, atDoors };
}

/** Keeps what a sender was told of a message that it will not give up; answers whether it was taken. */
export function hear(
  { knobs, settings }: Pick<Ground, 'knobs' | 'settings'>,
  atDoors: AtDoors,
  id: string,
  heard: string,
): boolean {
  const done = taken.has(heard);
  if (knobs.tenancy === undefined) return done;
  const { waiting, reached } = atDoors;
  if (heard === 'bad-signature' && settings.settled()) atDoors.misjudged.push(id);
  if (done && waiting.get(id) === 'bad-signature') reached.add('signed before its secret was known');
  if (done) waiting.delete(id);
  if (done) atDoors.taken.add(id);
  else if (!atDoors.taken.has(id)) waiting.set(id, heard);
  return done;
}

/**
 * A gateway whose endpoint has one queue: the next message is tried when the one before it was taken, whatever that takes
 * (https://docs.adyen.com/development-resources/webhooks/troubleshoot/#queued-webhooks).
 */
function inTheirOrder(
  ground: Pick<Ground, 'time' | 'knobs' | 'settings'>,
  atDoors: AtDoors,
  send: (webhook: SimWebhook) => Promise<string>,
): (webhook: SimWebhook) => void {
  const { time } = ground;
  const queue: SimWebhook[] = [];
  const next = async (attempt: number): Promise<void> => {
    const [first] = queue;
    if (first === undefined) return;
    const isTaken = hear(ground, atDoors, first.id, await send(first));
    if (isTaken) {
      queue.shift();
      if (attempt > 1 && queue.length > 0) atDoors.reached.add('waited behind another one');
      return next(1);
    }
    time.after(5 * second * 2 ** Math.min(attempt, 8), `webhook ${first.id} again`, () => next(attempt + 1));
  };
  return (webhook) => {
    queue.push(webhook);
    if (queue.length === 1) return next(1);
    if (!atDoors.taken.has(webhook.id)) atDoors.waiting.set(webhook.id, 'behind another one');
  };
}

/** Judges from outside whether somebody who is told that they flood does. */
function watchFloods(time: Scheduler, { wronglyFlooded, turnedAway, reached }: AtDoors) {
  let arrivals: number[] = [];
  const told = new Map<string, Set<string>>();
  return () => {
    arrivals = [...arrivals.filter((at) => at > time.now() - minute), time.now()];
    return (answer: string, id = 'a message without a name'): void => {
      const answers = (told.get(id) ?? new Set()).add(answer);
      told.set(id, answers);
      if (answer !== 'flooded') return void turnedAway.delete(id);
      reached.add('flooded');
      if (answers.size === 1) turnedAway.add(id);
      if (arrivals.length < mostAtOnce)
        wronglyFlooded.push(`${id} was told that it floods, as one of ${arrivals.length}`);
    };
  };
}
