import type { Secret } from '../../../app/ports/connections.ts';
import { parseCurrency } from '../../../domain/money.ts';
import { hour, type Instant, instant, second } from '../../../domain/time.ts';
import type {
  Chance,
  SimBegun,
  SimPayment,
  SimRefund,
  SimRequest,
  SimSeeded,
  SimStep,
  Simulator,
} from '../../kit/simulator.ts';
import { fromWire, toWire } from './money.ts';
import { sign } from './sign.ts';
import { chargeObject, intentObject } from './simulator-objects.ts';
import { type Habits, moveRefund } from './simulator-refunds.ts';
import { beginRequest, completeRequest } from './simulator-requests.ts';
import { emptyState, type SimulatedPayment, type StripeState } from './simulator-state.ts';
import { eventWebhooks } from './simulator-webhooks.ts';

export interface StripeSimulatorOptions {
  /** Where it stopped; a new account without it. It is changed in place. */
  readonly state?: StripeState;
  /** The only API key it lets in; without it any bearer will do. */
  readonly credential?: Secret;
  readonly webhookSecret: Secret;
  readonly chance: Chance;
  /** Stripe's is 24 h. */
  readonly keyWindowMs?: number;
  readonly pendingRate?: number;
  readonly laterMs?: number;
}

export interface StripeSimulator extends Simulator {
  readonly state: StripeState;
  seedPayment(payment: SimPayment & { readonly refundsNeedAction?: boolean }, now: Instant): SimSeeded;
  /** A chargeback comes, or goes. */
  setDisputed(payment: string, disputed: boolean): void;
}

/** One Stripe account in test mode. */
export function stripeSimulator(options: StripeSimulatorOptions): StripeSimulator {
  const state = options.state ?? emptyState();
  const habits: Habits = {
    chance: options.chance,
    pendingRate: options.pendingRate ?? 0,
    laterMs: options.laterMs ?? 3 * second,
  };
  const account = { state, habits, credential: options.credential, keyWindowMs: options.keyWindowMs ?? 24 * hour };
  const begin = (request: SimRequest, now: Instant): SimBegun => beginRequest(account, request, now);
  const complete = (ticket: string, now: Instant): SimStep => completeRequest(account, ticket, now);
  return {
    state,
    begin,
    complete,
    handle(request, now) {
      const begun = begin(request, now);
      return begun.is === 'done' ? begun.step : complete(begun.ticket, now);
    },
    advance: (now) => advance(state, habits, now),
    nextAt: () => (state.later.length === 0 ? undefined : instant(Math.min(...state.later.map(({ atMs }) => atMs)))),
    sign: (webhook, now) => sign(webhook.body, options.webhookSecret, now),
    seedPayment: (payment, now) => seedPayment(state, habits, payment, now),
    refunds: () => state.refunds.map((refund) => truthOf(state, refund)),
    calls: () => state.calls,
    setFaults(faults) {
      state.faults = faults;
    },
    setDisputed(name, disputed) {
      const payment = state.payments.find(({ intent, charge }) => intent === name || charge === name);
      if (payment !== undefined) payment.disputed = disputed;
    },
  };
}

function advance(state: StripeState, habits: Habits, now: Instant) {
  const due = state.later.filter(({ atMs }) => atMs <= now).sort((a, b) => a.atMs - b.atMs);
  state.later.splice(0, state.later.length, ...state.later.filter(({ atMs }) => atMs > now));
  return due.flatMap(({ refund: id, to }) => {
    const refund = state.refunds.find((one) => one.id === id);
    const movable = refund?.status === 'pending' || refund?.status === 'succeeded';
    return refund === undefined || !movable ? [] : moveRefund(state, habits, refund, to, now);
  });
}

/** A payment as it is after its capture. The same payment may be seeded again: it is told again, and nothing else happens. */
function seedPayment(
  state: StripeState,
  habits: Habits,
  seed: SimPayment & { readonly refundsNeedAction?: boolean },
  now: Instant,
): SimSeeded {
  const currency = parseCurrency(seed.currency);
  const amount =
    Number.isSafeInteger(seed.amountMinor) && currency !== undefined
      ? toWire(BigInt(seed.amountMinor), currency)
      : undefined;
  if (currency === undefined || typeof amount !== 'number')
    return { is: 'refused', problem: 'is no amount of money that Stripe takes' };
  const [, prefix, rest] = /^(pi|ch|py)_([A-Za-z0-9_-]{1,200})$/.exec(seed.id) ?? [];
  if (prefix === undefined)
    return { is: 'refused', problem: 'has an id that is no PaymentIntent (pi_…) and no charge (ch_…)' };
  const made: SimulatedPayment = {
    intent: prefix === 'pi' ? seed.id : null,
    charge: prefix === 'pi' ? `ch_${rest}` : seed.id,
    amount,
    currency: currency.toLowerCase(),
    created: Math.floor(now / 1000),
    order: seed.order ?? null,
    disputed: false,
    refundsNeedAction: seed.refundsNeedAction ?? false,
  };
  const known = state.payments.find(({ charge }) => charge === made.charge);
  const same =
    known?.intent === made.intent &&
    known.amount === amount &&
    known.currency === made.currency &&
    known.order === made.order;
  if (known !== undefined && !same) return { is: 'refused', problem: 'is known, as another payment' };
  const payment = known ?? made;
  if (known === undefined) state.payments.push(made);
  const told = (type: string, object: object) => eventWebhooks(state, habits.chance, now, { type, object });
  const charge = told('charge.succeeded', chargeObject(state, payment));
  const intent = payment.intent === null ? [] : told('payment_intent.succeeded', intentObject(state, payment, false));
  return { is: 'seeded', webhooks: [...charge, ...intent] };
}

function truthOf(state: StripeState, refund: StripeState['refunds'][number]): SimRefund {
  const payment = state.payments.find(({ charge }) => charge === refund.charge);
  const money = fromWire(refund.amount, refund.currency);
  return {
    id: refund.id,
    payment: payment?.intent ?? refund.charge,
    amountMinor: Number(money?.amountMinor),
    currency: refund.currency.toUpperCase(),
    status: refund.status === 'requires_action' ? 'pending' : refund.status,
    reference: refund.metadata.redress_refund ?? null,
    key: refund.key,
  };
}
