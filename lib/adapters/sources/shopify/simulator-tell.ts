import { hour, type Instant } from '../../../domain/time.ts';
import { announced } from './simulator-announce.ts';
import { refundAnswer } from './simulator-answers.ts';
import { json, quiet, type Reply } from './simulator-reply.ts';
import { seedRefund } from './simulator-seeds.ts';
import { gid, numberOf, orderOf, type ShopState } from './simulator-state.ts';

export const recordsOf = (state: ShopState, order: number) =>
  state.refunds
    .filter((one) => one.order === order)
    .map(({ id, note, return: of }) => ({ id: gid('Refund', id), note, return: of && { id: gid('Return', of) } }));

export function quote(state: ShopState, id: number, lines: unknown, now: Instant): object | null {
  const order = orderOf(state, id);
  if (order === undefined) return null;
  const asked = (lines as { lineItemId: string; quantity: number }[]).map(({ lineItemId, quantity }) => ({
    id: numberOf(lineItemId),
    quantity,
  }));
  const refunds = recordsOf(state, id);
  const refund = seedRefund(state, { order: id, lines: asked }, now, true);
  if (refund.is === 'refused') return { refunds, suggestedRefund: null };
  const own = refund.refund.lines.reduce((all, line) => all + line.price + (order.taxesIncluded ? 0 : line.tax), 0);
  const total = order.suggests ?? own;
  const amount = refundAnswer(state, { ...refund.refund, lines: [], shipping: { amount: total, tax: 0 } });
  return { refunds, suggestedRefund: { amountSet: amount?.refundShippingLines.nodes[0]?.subtotalAmountSet } };
}

/** How long a key is kept: https://shopify.dev/docs/api/usage/idempotent-requests. */
const keptMs = 24 * hour;

export function tell(state: ShopState, variables: Record<string, unknown>, now: Instant): Reply {
  const answer = (refund: number | null, ...messages: string[]) =>
    json(200, {
      data: {
        refundCreate: {
          refund: refund === null ? null : { id: gid('Refund', refund) },
          userErrors: messages.map((message) => ({ field: null, message })),
        },
      },
    });
  const key = String(variables.key ?? '');
  if (key.trim() === '') return quiet(json(200, { errors: [{ message: 'an idempotency key is required' }] }));
  const fingerprint = JSON.stringify(variables.input);
  const known = state.keys[`key:${key}`];
  if (known !== undefined && now - known.atMs < keptMs) {
    if (known.fingerprint !== fingerprint)
      return quiet(answer(null, 'The same idempotency key was used with different parameters'));
    return quiet(answer(known.refund));
  }
  const input = variables.input as {
    orderId: string;
    note?: string;
    refundLineItems?: { lineItemId: string; quantity: number }[];
    shipping?: { amount?: string };
  };
  const lines = (input.refundLineItems ?? []).map(({ lineItemId, quantity }) => ({
    id: numberOf(lineItemId),
    quantity,
  }));
  const made = seedRefund(state, { order: numberOf(input.orderId), lines, note: input.note ?? null, key }, now);
  if (made.is === 'refused') return quiet(answer(null, made.problem));
  state.keys[`key:${key}`] = { fingerprint, atMs: now, refund: made.refund.id };
  return { reply: answer(made.refund.id), webhooks: announced(state, made), effect: true };
}
