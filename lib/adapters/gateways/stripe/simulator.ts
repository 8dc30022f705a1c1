import type { Secret } from '../../../app/ports/connections.ts';
import { parseCurrency } from '../../../domain/money.ts';
import { hour, type Instant, instant, second } from '../../../domain/time.ts';
import type {
  Chance,
  SimBegun,
  SimDisputing,
  SimMove,
  SimOpened,
  SimRefund,
  SimRequest,
  SimStep,
  SimTold,
  Simulator,
  SimWebhook,
} from '../../kit/simulator.ts';
import { fromWire, toWire } from './money.ts';
import { sign } from './sign.ts';
import { closeDispute, openDispute, warnOfFraud } from './simulator-disputes.ts';
import type { Limits } from './simulator-limits.ts';
import { seedPayment } from './simulator-payments.ts';
import { type Habits, moveRefund } from './simulator-refunds.ts';
import { beginRequest, completeRequest } from './simulator-requests.ts';
import { emptyState, paymentOf, type StripeState } from './simulator-state.ts';

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
  /** Stripe's limits on requests in a second; none are enforced without it. */
  readonly limits?: Limits;
}

export interface StripeSimulator extends Simulator {
  readonly state: StripeState;
  openDispute(of: SimDisputing, now: Instant): SimOpened;
  closeDispute(of: { readonly id: string; readonly status: 'won' | 'lost' }, now: Instant): SimTold;
  moveRefund(of: SimMove & { readonly id: string }, now: Instant): SimTold;
  /** An early fraud warning comes. */
  warnOfFraud(payment: string, now: Instant): readonly SimWebhook[];
}

/** One Stripe account in test mode. */
export function stripeSimulator(options: StripeSimulatorOptions): StripeSimulator {
  const state = options.state ?? emptyState();
  const habits: Habits = {
    chance: options.chance,
    pendingRate: options.pendingRate ?? 0,
    laterMs: options.laterMs ?? 3 * second,
  };
  const { credential, limits } = options;
  const account = { state, habits, credential, limits, keyWindowMs: options.keyWindowMs ?? 24 * hour };
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
    refunds() {
      const intents = new Map(state.payments.map(({ charge, intent }) => [charge, intent]));
      return state.refunds.map((refund) => truthOf(refund, intents));
    },
    calls: () => state.calls,
    setFaults(faults) {
      state.faults = faults;
    },
    openDispute: (of, now) => opened(state, habits, of, now),
    closeDispute: (of, now) => closeDispute(state, habits, of, now),
    moveRefund: (of, now) => moved(state, habits, of, now),
    warnOfFraud: (payment, now) => warnOfFraud(state, habits, payment, now),
  };
}

function advance(state: StripeState, habits: Habits, now: Instant) {
  const due = state.later.filter(({ atMs }) => atMs <= now).sort((a, b) => a.atMs - b.atMs);
  state.later.splice(0, state.later.length, ...state.later.filter(({ atMs }) => atMs > now));
  return due.flatMap(({ refund: id, to }) => {
    const refund = state.refunds.find((one) => one.id === id);
    const movable = refund?.status === 'pending' || refund?.status === 'succeeded';
    return refund === undefined || !movable ? [] : moveRefund(state, habits, refund, { status: to }, now);
  });
}

function opened(
  state: StripeState,
  habits: Habits,
  { payment, amountMinor, kind }: SimDisputing,
  now: Instant,
): SimOpened {
  const currency = parseCurrency(paymentOf(state, payment)?.currency ?? '');
  if (amountMinor !== undefined && (!Number.isSafeInteger(amountMinor) || currency === undefined))
    return { is: 'refused', problem: 'is no amount of a payment that there is' };
  const amount =
    amountMinor === undefined || currency === undefined ? undefined : toWire(BigInt(amountMinor), currency);
  if (typeof amount === 'string') return { is: 'refused', problem: 'is no amount of money that Stripe takes' };
  const of = { payment, inquiry: kind === 'inquiry', ...(amount === undefined ? {} : { amount }) };
  return openDispute(state, habits, of, now);
}

function moved(state: StripeState, habits: Habits, { id, ...to }: SimMove & { id: string }, now: Instant): SimTold {
  const refund = state.refunds.find((one) => one.id === id);
  if (refund === undefined) return { is: 'refused', problem: 'there is no such refund' };
  if (refund.status === 'failed' || refund.status === 'canceled')
    return { is: 'refused', problem: 'the refund has ended' };
  return { is: 'told', webhooks: moveRefund(state, habits, refund, to, now) };
}

function truthOf(refund: StripeState['refunds'][number], intents: ReadonlyMap<string, string | null>): SimRefund {
  const money = fromWire(refund.amount, refund.currency);
  return {
    id: refund.id,
    payment: intents.get(refund.charge) ?? refund.charge,
    amountMinor: Number(money?.amountMinor),
    currency: refund.currency.toUpperCase(),
    status: refund.status === 'requires_action' ? 'pending' : refund.status,
    reference: refund.metadata.redress_refund ?? null,
    key: refund.key,
  };
}
