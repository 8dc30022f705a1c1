import { type Currency, parseCurrency } from '../../../domain/money.ts';
import type { Instant } from '../../../domain/time.ts';
import type { SimPayment, SimSeeded } from '../../kit/simulator.ts';
import { toWire } from './money.ts';
import { chargeObject, intentObject } from './simulator-objects.ts';
import type { Habits } from './simulator-refunds.ts';
import type { SimulatedPayment, StripeState } from './simulator-state.ts';
import { eventWebhooks } from './simulator-webhooks.ts';

/**
 * A payment as it is after its capture, or before it. The same payment may be seeded again: it is told again, and what was captured
 * grows if more is stated.
 */
export function seedPayment(state: StripeState, habits: Habits, seed: SimPayment, now: Instant): SimSeeded {
  const made = paymentFrom(seed, now);
  if (typeof made === 'string') return { is: 'refused', problem: made };
  const known = state.payments.find(({ charge }) => charge === made.charge);
  const same =
    known?.intent === made.intent &&
    known.amount === made.amount &&
    known.currency === made.currency &&
    known.order === made.order;
  if (known !== undefined && !same) return { is: 'refused', problem: 'is known, as another payment' };
  const payment = known ?? made;
  if (known === undefined) state.payments.push(made);
  const grew = made.captured > payment.captured;
  payment.captured = Math.max(payment.captured, made.captured);
  payment.voided ||= made.voided && payment.captured === 0;
  const told = (type: string, object: object) => eventWebhooks(state, habits.chance, now, { type, object });
  const { intent } = payment;
  if (payment.captured === 0) {
    const ended = payment.voided && intent !== null;
    return {
      is: 'seeded',
      webhooks: ended ? told('payment_intent.canceled', intentObject(state, payment, false)) : [],
    };
  }
  const charge = told(grew ? 'charge.captured' : 'charge.succeeded', chargeObject(state, payment));
  const paid = intent === null ? [] : told('payment_intent.succeeded', intentObject(state, payment, false));
  return { is: 'seeded', webhooks: [...charge, ...paid] };
}

/** What is wrong with it, in words. */
function paymentFrom(seed: SimPayment, now: Instant): SimulatedPayment | string {
  const currency = parseCurrency(seed.currency);
  const amount = currency === undefined ? undefined : wireOf(seed.amountMinor, currency);
  if (currency === undefined || amount === undefined) return 'is no amount of money that Stripe takes';
  const captured = seed.voided
    ? 0
    : seed.capturedMinor === 0
      ? 0
      : wireOf(seed.capturedMinor ?? seed.amountMinor, currency);
  if (captured === undefined || captured > amount) return 'has a captured amount that is none, or more than its amount';
  const [, prefix, rest] = /^(pi|ch|py)_([A-Za-z0-9_-]{1,200})$/.exec(seed.id) ?? [];
  if (prefix === undefined) return 'has an id that is no PaymentIntent (pi_…) and no charge (ch_…)';
  return {
    intent: prefix === 'pi' ? seed.id : null,
    charge: prefix === 'pi' ? `ch_${rest}` : seed.id,
    amount,
    currency: currency.toLowerCase(),
    created: Math.floor(now / 1000),
    order: seed.order ?? null,
    captured,
    voided: seed.voided ?? false,
    refundsNeedAction: seed.refundsNeedAction ?? false,
    refundsPending: seed.refundsPending ?? null,
  };
}

function wireOf(amountMinor: number, currency: Currency): number | undefined {
  const amount = Number.isSafeInteger(amountMinor) ? toWire(BigInt(amountMinor), currency) : undefined;
  return typeof amount === 'number' ? amount : undefined;
}
