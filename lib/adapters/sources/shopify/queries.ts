import * as z from 'zod/mini';
import { moneyBag } from './money.ts';

/**
 * What we ask of the Admin GraphQL API, version 2026-10, and what of the answers we read. Lists are bounded, since one query may cost at
 * most 1000 points; where there is more than the bound nobody guesses what is on the next page.
 * https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Return, …/Refund, …/Order
 */
const money = 'presentmentMoney { amount currencyCode }';

const order = `fragment redressOrder on Order {
  id legacyResourceId name taxesIncluded presentmentCurrencyCode
  transactions(first: 30) { kind status gateway paymentId authorizationCode receiptJson }
}`;

export const returnQuery = `query RedressReturn($id: ID!) {
  return(id: $id) {
    id status
    order { ...redressOrder }
    refunds(first: 20) { nodes { id } pageInfo { hasNextPage } }
    returnShippingFees { amountSet { ${money} } }
    exchangeLineItems(first: 1) { nodes { id } }
    returnLineItems(first: 50) {
      nodes { ... on ReturnLineItem {
        id quantity processedQuantity refundedQuantity
        restockingFee { amountSet { ${money} } }
        withCodeDiscountedTotalPriceSet { ${money} }
        fulfillmentLineItem { lineItem { id quantity taxLines { priceSet { ${money} } } } }
      } }
      pageInfo { hasNextPage }
    }
  }
}
${order}`;

export const refundQuery = `query RedressRefund($id: ID!) {
  refund(id: $id) {
    id note
    return { id }
    order { ...redressOrder }
    duties { amountSet { ${money} } }
    refundLineItems(first: 50) {
      nodes { quantity lineItem { id } subtotalSet { ${money} } totalTaxSet { ${money} } }
      pageInfo { hasNextPage }
    }
    refundShippingLines(first: 10) {
      nodes { subtotalAmountSet { ${money} } taxAmountSet { ${money} } }
      pageInfo { hasNextPage }
    }
    orderAdjustments(first: 10) {
      nodes { reason amountSet { ${money} } taxAmountSet { ${money} } }
      pageInfo { hasNextPage }
    }
    transactions(first: 10) { nodes { kind status amountSet { ${money} } } pageInfo { hasNextPage } }
  }
}
${order}`;

/** `refunds` of an order is a plain list: as many as were asked for means that there may be more. */
export const mostTold = 100;

export const quoteQuery = `query RedressQuote($id: ID!, $lines: [RefundLineItemInput!]) {
  order(id: $id) {
    id
    refunds(first: ${mostTold}) { id note return { id } }
    suggestedRefund(refundLineItems: $lines) { amountSet { ${money} } }
  }
}`;

/** What came back of an order by its returns: these come to 10 × (1 + 2 + 10 × 3) + 3 points. */
export const besideQuery = `query RedressBeside($id: ID!) {
  order(id: $id) {
    id
    returns(first: 10) {
      nodes { returnLineItems(first: 10) {
        nodes { ... on ReturnLineItem { processedQuantity fulfillmentLineItem { lineItem { id } } } }
        pageInfo { hasNextPage }
      } }
      pageInfo { hasNextPage }
    }
  }
}`;

export const toldQuery = `query RedressTold($id: ID!) {
  return(id: $id) { id order { id refunds(first: ${mostTold}) { id note } } }
}`;

export const tellMutation = `mutation RedressTell($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } }
}`;

const id = z.string().check(z.minLength(1), z.maxLength(200));
const page = <T extends z.ZodMiniType>(node: T) =>
  z.object({ nodes: z.array(node), pageInfo: z.object({ hasNextPage: z.boolean() }) });

export const orderShape = z.object({
  id,
  legacyResourceId: z.string(),
  name: z.string(),
  taxesIncluded: z.boolean(),
  presentmentCurrencyCode: z.string(),
  transactions: z.array(
    z.object({
      kind: z.string(),
      status: z.string(),
      gateway: z.nullable(z.string()),
      paymentId: z.nullable(z.string()),
      authorizationCode: z.nullable(z.string()),
      receiptJson: z.unknown(),
    }),
  ),
});
export type OrderAnswer = z.infer<typeof orderShape>;
export const mostTransactions = 30;

export const returnShape = z.object({
  id,
  status: z.enum(['REQUESTED', 'OPEN', 'CLOSED', 'DECLINED', 'CANCELED']),
  order: orderShape,
  refunds: page(z.object({ id })),
  returnShippingFees: z.array(z.object({ amountSet: moneyBag })),
  exchangeLineItems: z.object({ nodes: z.array(z.object({ id })) }),
  returnLineItems: page(
    z.object({
      id,
      quantity: z.int().check(z.minimum(0)),
      processedQuantity: z.int().check(z.minimum(0)),
      refundedQuantity: z.int().check(z.minimum(0)),
      restockingFee: z.nullable(z.object({ amountSet: moneyBag })),
      withCodeDiscountedTotalPriceSet: moneyBag,
      fulfillmentLineItem: z.object({
        lineItem: z.object({
          id,
          quantity: z.int().check(z.minimum(1)),
          taxLines: z.array(z.object({ priceSet: moneyBag })),
        }),
      }),
    }),
  ),
});
export type ReturnAnswer = z.infer<typeof returnShape>;

export const refundShape = z.object({
  id,
  note: z.nullable(z.string()),
  return: z.nullable(z.object({ id })),
  order: orderShape,
  duties: z.nullable(z.array(z.unknown())),
  refundLineItems: page(
    z.object({
      quantity: z.int().check(z.minimum(0)),
      lineItem: z.object({ id }),
      subtotalSet: moneyBag,
      totalTaxSet: moneyBag,
    }),
  ),
  refundShippingLines: page(z.object({ subtotalAmountSet: moneyBag, taxAmountSet: moneyBag })),
  orderAdjustments: page(z.object({ reason: z.nullable(z.string()), amountSet: moneyBag, taxAmountSet: moneyBag })),
  transactions: page(z.object({ kind: z.string(), status: z.string(), amountSet: moneyBag })),
});
export type RefundAnswer = z.infer<typeof refundShape>;

export const quoteShape = z.object({
  refunds: z.array(z.object({ id, note: z.nullable(z.string()), return: z.nullable(z.object({ id })) })),
  suggestedRefund: z.nullable(z.object({ amountSet: moneyBag })),
});

export const besideShape = z.object({
  returns: page(
    z.object({
      returnLineItems: page(
        z.object({
          processedQuantity: z.int().check(z.minimum(0)),
          fulfillmentLineItem: z.object({ lineItem: z.object({ id }) }),
        }),
      ),
    }),
  ),
});

export const toldShape = z.object({
  order: z.object({ id, refunds: z.array(z.object({ id, note: z.nullable(z.string()) })) }),
});
