import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { keyOf } from '../lib/adapters/sources/generic/secret.ts';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { exponentOf, largestMinor, parseCurrency, parseDecimal, print, printDecimal } from '../lib/domain/money.ts';
import { instant } from '../lib/domain/time.ts';
import { signingSecret } from '../local/dev-connections.ts';
import { WrongUse } from './command.ts';
import { type EventView, type Output, quoted, type RefundView, showEvent, showRefund } from './print.ts';
import { ask, call, type Reached, reach, reachHere, Trouble } from './stack.ts';

export interface SendReturn {
  readonly amount: string;
  readonly currency: string;
  readonly return: string | undefined;
  readonly order: string | undefined;
  readonly payment: string | undefined;
  readonly wait: boolean;
}

/** Who sends it, and at which gateway account the named payment is. */
export interface Shop {
  readonly stack: Reached;
  readonly shop: string;
  readonly gateway: string | undefined;
  readonly secret: Secret;
  /** Whether the stack has a simulated gateway, at which a payment can be made up. */
  readonly simulated: boolean;
}

const demo = { shop: 'generic-demo', gateway: 'stripe-demo' } as const;

/** The shop of a stack on this machine, by its data folder; of one elsewhere, by its name and its secret. Throws `WrongUse`, or `Trouble`. */
export function shopOf(
  env: NodeJS.ProcessEnv,
  given: {
    connection?: string | undefined;
    gateway?: string | undefined;
    payment?: string | undefined;
    order?: string | undefined;
  },
): Shop {
  const elsewhere = env.REDRESS_URL !== undefined && env.REDRESS_URL !== '';
  const { connection: shop = elsewhere ? undefined : demo.shop } = given;
  const gateway = given.gateway ?? (elsewhere ? undefined : demo.gateway);
  if (!elsewhere) {
    const stack = reachHere(env);
    const like = stack.connections[demo.shop]?.platform;
    const signs = Object.keys(stack.connections).filter((name) => stack.connections[name]?.platform === like);
    const secret = signs.includes(shop ?? '') && signingSecret(stack.connections[shop ?? ''], Date.now());
    if (typeof secret !== 'string')
      throw new Trouble(`send-return can't sign as ${shop}; here it can as ${signs.join(', ')}.`);
    const gateways = Object.keys(stack.connections).filter((name) => stack.connections[name]?.kind === 'gateway');
    if (given.gateway !== undefined && !gateways.includes(given.gateway))
      throw new Trouble(`${given.gateway} is no gateway of this stack; its gateways are ${gateways.join(', ')}.`);
    return { stack, shop: shop ?? '', gateway, secret: new Secret(secret), simulated: true };
  }
  if (shop === undefined || (given.payment === undefined ? given.order === undefined : gateway === undefined))
    throw new WrongUse(
      'with REDRESS_URL, send-return takes --connection SHOP and either --order ID or --payment REFERENCE with --gateway NAME',
    );
  const secret = env.REDRESS_SHOP_SECRET;
  if (secret === undefined || secret === '')
    throw new Trouble(`Put the verify secret of ${shop} into REDRESS_SHOP_SECRET: send-return signs as that shop.`);
  if (keyOf(new Secret(secret)) === undefined)
    throw new Trouble('REDRESS_SHOP_SECRET is no verify secret: whsec_ and the base64 of 24 to 64 bytes.');
  return { stack: reach(env), shop, gateway, secret: new Secret(secret), simulated: false };
}

/**
 * Signs and sends a real return webhook. Without `--payment` the simulated Stripe first captures a payment of that amount, so that
 * there is something to refund. Follows the refund until nothing more is owed.
 */
export async function sendReturn(sender: Shop, out: Output, options: SendReturn): Promise<void> {
  const { stack, shop, gateway } = sender;
  const amountMinor = minorOf(options);
  const name = options.return ?? `RMA-${randomBytes(3).toString('hex')}`;
  const order = options.order ?? `order-${randomBytes(3).toString('hex')}`;
  const payment =
    options.payment ?? (sender.simulated ? await capture(stack, out, { ...options, amountMinor }, order) : undefined);
  const body = JSON.stringify({
    type: 'return.approved',
    timestamp: new Date().toISOString(),
    data: {
      return: name,
      order,
      currency: options.currency,
      ...(payment !== undefined && { payments: [{ connection: gateway, reference: payment }] }),
      lines: [
        { id: '1', sku: 'DEMO-1', quantity: 1, price: options.amount, tax: '0', reason: 'size', condition: 'new' },
      ],
    },
  });
  const id = `msg_${randomBytes(9).toString('hex')}`;
  const headers = sign(body, { secret: sender.secret, id, at: instant(Date.now()) });
  const before = await refundsOf(stack, name);
  const response = await ask(stack.url, `/webhooks/returns/${shop}`, { method: 'POST', body, headers });
  const answer = (await response.json().catch(() => ({}))) as { detail?: string };
  out.line(`POST /webhooks/returns/${shop}  webhook-id ${id}  →  ${response.status}`);
  if (!response.ok) throw new Trouble(answer.detail ?? `The stack answered ${response.status}.`);
  if (!options.wait) out.line(`return ${name}, order ${order}: redress list --return ${quoted(name)}`);
  const refund = options.wait ? await follow(stack, out, name, new Set(before.map((one) => one.id))) : undefined;
  out.value({ status: response.status, id, return: name, order, refund: refund ?? null });
}

/** Read as the door reads it: nothing is sent, and no payment made up, that it would refuse. Throws `WrongUse`. */
function minorOf({ amount, currency: text }: SendReturn): bigint {
  const currency = parseCurrency(text);
  if (currency === undefined || currency !== text)
    throw new WrongUse(`--currency takes three capital letters such as EUR, and "${text}" is no currency we know`);
  const amountMinor = parseDecimal(amount, currency);
  const decimals = exponentOf(currency);
  if (amountMinor === 'too-many-decimals')
    throw new WrongUse(`--amount: ${currency} has ${decimals === 0 ? 'no' : `at most ${decimals}`} decimals`);
  if (amountMinor === 'too-large')
    throw new WrongUse(`--amount is above the largest amount, ${print({ amountMinor: largestMinor, currency })}`);
  if (amountMinor === 'not-a-decimal' || amountMinor === 0n) {
    const such = printDecimal({ amountMinor: 42n * 10n ** BigInt(decimals), currency });
    throw new WrongUse(`--amount takes a decimal above zero, such as ${such}, with no comma, sign, exponent or space`);
  }
  return amountMinor;
}

/** A captured payment at the simulator, under a reference that looks like Stripe's. */
async function capture(
  stack: Reached,
  out: Output,
  { amount, currency, amountMinor }: SendReturn & { readonly amountMinor: bigint },
  order: string,
): Promise<string> {
  const id = `pi_${randomBytes(12).toString('hex')}`;
  const response = await ask(stack.url, '/sim/stripe/_payments', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, amountMinor: Number(amountMinor), currency, order }),
  });
  if (!response.ok) {
    const { problem } = (await response.json().catch(() => ({}))) as { problem?: string };
    throw new Trouble(
      `The simulated Stripe refused the payment of ${amount} ${currency}${problem === undefined ? '' : `, which ${problem}`}.`,
    );
  }
  out.line(`simulated Stripe captured ${amount} ${currency} for ${order}`);
  return id;
}

const followMs = 30_000;

const refundsOf = async (stack: Reached, name: string): Promise<RefundView[]> =>
  (await call<{ refunds: RefundView[] }>(stack, 'viewer', { path: `/v1/refunds?return=${encodeURIComponent(name)}` }))
    .refunds;

const settled: ReadonlySet<string> = new Set(['refunded', 'held', 'denied', 'failed', 'partly-refunded', 'cancelled']);

/** A repetition of what was stated before makes no new refund: that shows after a moment. */
const nothingNewMs = 3000;

/** Prints events as they come, until the refund that this webhook made owes nothing or waits for a person. */
async function follow(
  stack: Reached,
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
