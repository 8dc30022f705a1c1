import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { type Instant, instant, plus } from '../../lib/domain/time.ts';
import { signingSecret } from '../dev-connections.ts';
import type { Stack } from '../stack.ts';
import { counterparts, post } from './counterparts.ts';

/** What a story does, in the words of the people in it. Everything goes over HTTP, as it would from outside. */
export type Play = ReturnType<typeof play>;

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly reasons: readonly string[];
  readonly return: string;
  readonly legs?: readonly {
    readonly state: string;
    readonly amountMinor: number;
    readonly gatewayRefunds: readonly string[];
  }[];
}

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
/** Longer than anything takes that works. */
const patienceMs = 25_000;
const settled = new Set(['refunded', 'held', 'denied', 'failed', 'partly-refunded', 'cancelled']);

export function play(stack: Stack) {
  const payments: { id: string; amountMinor: number }[] = [];
  const returns = new Set<string>();
  const secret = signingSecret(stack.connections[shop], Date.now()) ?? '';

  const api = async <T>(path: string, as: 'viewer' | 'approver' = 'viewer', method = 'GET'): Promise<T> => {
    const response = await fetch(`${stack.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.tokens[as]}` },
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    return (await response.json()) as T;
  };
  const refundsOf = async (name: string): Promise<Shown[]> =>
    (await api<{ refunds: Shown[] }>(`/v1/refunds?return=${encodeURIComponent(name)}`)).refunds;

  const refundsOfOrder = async (order: number): Promise<Shown[]> =>
    (await api<{ refunds: Shown[] }>(`/v1/refunds?order=${order}`)).refunds;

  return {
    ...counterparts(stack),
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
    /** Waits until every refund of the return owes nothing or is in front of a person. */
    outcome: (name: string): Promise<Shown[]> =>
      waitFor(`return ${name} did not settle`, async () => {
        const refunds = await refundsOf(name);
        return refunds.length > 0 && refunds.every((refund) => settled.has(refund.status)) ? refunds : undefined;
      }),
    /** Waits until the return has one refund, of that status and with that reason. */
    until: (name: string, status: string, reason?: string): Promise<Shown> =>
      waitFor(`return ${name} did not become ${status} ${reason ?? ''}`, async () => {
        const [refund, ...others] = await refundsOf(name);
        const fits = refund?.status === status && (reason === undefined || refund.reasons.includes(reason));
        return fits && others.length === 0 ? refund : undefined;
      }),
    refundsOfOrder,
    /** The same for an order, whose return another shop tells of: from then on it is part of the story. */
    untilOrder: (order: number, status: string): Promise<Shown> =>
      waitFor(`order ${order} has no refund that is ${status}`, async () => {
        const [refund, ...others] = await refundsOfOrder(order);
        if (refund?.status !== status || others.length > 0) return undefined;
        returns.add(refund.return);
        return refund;
      }),
    approve: (id: string) => api(`/v1/refunds/${id}/approve`, 'approver', 'POST'),
    deny: (id: string) => api(`/v1/refunds/${id}/deny`, 'approver', 'POST'),
    /** All refunds of this story as the journal has them, with their legs. */
    async journal(): Promise<Shown[]> {
      const heads = (await Promise.all([...returns].map(refundsOf))).flat();
      return Promise.all(heads.map((head) => api<Shown>(`/v1/refunds/${head.id}`)));
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

/** Looks until there is something to see; throws, with the sentence, where that takes longer than anything that works. */
export async function waitFor<T>(otherwise: string, look: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await wait(50);
  }
  throw new Error(`${otherwise} within ${patienceMs / 1000} seconds`);
}
