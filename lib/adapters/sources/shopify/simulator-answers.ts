import { parseCurrency, printDecimal } from '../../../domain/money.ts';
import {
  gid,
  orderOf,
  type ShopState,
  type SimulatedOrder,
  type SimulatedRefund,
  type SimulatedReturn,
} from './simulator-state.ts';

/** Objects of the simulated shop as GraphQL answers have them, and as webhooks do. */

const decimal = (amount: number, code: string): string => {
  const currency = parseCurrency(code);
  return currency === undefined ? String(amount) : printDecimal({ amountMinor: BigInt(amount), currency });
};

const bag = (amount: number, currencyCode: string) => ({
  presentmentMoney: { amount: decimal(amount, currencyCode), currencyCode },
});
const page = <T>(nodes: readonly T[]) => ({ nodes, pageInfo: { hasNextPage: false } });

export const orderAnswer = (order: SimulatedOrder) => ({
  id: gid('Order', order.id),
  legacyResourceId: String(order.id),
  name: order.name,
  taxesIncluded: order.taxesIncluded,
  presentmentCurrencyCode: order.currency,
  transactions: order.transactions.map(({ gateway, reference }) => ({
    kind: 'SALE',
    status: 'SUCCESS',
    gateway,
    paymentId: `c${order.id}.1`,
    authorizationCode: reference,
    receiptJson: JSON.stringify({ id: reference }),
  })),
});

export function returnAnswer(state: ShopState, of: SimulatedReturn) {
  const order = orderOf(state, of.order);
  if (order === undefined) return null;
  const refunds = state.refunds.filter((refund) => refund.return === of.id);
  return {
    id: gid('Return', of.id),
    status: of.status,
    order: orderAnswer(order),
    refunds: page(refunds.map(({ id }) => ({ id: gid('Refund', id) }))),
    returnShippingFees: [],
    exchangeLineItems: { nodes: of.exchanged ? [{ id: gid('ExchangeLineItem', of.id) }] : [] },
    returnLineItems: page(
      of.lines.flatMap((line, index) => {
        const sold = order.lines.find(({ id }) => id === line.id);
        if (sold === undefined) return [];
        const { currency } = order;
        return [
          {
            id: gid('ReturnLineItem', of.id * 100 + index),
            quantity: line.quantity,
            processedQuantity: line.processed,
            refundedQuantity: refunds
              .flatMap(({ lines }) => lines)
              .filter(({ id }) => id === line.id)
              .reduce((all, { quantity }) => all + quantity, 0),
            restockingFee: line.fee > 0 ? { amountSet: bag(line.fee, currency) } : null,
            withCodeDiscountedTotalPriceSet: bag(Math.floor((sold.price * line.quantity) / sold.quantity), currency),
            fulfillmentLineItem: {
              lineItem: {
                id: gid('LineItem', sold.id),
                quantity: sold.quantity,
                taxLines: [{ priceSet: bag(sold.tax, currency) }],
              },
            },
          },
        ];
      }),
    ),
  };
}

/** The returns of an order. */
export const returnsOf = (state: ShopState, order: number) =>
  page(state.returns.filter((one) => one.order === order).flatMap((one) => returnAnswer(state, one) ?? []));

export function refundAnswer(state: ShopState, refund: SimulatedRefund) {
  const order = orderOf(state, refund.order);
  if (order === undefined) return null;
  const { currency } = order;
  const open = totalOf(refund) - refund.moved - refund.adjusted;
  const adjustment = (reason: string, amount: number) => ({
    reason,
    amountSet: bag(-amount, currency),
    taxAmountSet: bag(0, currency),
  });
  return {
    id: gid('Refund', refund.id),
    note: refund.note,
    return: refund.return === null ? null : { id: gid('Return', refund.return) },
    order: orderAnswer(order),
    duties: [],
    refundLineItems: page(
      refund.lines.map((line) => ({
        quantity: line.quantity,
        lineItem: { id: gid('LineItem', line.id) },
        subtotalSet: bag(line.price, currency),
        totalTaxSet: bag(line.tax, currency),
      })),
    ),
    refundShippingLines: page(
      refund.shipping === null
        ? []
        : [
            {
              subtotalAmountSet: bag(refund.shipping.amount, currency),
              taxAmountSet: bag(refund.shipping.tax, currency),
            },
          ],
    ),
    orderAdjustments: page([
      ...(open > 0 ? [adjustment('PENDING_REFUND_DISCREPANCY', open)] : []),
      ...(refund.adjusted > 0 ? [adjustment('RESTOCK', refund.adjusted)] : []),
    ]),
    transactions: page(
      refund.moved > 0 ? [{ kind: 'REFUND', status: refund.status, amountSet: bag(refund.moved, currency) }] : [],
    ),
  };
}

export const totalOf = ({ lines, shipping }: SimulatedRefund): number =>
  lines.reduce((all, line) => all + line.price + line.tax, 0) + (shipping?.amount ?? 0) + (shipping?.tax ?? 0);

/** `refunds/create`, as far as anybody here reads it, and its amounts as the floats that nobody should read. */
export const refundBody = (state: ShopState, refund: SimulatedRefund): string =>
  JSON.stringify({
    id: refund.id,
    admin_graphql_api_id: gid('Refund', refund.id),
    order_id: refund.order,
    note: refund.note,
    return: refund.return === null ? null : { id: refund.return, admin_graphql_api_id: gid('Return', refund.return) },
    refund_line_items: refund.lines.map((line) => ({
      line_item_id: line.id,
      quantity: line.quantity,
      subtotal: line.price / 100,
      total_tax: line.tax / 100,
      subtotal_set: {
        presentment_money: { amount: decimal(line.price, orderOf(state, refund.order)?.currency ?? '') },
      },
    })),
    order_adjustments: [],
    transactions: refund.moved > 0 ? [{ kind: 'refund', status: refund.status.toLowerCase() }] : [],
  });

export const returnBody = (of: SimulatedReturn): string =>
  JSON.stringify({
    id: of.id,
    admin_graphql_api_id: gid('Return', of.id),
    status: of.status.toLowerCase(),
    order: { id: of.order, admin_graphql_api_id: gid('Order', of.order) },
    return_line_items: of.lines.map((line) => ({ line_item_id: line.id, quantity: line.quantity })),
  });
