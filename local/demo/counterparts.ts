import type { Stack } from '../stack.ts';

export interface Sold {
  readonly order: number;
  readonly payment: string;
  /** For all of its two pieces, tax included: `"48.00"`. */
  readonly amount: string;
}

/** A record of a refund as the shop keeps it. */
export interface ShopRefund {
  readonly id: string;
  readonly reference: string | null;
}

/** What people do at the simulated gateway and in the simulated shop, past Redress. */
export function counterparts(stack: Stack) {
  const { url } = stack;
  return {
    /** The customer's bank disputes a payment. Answers the dispute's id. */
    dispute: async (payment: string): Promise<string> =>
      (await post<{ id: string }>(`${url}/sim/stripe/_disputes`, { payment })).id,
    decideDispute: (id: string, status: 'won' | 'lost') => post(`${url}/sim/stripe/_disputes/${id}`, { status }),
    /** The shop sold two pieces of one thing, paid through Stripe. */
    sell: ({ order, payment, amount }: Sold) =>
      post(`${url}/sim/shopify/_orders`, {
        id: order,
        currency: 'EUR',
        lines: [{ id: 1, quantity: 2, price: amount, tax: '0.00' }],
        transactions: [{ gateway: 'stripe', reference: payment, amount }],
      }),
    /** Staff writes a refund of one piece down; `moved` where the shop pays it back by itself. */
    record: (order: number, moved?: string) =>
      post(`${url}/sim/shopify/_refunds`, {
        order,
        lines: [{ id: 1, quantity: 1 }],
        ...(moved === undefined ? {} : { moved }),
      }),
    /** One piece of a return has arrived and was looked at. */
    process: (order: number, id: number) =>
      post(`${url}/sim/shopify/_returns`, { id, order, lines: [{ id: 1, quantity: 1, processed: 1 }] }),
    shopFaults: (faults: Readonly<Record<string, number | boolean>>) => post(`${url}/sim/shopify/_faults`, faults),
    /** All refund records that the shop has, whoever made them. */
    records: () => get<ShopRefund[]>(`${url}/sim/shopify/_refunds`),
    /** How the engine asks its gateway accounts now. */
    gateways: async (): Promise<readonly { readonly connection: string; readonly state: string }[]> =>
      (
        await get<{ gateways: { connection: string; state: string }[] }>(`${url}/v1/gateways`, {
          authorization: `Bearer ${stack.tokens.viewer}`,
        })
      ).gateways,
    /** How many requests for money Stripe has got so far. */
    requests: async (): Promise<number> =>
      (await get<{ method: string; path: string }[]>(`${url}/sim/stripe/_calls`)).filter(
        ({ method, path }) => method === 'POST' && path === '/v1/refunds',
      ).length,
  };
}

/** Sends JSON and reads the JSON that comes back; throws with what the other side said was wrong. */
export async function post<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

async function get<T>(url: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
  return (await response.json()) as T;
}
