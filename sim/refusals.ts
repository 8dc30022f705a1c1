import type { StripeSimulator } from '../lib/adapters/gateways/stripe/simulator.ts';
import type { SimRequest, SimResponse, SimStep, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Chances } from './chance.ts';
import type { Scheduler } from './scheduler.ts';

/** What a gateway says no with, by the fault that stands for it (docs.stripe.com/error-codes). */
const noes = {
  'refuse-funds': 'balance_insufficient',
  'refuse-disputed': 'charge_disputed',
  'refuse-refunded': 'charge_already_refunded',
  'refuse-expired': 'charge_expired',
  'refuse-missing': 'resource_missing',
} as const;

/**
 * What can happen to a request for money besides what the network does: it is refused, answered with a 500 that is kept under its key (half
 * of them after the effect), told to come again later, or executed so slowly that a repetition finds it still under way.
 */
export const moneyFaults = [
  'refuse-funds',
  'refuse-disputed',
  'refuse-refunded',
  'refuse-expired',
  'refuse-missing',
  'kept-500',
  'come-later',
  'slow-execution',
] as const;
export type MoneyFault = (typeof moneyFaults)[number];
export const isMoneyFault = (fault: string): fault is MoneyFault => moneyFaults.some((one) => one === fault);

interface Account {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly simulator: StripeSimulator;
  readonly keyWindowMs: number;
  readonly lateArrivalMs: number;
}

interface Ways {
  readonly arrive: (request: SimRequest) => SimStep;
  readonly emit: (webhooks: readonly SimWebhook[]) => void;
  readonly answered: (request: SimRequest) => void;
}

/**
 * The noes of an account. A refusal executes nothing; half of them are kept under their key and said again for as long as keys are, as
 * Stripe keeps what began to execute. What was executed before is replayed whatever strikes.
 */
export function refusing({ time, chance, simulator, keyWindowMs, lateArrivalMs }: Account, ways: Ways) {
  const kept = new Map<string, { readonly reply: SimResponse; readonly atMs: number }>();
  let closed = false;

  const keyOf = (request: SimRequest) => request.headers['idempotency-key'] ?? '';
  const answer = (request: SimRequest, reply: SimResponse): SimStep => {
    ways.answered(request);
    return { reply, delayMs: 0, webhooks: [] };
  };
  const known = (request: SimRequest): boolean => {
    const { keys, faults } = simulator.state;
    return faults.down || keptFor(request) !== undefined || keys[`key:${keyOf(request)}`] !== undefined;
  };
  const keptFor = (request: SimRequest): SimResponse | undefined => {
    const no = kept.get(keyOf(request));
    return no !== undefined && time.now() < no.atMs + keyWindowMs ? no.reply : undefined;
  };
  const arrive = (request: SimRequest): SimStep => {
    const { down } = simulator.state.faults;
    const no = request.method !== 'POST' || down ? undefined : keptFor(request);
    if (no !== undefined) return answer(request, no);
    if (closed && request.method === 'POST' && !known(request)) return answer(request, locked);
    return ways.arrive(request);
  };
  const refuse = (request: SimRequest, code: string): SimStep => {
    const reply = replyOf(code === 'resource_missing' ? 404 : 400, code);
    if (chance.draw('refusal is kept') < 0.5) kept.set(keyOf(request), { reply, atMs: time.now() });
    return answer(request, reply);
  };
  const slowly = (request: SimRequest): SimStep => {
    const begun = simulator.begin(request, time.now());
    ways.answered(request);
    if (begun.is === 'done') return begun.step;
    time.after(chance.between('slow execution', 1000, lateArrivalMs), 'executed at last', () => {
      ways.emit(simulator.complete(begun.ticket, time.now()).webhooks);
      ways.answered(nothing);
    });
    return { reply: 'lost', delayMs: 0, webhooks: [] };
  };
  const failing = (request: SimRequest): SimStep => {
    const { errorRate } = simulator.state.faults;
    simulator.setFaults({ ...simulator.state.faults, errorRate: 1 });
    const step = ways.arrive(request);
    simulator.setFaults({ ...simulator.state.faults, errorRate });
    return step;
  };
  return {
    arrive,
    shut: (to: boolean) => {
      closed = to;
    },
    strike(fault: MoneyFault, request: SimRequest): SimStep {
      if (closed || known(request)) return arrive(request);
      switch (fault) {
        case 'kept-500':
          return failing(request);
        case 'slow-execution':
          return slowly(request);
        case 'come-later': {
          // Some ask for more than anybody should wait.
          const days = chance.draw('come later') < 0.5 ? 1 : 100_000;
          return answer(request, comeLater(1 + Math.floor(chance.draw('come later by') * 60 * days)));
        }
        default:
          return refuse(request, noes[fault]);
      }
    },
  };
}

const nothing: SimRequest = { method: '', path: '', query: '', headers: {}, body: '' };

function replyOf(status: number, code: string, headers: Readonly<Record<string, string>> = {}): SimResponse {
  const body = JSON.stringify({ error: { type: 'invalid_request_error', code, message: 'simulated' } });
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** About one object, not about the account's rate: nothing is executed and nothing kept. */
const locked = replyOf(429, 'lock_timeout');
const comeLater = (seconds: number) => replyOf(429, 'lock_timeout', { 'retry-after': String(seconds) });
