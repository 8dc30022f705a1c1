import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { parseCurrency, parseDecimal } from '../lib/domain/money.ts';
import { instant } from '../lib/domain/time.ts';
import { signingSecret } from '../local/dev-connections.ts';
import { type EventView, type Output, type RefundView, showEvent, showRefund } from './print.ts';
import { call, type ReachedHere, Trouble } from './stack.ts';

export interface SendReturn {
  readonly amount: string;
  readonly currency: string;
  readonly return: string | undefined;
  readonly order: string | undefined;
  readonly payment: string | undefined;
  readonly wait: boolean;
}

const shop = 'generic-demo';
const gateway = 'stripe-demo';

/**
 * Signs and sends a real return webhook. Without `--payment` the simulated Stripe first captures a payment of that amount, so that
 * there is something to refund. Follows the refund until nothing more is owed.
 */
export async function sendReturn(stack: ReachedHere, out: Output, options: SendReturn): Promise<void> {
  const name = options.return ?? `RMA-${randomBytes(3).toString('hex')}`;
  const order = options.order ?? `order-${randomBytes(3).toString('hex')}`;
  const payment = options.payment ?? (await capture(stack, out, options, order));
  const body = JSON.stringify({
    type: 'return.approved',
    timestamp: new Date().toISOString(),
    data: {
      return: name,
      order,
      currency: options.currency,
      payments: [{ connection: gateway, reference: payment }],
      lines: [
        { id: '1', sku: 'DEMO-1', quantity: 1, price: options.amount, tax: '0', reason: 'size', condition: 'new' },
      ],
    },
  });
  const secret = signingSecret(stack.connections[shop], Date.now());
  if (secret === undefined) throw new Trouble(`The stack has no connection ${shop}.`);
  const id = `msg_${randomBytes(9).toString('hex')}`;
  const headers = sign(body, { secret: new Secret(secret), id, at: instant(Date.now()) });
  const before = await refundsOf(stack, name);
  const response = await fetch(`${stack.url}/webhooks/returns/${shop}`, { method: 'POST', body, headers });
  const answer = (await response.json()) as { detail?: string };
  out.line(`POST /webhooks/returns/${shop}  webhook-id ${id}  →  ${response.status}`);
  if (!response.ok) throw new Trouble(answer.detail ?? `The stack answered ${response.status}.`);
  const refund = options.wait ? await follow(stack, out, name, new Set(before.map((one) => one.id))) : undefined;
  out.value({ status: response.status, id, return: name, order, refund: refund ?? null });
}

/** A captured payment at the simulator, under a reference that looks like Stripe's. */
async function capture(
  stack: ReachedHere,
  out: Output,
  { amount, currency: text }: SendReturn,
  order: string,
): Promise<string> {
  const currency = parseCurrency(text);
  const amountMinor = currency === undefined ? undefined : parseDecimal(amount, currency);
  if (currency === undefined) throw new Trouble(`${text} is no currency we know; use three letters such as EUR.`);
  if (typeof amountMinor !== 'bigint' || amountMinor === 0n)
    throw new Trouble(`--amount takes a decimal such as 42.00 in ${currency}.`);
  const id = `pi_${randomBytes(12).toString('hex')}`;
  const response = await fetch(`${stack.url}/sim/stripe/_payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, amountMinor: Number(amountMinor), currency, order }),
  });
  if (!response.ok) throw new Trouble('The simulated Stripe refused the payment.');
  out.line(`simulated Stripe captured ${amount} ${currency} for ${order}`);
  return id;
}

const followMs = 30_000;

const refundsOf = async (stack: ReachedHere, name: string): Promise<RefundView[]> =>
  (await call<{ refunds: RefundView[] }>(stack, 'viewer', { path: `/v1/refunds?return=${encodeURIComponent(name)}` }))
    .refunds;

const settled: ReadonlySet<string> = new Set(['refunded', 'held', 'denied', 'failed', 'partly-refunded', 'cancelled']);

/** A repetition of what was stated before makes no new refund: that shows after a moment. */
const nothingNewMs = 3000;

/** Prints events as they come, until the refund that this webhook made owes nothing or waits for a person. */
async function follow(
  stack: ReachedHere,
  out: Output,
  name: string,
  before: ReadonlySet<string>,
): Promise<RefundView | undefined> {
  const started = Date.now();
  let shown = 0;
  let last: RefundView | undefined;
  while (Date.now() < started + followMs) {
    last = (await refundsOf(stack, name)).find((one) => !before.has(one.id)) ?? last;
    if (last === undefined && before.size > 0 && Date.now() > started + nothingNewMs) {
      out.line(`nothing new: return ${name} was stated like this before`);
      return undefined;
    }
    if (last !== undefined) {
      const { events } = await call<{ events: EventView[] }>(stack, 'viewer', {
        path: `/v1/refunds/${last.id}/events`,
      });
      for (const event of events.slice(shown)) showEvent(out, event);
      shown = events.length;
      if (settled.has(last.status)) {
        showRefund(out, last);
        return last;
      }
    }
    await wait(100);
  }
  const where =
    last === undefined
      ? 'has no refund yet'
      : `is ${last.status} (${last.reasons.join(', ') || 'sending may be stopped'}): npx redress show ${last.id}`;
  throw new Trouble(`Return ${name} was accepted, and after ${followMs / 1000} seconds it ${where}.`);
}
