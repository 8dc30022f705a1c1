import * as z from 'zod/mini';
import type { TellOrder, Told } from '../../../app/ports/source.ts';
import { print, printDecimal } from '../../../domain/money.ts';
import { ask, type Shop } from './graphql.ts';
import { tellMutation, toldQuery, toldShape } from './queries.ts';

/**
 * `refundCreate` without transactions records a refund and moves no money. The key makes a repetition within 24 h the same record; the
 * reference in the note makes it findable for ever.
 */
export async function tell(shop: Shop, order: TellOrder): Promise<Told> {
  const until = shop.now() + order.limitMs;
  const of = await ask(shop, { query: toldQuery, variables: { id: order.return }, limitMs: order.limitMs });
  // Nothing was asked to be written so far; it counts as unknown all the same, since only an explicit no is a no.
  if (of.is === 'silent') return { is: 'unknown', why: of.why };
  const read = toldShape.safeParse(of.data.return);
  if (!read.success) return { is: 'unknown', why: 'no-order' };
  const answer = await ask(shop, {
    query: tellMutation,
    variables: { input: inputOf(order, read.data.order.id), key: order.reference },
    limitMs: Math.max(until - shop.now(), 1),
    latestStart: order.latestStart,
  });
  return answer.is === 'silent' ? { is: 'unknown', why: answer.why } : toldOf(answer.data.refundCreate);
}

function inputOf(order: TellOrder, orderId: string): object {
  const { currency } = order;
  return {
    orderId,
    currency,
    note: `Refunded ${print({ amountMinor: order.amountMinor, currency })} by Redress, ${order.reference}`,
    notify: false,
    refundLineItems: order.lines.map(({ id, quantity }) => ({ lineItemId: id, quantity, restockType: 'NO_RESTOCK' })),
    ...(order.shippingMinor > 0n && {
      shipping: { amount: printDecimal({ amountMinor: order.shippingMinor, currency }) },
    }),
  };
}

const payload = z.object({
  refund: z.nullable(z.object({ id: z.string().check(z.minLength(1)) })),
  userErrors: z.array(z.object({ message: z.string() })),
});

/**
 * `refundCreate` answers with plain user errors, without codes: those about the idempotency key can be told by their words only, and are
 * no word about the record.
 */
function toldOf(value: unknown): Told {
  const read = payload.safeParse(value);
  if (!read.success) return { is: 'unknown', why: 'unreadable' };
  const { refund, userErrors } = read.data;
  const [error] = userErrors;
  if (error === undefined)
    return refund === null ? { is: 'unknown', why: 'no-record' } : { is: 'told', theirs: refund.id };
  if (/idempoten|in progress/i.test(error.message)) return { is: 'unknown', why: 'key' };
  return { is: 'refused', code: 'refused-by-shop' };
}
