import { type StripeSimulator, stripeSimulator } from '../lib/adapters/gateways/stripe/simulator.ts';
import type { Answer, Exchange } from '../lib/adapters/kit/exchange.ts';
import {
  asSimRequest,
  noFaults,
  type SimRequest,
  type SimStep,
  type SimWebhook,
} from '../lib/adapters/kit/simulator.ts';
import type { Secret } from '../lib/app/ports/connections.ts';
import type { Chances } from './chance.ts';
import { asTheFirst, type CredentialInLife } from './credentials.ts';
import type { Faults } from './faults.ts';
import type { Process } from './process.ts';
import { isMoneyFault, type MoneyFault, moneyFaults, refusing } from './refusals.ts';
import type { Scheduler } from './scheduler.ts';
import { emitter } from './webhooks.ts';

/** What the network can do to one request: nothing arrives, the answer is lost, or it arrives when nobody waits any more. */
const networkFaults = ['net-lost', 'net-reply-lost', 'net-late', 'gateway-500', 'gateway-429'] as const;

export interface GatewayKnobs {
  readonly keyWindowMs: number;
  readonly lateArrivalMs: number;
  readonly pendingRate: number;
  readonly laterMs: number;
}

/** A simulated gateway account, the network that leads to it, and the webhooks that come back. */
export function simulatedGateway(
  world: { readonly time: Scheduler; readonly chance: Chances; readonly faults: Faults },
  options: GatewayKnobs & { readonly credential: Secret; readonly webhookSecret: Secret; readonly guard?: Guard },
  hears: {
    /** Called after each request that reached the gateway. */
    readonly answered: (request: SimRequest) => void;
    readonly webhook: (webhook: SimWebhook, attempt: number) => void;
  },
) {
  const { time, chance } = world;
  const simulator = stripeSimulator({ ...options, chance: (label) => chance.fixed(`gateway ${label}`) });
  let deaf = false;
  const emit = emitting(time, simulator, emitter(world, hears.webhook), hears.answered);
  const arrive = (request: SimRequest): SimStep => {
    const step = simulator.handle(request, time.now());
    emit(step.webhooks);
    hears.answered(request);
    return step;
  };
  const saysNo = refusing({ time, chance, simulator, ...options }, { arrive, emit, answered: hears.answered });
  const { lateArrivalMs } = options;
  const { strands, strandNext } = stranded(arrive);
  const road: Road = {
    time,
    chance,
    lateArrivalMs,
    arrive: guarded(options.guard, saysNo.arrive, hears.answered),
    saysNo,
    deaf: () => deaf,
    siteOf,
    strands,
  };
  return {
    simulator,
    emit,
    exchangeOf: (process: Process): Exchange => exchangeWith(road, process),
    arrive,
    deafen: (to: boolean) => {
      deaf = to;
    },
    shut: saysNo.shut,
    strandNext,
    heal: () => {
      deaf = false;
      saysNo.shut(false);
      simulator.setFaults(noFaults);
    },
  };
}

/** Sends webhooks; and pending refunds settle and late failures come at the times that the simulator says. */
function emitting(
  time: Scheduler,
  simulator: Pick<StripeSimulator, 'nextAt' | 'advance'>,
  send: (webhooks: readonly SimWebhook[]) => void,
  answered: (request: SimRequest) => void,
): (webhooks: readonly SimWebhook[]) => void {
  let nextLook = Number.POSITIVE_INFINITY;
  const emit = (webhooks: readonly SimWebhook[]): void => {
    send(webhooks);
    const at = simulator.nextAt();
    if (at === undefined || at >= nextLook) return;
    nextLook = at;
    time.after(at - time.now(), 'gateway', () => {
      nextLook = Number.POSITIVE_INFINITY;
      emit(simulator.advance(time.now()));
      answered(nothingAsked);
    });
  };
  return emit;
}

type Guard = Pick<CredentialInLife, 'saysNo'>;

/** Whoever is refused for their credential gets no further; a gateway that is not there refuses nobody. */
function guarded(
  guard: Guard | undefined,
  arrive: (request: SimRequest) => SimStep,
  answered: (request: SimRequest) => void,
): (request: SimRequest) => SimStep {
  if (guard === undefined) return arrive;
  return (request) => {
    const no = guard.saysNo(request);
    if (no === undefined) return arrive(asTheFirst(request));
    answered(request);
    return { reply: no, delayMs: 0, webhooks: [] };
  };
}

/** Requests that are on their way when nobody is left who waits for them. */
function stranded(arrive: (request: SimRequest) => unknown) {
  let next: Stranding | undefined;
  return {
    strandNext: (strand: Stranding | undefined): void => {
      next = strand;
    },
    strands(request: SimRequest): boolean {
      const strand = request.method === 'POST' ? next : undefined;
      if (strand === undefined) return false;
      next = undefined;
      strand(() => arrive(request));
      return true;
    },
  };
}

const siteOf = ({ method, path, headers }: SimRequest): string =>
  `${method} ${path.replace(/\/(?:pi|ch|re)_.*/, '')} ${headers['idempotency-key'] ?? ''}`;

/** Hears of a request for money that has just left, and decides when it arrives. */
export type Stranding = (arrive: () => unknown) => void;

export interface Road {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly lateArrivalMs: number;
  readonly arrive: (request: SimRequest) => SimStep;
  /** Who refuses money, where somebody does. */
  readonly saysNo?: Pick<ReturnType<typeof refusing>, 'strike'>;
  /** Takes what comes, and answers nothing. */
  readonly deaf: () => boolean;
  /** True where this request is on its way and nobody will hear of it: whoever sent it is gone. */
  readonly strands?: (request: SimRequest) => boolean;
  /** What kind of request that is; each has faults of its own. */
  readonly siteOf: (request: SimRequest) => string;
}

/** How requests of one process travel, and what may happen to them. */
export const exchangeWith =
  ({ time, chance, lateArrivalMs, arrive, saysNo, deaf, siteOf, strands }: Road, process: Process): Exchange =>
  async (request) => {
    if (!request.mayStart()) return { is: 'none', why: 'not-started' };
    const arriving = asSimRequest(request);
    if (strands?.(arriving) === true) return new Promise(() => undefined);
    const site = siteOf(arriving);
    const answer = await process.call<Answer | 'silence', (typeof networkFaults)[number] | MoneyFault>(
      site,
      saysNo !== undefined && request.method === 'POST' ? [...networkFaults, ...moneyFaults] : networkFaults,
      (fault) => {
        if (fault === 'net-lost') return 'silence';
        if (fault === 'gateway-429') return refusal(429, 'rate_limit');
        if (fault === 'net-late') {
          const ms = chance.between(`late ${site}`, request.limitMs, lateArrivalMs);
          time.after(ms, `late ${site}`, () => arrive(arriving));
          return 'silence';
        }
        if (fault === 'gateway-500') return refusal(500, 'api_error');
        const no = fault !== undefined && isMoneyFault(fault) ? saysNo?.strike(fault, arriving) : undefined;
        const step = no ?? arrive(arriving);
        if (fault === 'net-reply-lost' || step.reply === 'lost' || deaf()) return 'silence';
        return {
          is: 'answer',
          status: step.reply.status,
          headers: { date: new Date(time.now()).toUTCString(), ...step.reply.headers },
          body: Buffer.from(step.reply.body),
        };
      },
    );
    if (answer !== 'silence') return answer;
    await process.pause(request.limitMs);
    return { is: 'none', why: 'timeout' };
  };

const nothingAsked: SimRequest = { method: '', path: '', query: '', headers: {}, body: '' };

/** An answer from something in front of the gateway: nothing was executed, and no key remembers it. */
const refusal = (status: number, type: string): Answer => ({
  is: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ error: { type, message: 'simulated' } })),
});
