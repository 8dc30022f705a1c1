import type { Currency } from '../../../domain/money.ts';
import { toldReferencesIn } from '../../../domain/refund/key.ts';
import { goodsMinor } from '../../../domain/return.ts';
import { ask, type Shop } from './graphql.ts';
import { minorOf } from './money.ts';
import type { Owed } from './owed.ts';
import { mostTold, quoteQuery, quoteShape } from './queries.ts';

export type Quoted =
  | { readonly is: 'quoted'; readonly amountMinor: bigint }
  /** Something of the order was refunded already: the shop's calculation is about the rest. */
  | { readonly is: 'other-question' }
  /** Somebody refunded something of the order beside any return, not through us: nobody can tell here whether it was this. */
  | { readonly is: 'moved-beside' }
  | { readonly is: 'cannot-tell'; readonly why: string };

/** What the shop itself would refund for these lines. Its answer is about what nobody refunded yet, so it counts only then. */
export async function quoteOf(
  shop: Shop,
  order: string,
  { lines }: Pick<Owed, 'lines'>,
  currency: Currency,
  until: number,
): Promise<Quoted> {
  const limitMs = until - shop.now();
  if (limitMs <= 0) return { is: 'cannot-tell', why: 'timeout' };
  const asked = lines.map(({ id, quantity }) => ({ lineItemId: id, quantity, restockType: 'NO_RESTOCK' }));
  const answer = await ask(shop, { query: quoteQuery, variables: { id: order, lines: asked }, limitMs });
  if (answer.is === 'silent') return { is: 'cannot-tell', why: answer.why };
  const read = quoteShape.safeParse(answer.data.order);
  if (read.success && read.data.refunds.length >= mostTold) return { is: 'cannot-tell', why: 'too-many' };
  if (read.success && read.data.refunds.some(isBeside)) return { is: 'moved-beside' };
  if (read.success && read.data.refunds.length > 0) return { is: 'other-question' };
  const amount = read.success ? read.data.suggestedRefund?.amountSet : undefined;
  return amount === undefined
    ? { is: 'cannot-tell', why: 'unreadable' }
    : { is: 'quoted', amountMinor: minorOf(amount, currency) };
}

/** A record of no return that does not carry a reference of ours: staff refunded from the order's page. */
const isBeside = (record: { readonly note: string | null; readonly return: object | null }): boolean =>
  record.return === null && toldReferencesIn(record.note ?? '').length === 0;

/** Of the goods, before fees: fees are not in the shop's suggestion. */
export const matches = (quoted: Quoted, { lines }: Pick<Owed, 'lines'>): boolean =>
  quoted.is !== 'quoted' || quoted.amountMinor === goodsMinor(lines);
