import { setTimeout as wait } from 'node:timers/promises';
import type { Stack } from '../stack.ts';

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

/** Longer than anything takes that works. */
const patienceMs = 90_000;
const settled = new Set(['refunded', 'held', 'denied', 'failed', 'partly-refunded', 'cancelled']);

/** The operator API, as somebody sees it who waits for something to happen and now and then says yes or no. */
export function eyes(stack: Stack) {
  const api = async <T>(path: string, as: 'viewer' | 'approver' = 'viewer', method = 'GET'): Promise<T> => {
    const response = await fetch(`${stack.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.tokens[as]}` },
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    return (await response.json()) as T;
  };
  const listed = async (query: string): Promise<Shown[]> =>
    (await api<{ refunds: Shown[] }>(`/v1/refunds?${query}`)).refunds;
  const refundsOf = (name: string) => listed(`return=${encodeURIComponent(name)}`);
  const refundsOfOrder = (order: number) => listed(`order=${order}`);

  return {
    refundsOf,
    refundsOfOrder,
    refund: (id: string) => api<Shown>(`/v1/refunds/${id}`),
    /** Waits until every refund of the return owes nothing or is in front of a person. */
    outcome: (name: string): Promise<Shown[]> =>
      waitFor(`return ${name} did not settle`, async () => {
        const refunds = await refundsOf(name);
        return refunds.length > 0 && refunds.every((refund) => settled.has(refund.status)) ? refunds : undefined;
      }),
    /** Waits until the return has one refund, of that status and with that reason. */
    until: (name: string, status: string, reason?: string): Promise<Shown> =>
      waitFor(`return ${name} did not become ${status} ${reason ?? ''}`, async () =>
        theOne(await refundsOf(name), status, reason),
      ),
    untilOfOrder: (order: number, status: string): Promise<Shown> =>
      waitFor(`order ${order} has no refund that is ${status}`, async () =>
        theOne(await refundsOfOrder(order), status),
      ),
    approve: (id: string) => api(`/v1/refunds/${id}/approve`, 'approver', 'POST'),
    deny: (id: string) => api(`/v1/refunds/${id}/deny`, 'approver', 'POST'),
  };
}

function theOne([refund, ...others]: readonly Shown[], status: string, reason?: string): Shown | undefined {
  const fits = refund?.status === status && (reason === undefined || refund.reasons.includes(reason));
  return fits && others.length === 0 ? refund : undefined;
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
