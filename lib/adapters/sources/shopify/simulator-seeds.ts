import { parseCurrency, parseDecimal } from '../../../domain/money.ts';
import type { Instant } from '../../../domain/time.ts';
import {
  nextNumber,
  orderOf,
  type ShopState,
  type SimulatedOrder,
  type SimulatedRefund,
  type SimulatedReturn,
} from './simulator-state.ts';

/** What staff does in a shop. What can't be is refused in words. */
export type Done =
  | { readonly is: 'order'; readonly order: SimulatedOrder }
  | { readonly is: 'return'; readonly return: SimulatedReturn; readonly topic: string }
  | { readonly is: 'refund'; readonly refund: SimulatedRefund }
  | Refused;
type Refused = { readonly is: 'refused'; readonly problem: string };

type Body = Readonly<Record<string, unknown>>;
const refused = (problem: string): Refused => ({ is: 'refused', problem });
const listed = (value: unknown): Body[] => (Array.isArray(value) ? (value as Body[]) : []);
const count = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0);

/** `"12.30"` in minor units; undefined where it is no amount of that currency. Left out is zero. */
function minor(value: unknown, code: string): number | undefined {
  const currency = parseCurrency(code);
  const amount = currency === undefined ? 'unknown' : parseDecimal(String(value ?? '0'), currency);
  return typeof amount === 'bigint' ? Number(amount) : undefined;
}

/** `{id, name?, currency, taxesIncluded?, lines: [{id, quantity, price, tax?}], transactions?: [{gateway, reference, amount}]}` */
export function seedOrder(state: ShopState, body: Body, now: Instant): Extract<Done, { is: 'order' }> | Refused {
  const currency = String(body.currency ?? '');
  const amounts = (item: Body, ...names: string[]) => names.map((name) => minor(item[name], currency));
  const all = [
    ...listed(body.lines).map((item) => amounts(item, 'price', 'tax')),
    ...listed(body.transactions).map((item) => amounts(item, 'amount')),
  ];
  if (count(body.id) <= 0 || parseCurrency(currency) === undefined || all.flat().includes(undefined))
    return refused(
      'send {"id", "currency", "lines": [{"id", "quantity", "price", "tax"}], "transactions": [{"gateway", "reference", "amount"}]}, amounts as decimal strings',
    );
  if (orderOf(state, count(body.id)) !== undefined) return refused('is known already');
  const order: SimulatedOrder = {
    id: count(body.id),
    name: typeof body.name === 'string' ? body.name : `#${count(body.id)}`,
    currency,
    taxesIncluded: body.taxesIncluded === true,
    suggests: body.suggests === undefined ? null : (minor(body.suggests, currency) ?? null),
    lines: listed(body.lines).map((line) => ({
      id: count(line.id),
      quantity: count(line.quantity),
      price: minor(line.price, currency) ?? 0,
      tax: minor(line.tax, currency) ?? 0,
    })),
    transactions: listed(body.transactions).map((one) => ({
      gateway: String(one.gateway),
      reference: String(one.reference),
      amount: minor(one.amount, currency) ?? 0,
    })),
    createdAtMs: now,
    updatedAtMs: now,
  };
  state.orders.push(order);
  return { is: 'order', order };
}

const topics = {
  REQUESTED: 'request',
  OPEN: 'approve',
  CLOSED: 'close',
  DECLINED: 'decline',
  CANCELED: 'cancel',
} as const;

/** `{id, order, status?, exchanged?, lines: [{id, quantity, processed?, fee?}]}`: a new return, or how one stands from now on. */
export function seedReturn(state: ShopState, body: Body, now: Instant): Extract<Done, { is: 'return' }> | Refused {
  const order = orderOf(state, count(body.order));
  if (order === undefined || count(body.id) <= 0)
    return refused(
      'send {"id", "order", "status"?, "lines": [{"id", "quantity", "processed"?, "fee"?}]} of a known order',
    );
  const status = (body.status ?? 'OPEN') as SimulatedReturn['status'];
  if (!(status in topics)) return refused('has a status that a return can not have');
  const lines = listed(body.lines).map((line) => ({
    id: count(line.id),
    quantity: count(line.quantity),
    processed: count(line.processed),
    fee: minor(line.fee, order.currency) ?? 0,
  }));
  const known = state.returns.find(({ id }) => id === body.id);
  const made: SimulatedReturn = known ?? {
    id: count(body.id),
    order: order.id,
    status,
    lines,
    ...(body.exchanged === true && { exchanged: true }),
    createdAtMs: now,
    approvedAtMs: null,
    closedAtMs: null,
  };
  made.status = status;
  if (status === 'OPEN') made.approvedAtMs ??= now;
  made.closedAtMs = status === 'CLOSED' ? now : null;
  if (body.lines !== undefined) made.lines = lines;
  if (known === undefined) state.returns.push(made);
  const processed = made.lines.some((line) => line.processed > 0);
  return { is: 'return', return: made, topic: status === 'OPEN' && processed ? 'process' : topics[status] };
}

/** `{order, return?, lines: [{id, quantity}], shipping?: {amount, tax}, note?, moved?, status?, adjusted?}`; `dry` only computes. */
export function seedRefund(
  state: ShopState,
  body: Body,
  now: Instant,
  dry = false,
): Extract<Done, { is: 'refund' }> | Refused {
  const order = orderOf(state, count(body.order));
  if (order === undefined) return refused('names an order that is not there');
  const lines = listed(body.lines).map(({ id, quantity }) => {
    const sold = order.lines.find((line) => line.id === id);
    const gone = state.refunds.flatMap((refund) => (refund.order === order.id ? refund.lines : []));
    const before = gone.filter((line) => line.id === id).reduce((all, line) => all + line.quantity, 0);
    if (sold === undefined || count(quantity) < 1 || before + count(quantity) > sold.quantity) return undefined;
    const part = (whole: number) => Math.floor((whole * count(quantity)) / sold.quantity);
    return { id: sold.id, quantity: count(quantity), price: part(sold.price), tax: part(sold.tax) };
  });
  if (lines.includes(undefined)) return refused('Quantity cannot refund more items than were purchased');
  const shipping = body.shipping as Body | undefined;
  const money = (value: unknown) => minor(value, order.currency) ?? 0;
  const refund: SimulatedRefund = {
    id: dry ? 0 : nextNumber(state),
    order: order.id,
    return: typeof body.return === 'number' ? body.return : null,
    note: typeof body.note === 'string' ? body.note : null,
    lines: lines.filter((line) => line !== undefined),
    shipping: shipping === undefined ? null : { amount: money(shipping.amount), tax: money(shipping.tax) },
    moved: money(body.moved),
    status: body.status === 'PENDING' || body.status === 'FAILURE' ? body.status : 'SUCCESS',
    adjusted: money(body.adjusted),
    key: typeof body.key === 'string' ? body.key : null,
    createdAtMs: now,
  };
  if (dry) return { is: 'refund', refund };
  state.refunds.push(refund);
  order.updatedAtMs = now;
  return { is: 'refund', refund };
}
