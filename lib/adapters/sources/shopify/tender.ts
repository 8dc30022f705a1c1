import type { Connection } from '../../../app/ports/connections.ts';
import { parseConnection } from '../../../domain/ids.ts';
import type { NamedPayment } from '../../../domain/notice.ts';
import { asObject } from '../../kit/json.ts';
import type { OrderAnswer } from './queries.ts';

type Transaction = OrderAnswer['transactions'][number];

/** What paid an order, as far as it is a gateway connection of ours. `unknown`: some of it is not. */
export interface Tender {
  readonly payments: readonly NamedPayment[];
  readonly unknown: boolean;
}

/**
 * `settings["gateway.<name>"]` says which connection the shop's gateway of that name is; `settings["reference.<name>"]` where in the
 * shop's transaction its name for the payment stands: `authorizationCode` (without a setting), `paymentId` or `receipt:<field>`.
 * Shopify has no one place for it. Where nothing is mapped, the payments are found by the order instead.
 */
export function tenderOf(order: OrderAnswer, { settings }: Connection): Tender {
  const paid = order.transactions.filter(
    ({ kind, status }) => (kind === 'SALE' || kind === 'CAPTURE') && status === 'SUCCESS',
  );
  const named = paid.map((transaction) => paymentOf(transaction, settings));
  const payments = named.filter((one) => one !== undefined);
  const once = payments.filter((one, index) => payments.findIndex((other) => same(one, other)) === index);
  return { payments: once, unknown: once.length > 0 && payments.length < paid.length };
}

const same = (a: NamedPayment, b: NamedPayment): boolean =>
  a.connection === b.connection && a.reference === b.reference;

function paymentOf(transaction: Transaction, settings: Connection['settings']): NamedPayment | undefined {
  const gateway = transaction.gateway ?? '';
  const connection = parseConnection(settings[`gateway.${gateway}`] ?? '');
  const reference = referenceIn(transaction, settings[`reference.${gateway}`] ?? 'authorizationCode');
  const usable = reference !== undefined && /^[\x21-\x7e]{1,255}$/.test(reference);
  return connection !== undefined && usable ? { connection, reference } : undefined;
}

function referenceIn(transaction: Transaction, place: string): string | undefined {
  if (place === 'paymentId') return transaction.paymentId ?? undefined;
  if (place === 'authorizationCode') return transaction.authorizationCode ?? undefined;
  const field = place.startsWith('receipt:') ? place.slice('receipt:'.length) : undefined;
  const value = field === undefined ? undefined : receiptOf(transaction.receiptJson)?.[field];
  return typeof value === 'string' ? value : undefined;
}

/** `receiptJson` is JSON, as an object or as the text of one. */
function receiptOf(receipt: unknown) {
  if (typeof receipt !== 'string') return asObject(receipt);
  try {
    return asObject(JSON.parse(receipt));
  } catch {
    return undefined;
  }
}
