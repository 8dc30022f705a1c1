import { type Faults, noFaults, type SimCall } from '../../kit/simulator.ts';
import { topics } from './manifest.ts';

/** Everything the simulated shop knows: plain JSON. Amounts are minor units of the order's currency. */
export interface ShopState {
  /** Numbers webhooks and objects, so that every id and every label of chance is new. */
  counter: number;
  readonly orders: SimulatedOrder[];
  readonly returns: SimulatedReturn[];
  readonly refunds: SimulatedRefund[];
  /** By key. */
  readonly keys: Record<string, StoredKey>;
  readonly calls: SimCall[];
  /** Where this shop's webhooks can be delivered. A subscription at another address delivers nothing that anybody sees. */
  readonly address: string;
  subscriptions: readonly SimulatedSubscription[];
  /** Topics, as the API writes them, that this app may not subscribe to. */
  forbidden: readonly string[];
  faults: Faults;
}

export interface SimulatedSubscription {
  readonly id: number;
  /** As the API writes it: `RETURNS_PROCESS`. */
  readonly topic: string;
  readonly uri: string;
  readonly format: string;
}

export interface SimulatedOrder {
  readonly id: number;
  readonly name: string;
  readonly currency: string;
  readonly taxesIncluded: boolean;
  /** What the shop comes to by itself for any refund of it; null: the same as everybody. */
  readonly suggests: number | null;
  /** Each for the whole line. */
  readonly lines: readonly {
    readonly id: number;
    readonly quantity: number;
    readonly price: number;
    readonly tax: number;
  }[];
  readonly transactions: readonly { readonly gateway: string; readonly reference: string; readonly amount: number }[];
  readonly createdAtMs: number;
  /** Moved by refund records and not by returns: that it moves for those is not documented. */
  updatedAtMs: number;
}

export interface SimulatedReturn {
  readonly id: number;
  readonly order: number;
  status: 'REQUESTED' | 'OPEN' | 'CLOSED' | 'DECLINED' | 'CANCELED';
  lines: readonly {
    readonly id: number;
    readonly quantity: number;
    readonly processed: number;
    readonly fee: number;
  }[];
  /** The customer gets other goods for some of it. */
  readonly exchanged?: true;
  readonly createdAtMs: number;
  approvedAtMs: number | null;
  closedAtMs: number | null;
}

export interface SimulatedRefund {
  readonly id: number;
  readonly order: number;
  readonly return: number | null;
  readonly note: string | null;
  readonly lines: readonly {
    readonly id: number;
    readonly quantity: number;
    readonly price: number;
    readonly tax: number;
  }[];
  readonly shipping: { readonly amount: number; readonly tax: number } | null;
  /** What its own transactions moved. */
  readonly moved: number;
  readonly status: 'SUCCESS' | 'PENDING' | 'FAILURE';
  /** A correction that is not the amount left open. */
  readonly adjusted: number;
  readonly key: string | null;
  readonly createdAtMs: number;
}

export interface StoredKey {
  readonly fingerprint: string;
  readonly atMs: number;
  readonly refund: number;
}

export const inTheApi = (topic: string): string => topic.replace('/', '_').toUpperCase();

/** Subscribed to all that a shop here can say, as if by hand. */
export const emptyShop = (address: string): ShopState => ({
  counter: 0,
  orders: [],
  returns: [],
  refunds: [],
  keys: {},
  calls: [],
  address,
  subscriptions: [...topics, 'returns/request'].map((topic, index) => ({
    id: index + 1,
    topic: inTheApi(topic),
    uri: address,
    format: 'JSON',
  })),
  forbidden: [],
  faults: noFaults,
});

export const gid = (kind: string, id: number): string => `gid://shopify/${kind}/${id}`;
export const numberOf = (id: string): number => Number(id.split('/').at(-1));

export const orderOf = (state: ShopState, id: number): SimulatedOrder | undefined =>
  state.orders.find((order) => order.id === id);

/** The next number of an object or a webhook; far from those that a test seeds. */
export function nextNumber(state: ShopState): number {
  state.counter++;
  return 900_000 + state.counter;
}
