import { randomBytes } from 'node:crypto';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { type Instant, instant, plus } from '../../lib/domain/time.ts';
import { signingSecret } from '../dev-connections.ts';
import type { Stack } from '../stack.ts';
import { counterparts, post } from './counterparts.ts';
import { eyes, type Shown } from './eyes.ts';

/** What a story does, in the words of the people in it. Everything goes over HTTP, as it would from outside. */
export type Play = ReturnType<typeof play>;

export interface GatewayRefund {
  readonly id: string;
  readonly payment: string;
  readonly amountMinor: number;
  readonly status: string;
  readonly key: string | null;
}

/** A return as the shop states it, and how this delivery of it is made. */
export interface Sent {
  readonly return: string;
  readonly payment: string;
  readonly amount: string;
  /** The same id is the same delivery. */
  readonly id?: string;
  readonly secret?: string;
  readonly signedAt?: Instant;
}

const shop = 'generic-demo';
const gateway = 'stripe-demo';

export function play(stack: Stack) {
  const payments: { id: string; amountMinor: number }[] = [];
  const returns = new Set<string>();
  const secret = signingSecret(stack.connections[shop], Date.now()) ?? '';

  const seen = eyes(stack);

  return {
    ...counterparts(stack),
    ...seen,
    payments,
    /** A customer paid: the simulated Stripe captures, and sends its webhook. */
    async pay(amountMinor: number, order?: string): Promise<string> {
      const id = `pi_${randomBytes(12).toString('hex')}`;
      payments.push({ id, amountMinor });
      const payment = { id, amountMinor, currency: 'EUR', order: order ?? `order-${id.slice(3, 9)}` };
      await post(`${stack.url}/sim/stripe/_payments`, payment);
      return id;
    },
    faults: (faults: Readonly<Record<string, number | boolean>>) => post(`${stack.url}/sim/stripe/_faults`, faults),
    /** The shop says what came back. The answer is the status code. */
    async send({ return: name, payment, amount, ...how }: Sent): Promise<number> {
      returns.add(name);
      const body = JSON.stringify({
        type: 'return.approved',
        data: {
          return: name,
          order: `order-${payment.slice(3, 9)}`,
          currency: 'EUR',
          payments: [{ connection: gateway, reference: payment }],
          lines: [{ id: '1', sku: 'DEMO-1', quantity: 1, price: amount, tax: '0', reason: 'size', condition: 'new' }],
        },
      });
      const id = how.id ?? `msg_${randomBytes(9).toString('hex')}`;
      const headers = sign(body, {
        secret: new Secret(how.secret ?? secret),
        id,
        at: how.signedAt ?? instant(Date.now()),
      });
      return (await fetch(`${stack.url}/webhooks/returns/${shop}`, { method: 'POST', body, headers })).status;
    },
    /** Waits for an order's refund, whose return another shop tells of: from then on it is part of the story. */
    async untilOrder(order: number, status: string): Promise<void> {
      returns.add((await seen.untilOfOrder(order, status)).return);
    },
    /** All refunds of this story as the journal has them, with their legs. */
    async journal(): Promise<Shown[]> {
      const heads = (await Promise.all([...returns].map(seen.refundsOf))).flat();
      return Promise.all(heads.map(({ id }) => seen.refund(id)));
    },
    /** What the gateway really did to this story's payments. */
    async truth(): Promise<GatewayRefund[]> {
      const response = await fetch(`${stack.url}/sim/stripe/_refunds`);
      const all = (await response.json()) as GatewayRefund[];
      const ours = new Set(payments.map((payment) => payment.id));
      return all.filter(
        (refund) => ours.has(refund.payment) && refund.status !== 'failed' && refund.status !== 'canceled',
      );
    },
    longAgo: () => plus(instant(Date.now()), -3_600_000),
    foreignSecret: () => `whsec_${randomBytes(32).toString('base64')}`,
  };
}
