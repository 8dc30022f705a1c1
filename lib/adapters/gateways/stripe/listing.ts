import type { CannotTell, Gateway, RefundsSince } from '../../../app/ports/gateway.ts';
import type { Dispute, RefundEvidence } from '../../../domain/notice.ts';
import { asObject, type Json } from '../../kit/json.ts';
import { type Account, ask } from './account.ts';
import { disputeEvidence, paymentNames, refundEvidence, refundOn } from './evidence.ts';
import { readBody } from './translate.ts';

export type Listed = { readonly is: 'all'; readonly refunds: readonly RefundEvidence[] } | CannotTell;

export type ListedDisputes = { readonly is: 'all'; readonly disputes: readonly Dispute[] } | CannotTell;

/** A thousand refunds of one payment are beyond any shop's; what lies beyond the bound makes the answer "cannot tell". */
const mostPages = 10;

/** Every refund of a payment (docs.stripe.com/api/refunds/list), or nothing: one that can't be read could be the one that is looked for. */
export async function listRefunds(account: Account, reference: string, limitMs: number): Promise<Listed> {
  const until = account.now() + limitMs;
  const refunds: RefundEvidence[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const left = until - account.now();
    if (left <= 0) return { is: 'cannot-tell', why: 'timeout', weather: 'silence' };
    const answer = await ask(account, { limitMs: left }, (stripe) =>
      stripe.refunds.list({
        ...paymentParam(reference),
        limit: 100,
        ...(after === undefined ? {} : { starting_after: after }),
      }),
    );
    const read = readBody(answer, account.now());
    if (read.is === 'cannot-tell') return read;
    const { data, has_more: more } = read.body;
    if (!Array.isArray(data) || typeof more !== 'boolean') return { is: 'cannot-tell', why: 'unreadable' };
    for (const item of data as readonly Json[]) {
      // One of another payment would mean that the filter was ignored, and that the list proves nothing.
      const evidence = refundOn(item, reference);
      if (evidence === undefined) return { is: 'cannot-tell', why: 'unreadable' };
      refunds.push(evidence);
      after = evidence.theirs;
    }
    if (!more) return { is: 'all', refunds };
  }
  return { is: 'cannot-tell', why: 'too-many-refunds' };
}

/** One page of the account's refunds since an instant (docs.stripe.com/api/refunds/list, `created[gte]`, in whole seconds). */
export async function listSince(
  account: Account,
  { since, cursor, limitMs }: Parameters<Gateway['refundsSince']>[0],
): Promise<RefundsSince> {
  const answer = await ask(account, { limitMs }, (stripe) =>
    stripe.refunds.list({
      created: { gte: Math.floor(since / 1000) },
      limit: 100,
      ...(cursor === undefined ? {} : { starting_after: cursor }),
    }),
  );
  const read = readBody(answer, account.now());
  if (read.is === 'cannot-tell') return read;
  const { data, has_more: more } = read.body;
  if (!Array.isArray(data) || typeof more !== 'boolean') return { is: 'cannot-tell', why: 'unreadable' };
  const refunds = (data as readonly Json[]).flatMap((item) => {
    const evidence = refundEvidence(item);
    return evidence === undefined ? [] : [{ evidence, payment: paymentNames(asObject(item) ?? {}) }];
  });
  // One that can't be read could be the one that was forgotten.
  if (refunds.length < data.length) return { is: 'cannot-tell', why: 'unreadable' };
  const last = refunds.at(-1)?.evidence.theirs;
  return { is: 'page', refunds, ...(more && last !== undefined && { next: last }) };
}

/** Every dispute of a payment (docs.stripe.com/api/disputes/list). A payment has few: a page that is not the last proves nothing. */
export async function listDisputes(account: Account, reference: string, limitMs: number): Promise<ListedDisputes> {
  if (limitMs <= 0) return { is: 'cannot-tell', why: 'timeout', weather: 'silence' };
  const answer = await ask(account, { limitMs }, (stripe) =>
    stripe.disputes.list({ ...paymentParam(reference), limit: 100 }),
  );
  const read = readBody(answer, account.now());
  if (read.is === 'cannot-tell') return read;
  const { data, has_more: more } = read.body;
  if (!Array.isArray(data) || more !== false) return { is: 'cannot-tell', why: 'unreadable' };
  const disputes = (data as readonly Json[]).map((item) => {
    const object = asObject(item);
    return object !== undefined && paymentNames(object).includes(reference) ? disputeEvidence(object) : undefined;
  });
  const readable = disputes.filter((one) => one !== undefined);
  // The charge says that it was disputed: an empty list contradicts that.
  return readable.length === disputes.length && readable.length > 0
    ? { is: 'all', disputes: readable }
    : { is: 'cannot-tell', why: 'disputes-unreadable' };
}

/** The parameter by which Stripe knows the payment. */
export const paymentParam = (reference: string) =>
  reference.startsWith('pi_') ? { payment_intent: reference } : { charge: reference };
