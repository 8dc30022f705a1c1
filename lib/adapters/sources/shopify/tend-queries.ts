import * as z from 'zod/mini';

/**
 * What is asked to look after subscriptions, Admin GraphQL API 2026-10. `webhookSubscriptions` answers what was created by the API for
 * this app and shop; those of an app's `shopify.app.toml` are not in it.
 * https://shopify.dev/docs/api/admin-graphql/2026-10/queries/webhookSubscriptions, …/mutations/webhookSubscriptionCreate, …/queries/orders
 */
export const subscriptionsQuery = `query RedressSubscriptions($topics: [WebhookSubscriptionTopic!]) {
  webhookSubscriptions(first: 100, topics: $topics) {
    nodes { topic uri format filter includeFields }
    pageInfo { hasNextPage }
  }
}`;

export const subscribeMutation = `mutation RedressSubscribe($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}`;

/**
 * One query may cost at most 1000 points (https://shopify.dev/docs/api/usage/limits): an object 1, a list 2 beside its objects. These
 * come to 10 × (1 + 22 + 50) + 2.
 */
const mostOrders = 10;
const mostReturns = 20;
/** `refunds` of an order is a plain list: as many as were asked for means that there may be more. */
export const mostRefunds = 25;

/** Returns have no list of their own and no time of their last change: they are found through their orders. */
export const changesQuery = `query RedressChanges($query: String!, $after: String) {
  orders(first: ${mostOrders}, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {
      id updatedAt
      returns(first: ${mostReturns}, reverse: true) {
        nodes { id status createdAt requestApprovedAt closedAt }
        pageInfo { hasNextPage }
      }
      refunds(first: ${mostRefunds}) { id createdAt updatedAt return { id } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const subscriptionsShape = z.object({
  nodes: z.array(
    z.object({
      topic: z.string(),
      uri: z.string(),
      format: z.string(),
      filter: z.nullable(z.string()),
      includeFields: z.array(z.string()),
    }),
  ),
  pageInfo: z.object({ hasNextPage: z.boolean() }),
});

export const subscribeShape = z.object({
  webhookSubscription: z.nullable(z.object({ id: z.string().check(z.minLength(1)) })),
  userErrors: z.array(z.object({ message: z.string() })),
});

const id = z.string().check(z.minLength(1), z.maxLength(200));
const time = z.iso.datetime({ offset: true });

export const changesShape = z.object({
  nodes: z.array(
    z.object({
      id,
      updatedAt: time,
      returns: z.object({
        nodes: z.array(
          z.object({
            id,
            status: z.string(),
            createdAt: time,
            requestApprovedAt: z.nullable(time),
            closedAt: z.nullable(time),
          }),
        ),
        pageInfo: z.object({ hasNextPage: z.boolean() }),
      }),
      refunds: z.array(
        z.object({ id, createdAt: z.nullable(time), updatedAt: time, return: z.nullable(z.object({ id })) }),
      ),
    }),
  ),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
});
export type ChangedOrder = z.infer<typeof changesShape>['nodes'][number];
