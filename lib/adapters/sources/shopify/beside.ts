import { ask, type Shop } from './graphql.ts';
import type { Owed } from './owed.ts';
import { besideQuery, besideShape } from './queries.ts';

export type Beside = { readonly is: 'beside' | 'alone' } | { readonly is: 'cannot-tell'; readonly why: string };

/**
 * Whether some of these goods came back by a return, too, that was processed. Where processed returns are paid, a record that belongs to
 * none of them may be the same parcel told twice, and nobody can tell here. More returns than are shown count as such a one.
 */
export async function besideOf(
  shop: Shop,
  order: string,
  { lines }: Pick<Owed, 'lines'>,
  until: number,
): Promise<Beside> {
  const limitMs = until - shop.now();
  if (limitMs <= 0) return { is: 'cannot-tell', why: 'timeout' };
  const answer = await ask(shop, { query: besideQuery, variables: { id: order }, limitMs });
  if (answer.is === 'silent') return { is: 'cannot-tell', why: answer.why };
  const read = besideShape.safeParse(answer.data.order);
  if (!read.success) return { is: 'cannot-tell', why: 'unreadable' };
  const { returns } = read.data;
  const all = returns.nodes.map(({ returnLineItems }) => returnLineItems);
  const more = [returns, ...all].some(({ pageInfo }) => pageInfo.hasNextPage);
  const same = all
    .flatMap(({ nodes }) => nodes)
    .some(
      ({ processedQuantity, fulfillmentLineItem }) =>
        processedQuantity > 0 && lines.some(({ id }) => id === fulfillmentLineItem.lineItem.id),
    );
  return { is: more || same ? 'beside' : 'alone' };
}
