import { stripeSimulator } from '../../lib/adapters/gateways/stripe/simulator.ts';
import type { Answer, Exchange, WireRequest } from '../../lib/adapters/kit/exchange.ts';
import {
  asSimRequest,
  chanceFrom,
  type SimRequest,
  type SimResponse,
  type SimStep,
} from '../../lib/adapters/kit/simulator.ts';
import type { Secret } from '../../lib/app/ports/connections.ts';
import type { Clock } from '../../lib/app/ports/world.ts';

/**
 * What may happen to one request on its way: it is lost before it arrives, or its answer is; it arrives late, or is executed late;
 * the answer is changed, or another comes instead and the request never arrives; the answer comes when `held` does; or the process is
 * gone, before the request or after it.
 */
export type NetworkTrouble =
  | 'lost-request'
  | 'lost-reply'
  | 'kill-before'
  | 'kill-after'
  | { readonly arrivesAfterMs: number }
  | { readonly executedAfterMs: number }
  | { readonly answered: (body: string) => string }
  | { readonly instead: SimResponse }
  | { readonly held: Promise<void> };

export interface StripeOptions {
  readonly seed: string;
  readonly credential: Secret;
  readonly webhookSecret: Secret;
  readonly pendingRate?: number;
  readonly laterMs?: number;
}

/** A simulated Stripe and the network that leads to it. `later` runs something in virtual time. */
export function stripeBehindNetwork(
  options: StripeOptions,
  clock: Clock,
  world: {
    later: (ms: number, run: () => void) => void;
    deliver: (step: SimStep) => void;
    die: () => Promise<never>;
    troubleAt: (request: WireRequest) => NetworkTrouble | undefined;
  },
) {
  const simulator = stripeSimulator({ ...options, chance: chanceFrom(options.seed) });
  const arrive = (request: SimRequest): SimStep => {
    const step = simulator.handle(request, clock.now());
    world.deliver(step);
    return step;
  };
  const answered = (step: SimStep): Answer => {
    const answer = answerOf(step);
    const date = new Date(clock.now()).toUTCString();
    return answer.is === 'answer' ? { ...answer, headers: { date, ...answer.headers } } : answer;
  };
  const exchange: Exchange = async (request) => {
    if (!request.mayStart()) return { is: 'none', why: 'not-started' };
    const arriving = asSimRequest(request);
    const trouble = world.troubleAt(request);
    if (trouble === undefined) return answered(arrive(arriving));
    if (trouble === 'kill-before') return world.die();
    if (trouble === 'lost-request') return silence;
    if (typeof trouble !== 'string' && 'instead' in trouble)
      return answerOf({ reply: trouble.instead, delayMs: 0, webhooks: [] });
    if (typeof trouble !== 'string' && 'arrivesAfterMs' in trouble) {
      world.later(trouble.arrivesAfterMs, () => void arrive(arriving));
      return silence;
    }
    if (typeof trouble !== 'string' && 'executedAfterMs' in trouble) {
      const begun = simulator.begin(arriving, clock.now());
      if (begun.is === 'done') return answerOf(begun.step);
      world.later(trouble.executedAfterMs, () => world.deliver(simulator.complete(begun.ticket, clock.now())));
      return silence;
    }
    const step = arrive(arriving);
    if (trouble === 'kill-after') return world.die();
    if (trouble === 'lost-reply') return silence;
    if ('held' in trouble) await trouble.held;
    if ('answered' in trouble && step.reply !== 'lost')
      return answerOf({ ...step, reply: { ...step.reply, body: trouble.answered(step.reply.body) } });
    return answered(step);
  };
  return { simulator, exchange };
}

const silence: Answer = { is: 'none', why: 'timeout' };

const answerOf = ({ reply }: SimStep): Answer =>
  reply === 'lost'
    ? { is: 'none', why: 'connection' }
    : { is: 'answer', status: reply.status, headers: reply.headers, body: Buffer.from(reply.body) };
