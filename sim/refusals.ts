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

/** Refusals that are said again under their key for as long as keys are kept, as Stripe keeps what began to execute. */
function keptNoes({ time, keyWindowMs }: Pick<Account, 'time' | 'keyWindowMs'>) {
  const kept = new Map<string, { readonly reply: SimResponse; readonly atMs: number }>();
  return {
    keep: (request: SimRequest, reply: SimResponse) => void kept.set(keyOf(request), { reply, atMs: time.now() }),
    of: (request: SimRequest): SimResponse | undefined => {
      const no = request.method === 'POST' ? kept.get(keyOf(request)) : undefined;
      return no !== undefined && time.now() < no.atMs + keyWindowMs ? no.reply : undefined;
    },
  };
}

const keyOf = (request: SimRequest): string => request.headers['idempotency-key'] ?? '';

/** The noes of an account. What was executed before is replayed whatever strikes. */
export function refusing(account: Account, ways: Ways) {
  const { simulator, chance } = account;
  const kept = keptNoes(account);
  let closed: 'locked' | 'silent' | false = false;
  const answer = (request: SimRequest, reply: SimResponse): SimStep => {
    ways.answered(request);
    return { reply, delayMs: 0, webhooks: [] };
  };
  const known = (request: SimRequest): boolean => {
    const { keys, faults } = simulator.state;
    return faults.down || kept.of(request) !== undefined || keys[`key:${keyOf(request)}`] !== undefined;
  };
  const arrive = (request: SimRequest): SimStep => {
    const no = simulator.state.faults.down ? undefined : kept.of(request);
    if (no !== undefined) return answer(request, no);
    if (closed !== false && request.method === 'POST' && !known(request))
      return closed === 'silent' ? { reply: 'lost', delayMs: 0, webhooks: [] } : answer(request, locked);
    return ways.arrive(request);
  };
  const refuse = (request: SimRequest, code: string): SimStep => {
    const reply = replyOf(code === 'resource_missing' ? 404 : 400, code);
    if (chance.draw('refusal is kept') < 0.5) kept.keep(request, reply);
    return answer(request, reply);
  };
  return {
    arrive,
    /** From now on, or no more, it takes no refund that it does not know: it says so, or it says nothing. */
    shut: (to: typeof closed) => {
      closed = to;
    },
    strike(fault: MoneyFault, request: SimRequest): SimStep {
      if (closed !== false || known(request)) return arrive(request);
      switch (fault) {
        case 'kept-500':
          return failing(account, ways, request);
        case 'slow-execution':
          return slowly(account, ways, request);
        case 'come-later':
          return answer(request, comeLater(chance));
        default:
          return refuse(request, noes[fault]);
      }
    },
  };
}

function slowly({ time, chance, simulator, lateArrivalMs }: Account, ways: Ways, request: SimRequest): SimStep {
  const begun = simulator.begin(request, time.now());
  ways.answered(request);
  if (begun.is === 'done') return begun.step;
  time.after(chance.between('slow execution', 1000, lateArrivalMs), 'executed at last', () => {
    ways.emit(simulator.complete(begun.ticket, time.now()).webhooks);
    ways.answered(nothing);
  });
  return { reply: 'lost', delayMs: 0, webhooks: [] };
}

function failing({ simulator }: Account, ways: Ways, request: SimRequest): SimStep {
  const { errorRate } = simulator.state.faults;
  simulator.setFaults({ ...simulator.state.faults, errorRate: 1 });
  const step = ways.arrive(request);
  simulator.setFaults({ ...simulator.state.faults, errorRate });
  return step;
}

const nothing: SimRequest = { method: '', path: '', query: '', headers: {}, body: '' };

function replyOf(status: number, code: string, headers: Readonly<Record<string, string>> = {}): SimResponse {
  const body = JSON.stringify({ error: { type: 'invalid_request_error', code, message: 'simulated' } });
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** About one object, not about the account's rate: nothing is executed and nothing kept. */
const locked = replyOf(429, 'lock_timeout');
/** Some ask for more than anybody should wait. */
function comeLater(chance: Chances): SimResponse {
  const most = chance.draw('come later') < 0.5 ? 60 : 6_000_000;
  const seconds = 1 + Math.floor(chance.draw('come later by') * most);
  return replyOf(429, 'lock_timeout', { 'retry-after': String(seconds) });
}
