import type { Confirmed, FoundTold, SourceClient } from '../../../app/ports/source.ts';
import { parseCurrency } from '../../../domain/money.ts';
import type { Subject } from '../../../domain/notice.ts';
import { toldReferencesIn } from '../../../domain/refund/key.ts';
import type { OpenSource } from '../../kit/open.ts';
import { besideOf } from './beside.ts';
import { ask, type Shop, shopOf } from './graphql.ts';
import { rules } from './manifest.ts';
import { Inexact } from './money.ts';
import { isUnderWay, type Owed, owedByProcessing, owedByRefunds, owes } from './owed.ts';
import {
  mostTold,
  mostTransactions,
  type OrderAnswer,
  type RefundAnswer,
  type ReturnAnswer,
  refundQuery,
  refundShape,
  returnQuery,
  returnShape,
  toldQuery,
  toldShape,
} from './queries.ts';
import { matches, quoteOf } from './quote.ts';
import { tell } from './tell.ts';
import { tenderOf } from './tender.ts';
import { tendingOf } from './tending.ts';

/**
 * `settings.shop` names the shop; `settings.payOn` is `refund-record` (a refund record of the shop is paid) or `return-processed` (what
 * was processed of a return is paid, and the record is written by us); `settings.orderReference` is `id`, `name` or `gid`;
 * `settings.webhookAddress` is where the shop's webhooks go.
 */
export const open: OpenSource = (connection, credential, world) => {
  const shop = shopOf(connection, credential, world);
  const tending = tendingOf(shop);
  return {
    rules,
    confirm: ({ subject, limitMs }) => confirm(shop, subject, limitMs),
    tell: (order) => tell(shop, order),
    findTold: (query) => findTold(shop, query),
    ...(tending !== undefined && { tending }),
  } satisfies SourceClient;
};

type CannotTell = Extract<Confirmed, { is: 'cannot-tell' }>;
type Asked<T> = { readonly is: 'answer'; readonly answer: T } | { readonly is: 'absent' } | CannotTell;

const cannotTell = (why: string): CannotTell => ({ is: 'cannot-tell', why });

async function confirm(shop: Shop, subject: Subject, limitMs: number): Promise<Confirmed> {
  const until = shop.now() + limitMs;
  try {
    return subject.is === 'return' ? await ofReturn(shop, subject, until) : await ofRefund(shop, subject, until);
  } catch (error) {
    if (error instanceof Inexact) return cannotTell('inexact');
    throw error;
  }
}

async function ofReturn(shop: Shop, subject: Subject, until: number): Promise<Confirmed> {
  const asked = await one(shop, returnQuery, 'return', returnShape, subject.id, until);
  if (asked.is !== 'answer') return asked;
  const { answer } = asked;
  if (answer.id !== subject.id) return cannotTell('other-object');
  if (answer.refunds.pageInfo.hasNextPage || answer.returnLineItems.pageInfo.hasNextPage) return cannotTell('too-many');
  const refunds: RefundAnswer[] = [];
  for (const { id } of answer.refunds.nodes) {
    const refund = await refundOf(shop, id, until);
    if (refund.is !== 'answer') return refund.is === 'absent' ? cannotTell('refund-absent') : refund;
    refunds.push(refund.answer);
  }
  return described(shop, subject, answer.order, { of: answer, refunds }, until);
}

async function ofRefund(shop: Shop, subject: Subject, until: number): Promise<Confirmed> {
  const asked = await refundOf(shop, subject.id, until);
  if (asked.is !== 'answer') return asked;
  const { return: whole, order } = asked.answer;
  // What belongs to a return is only ever counted there.
  if (whole !== null) return { is: 'elsewhere', subject: { return: whole.id, is: 'return', id: whole.id } };
  return described(shop, subject, order, { of: undefined, refunds: [asked.answer] }, until);
}

async function refundOf(shop: Shop, id: string, until: number): Promise<Asked<RefundAnswer>> {
  const asked = await one(shop, refundQuery, 'refund', refundShape, id, until);
  if (asked.is !== 'answer') return asked;
  const { answer } = asked;
  const lists = [answer.refundLineItems, answer.refundShippingLines, answer.orderAdjustments, answer.transactions];
  if (answer.id !== id) return cannotTell('other-object');
  return lists.some(({ pageInfo }) => pageInfo.hasNextPage) ? cannotTell('too-many') : asked;
}

interface Records {
  readonly of: ReturnAnswer | undefined;
  readonly refunds: readonly RefundAnswer[];
}

async function described(
  shop: Shop,
  subject: Subject,
  order: OrderAnswer,
  { of, refunds }: Records,
  until: number,
): Promise<Confirmed> {
  const { settings } = shop.connection;
  const currency = parseCurrency(order.presentmentCurrencyCode);
  if (currency === undefined) return cannotTell('currency');
  if (order.transactions.length >= mostTransactions) return cannotTell('too-many');
  const trigger = of?.status === 'CANCELED' || of?.status === 'DECLINED' ? 'cancelled' : 'approved';
  // What is taken back waits for no money: our own refund may not be sent yet.
  const named = referenceOf(order, settings.orderReference);
  if (trigger === 'approved' && refunds.some(isUnderWay)) return { is: 'under-way', order: named, currency };
  const terms = { currency, taxesIncluded: order.taxesIncluded };
  const paysProcessed = settings.payOn === 'return-processed';
  const byProcessing = paysProcessed && of !== undefined;
  const owed = byProcessing ? owedByProcessing(of, refunds, terms) : owedByRefunds(refunds, of, terms);
  const { payments, unknown } = tenderOf(order, shop.connection);
  const quoted =
    byProcessing && owed.lines.length > 0 ? await quoteOf(shop, order.id, owed, currency, until) : undefined;
  if (quoted?.is === 'cannot-tell') return quoted;
  const beside =
    paysProcessed && of === undefined && owes(owed) ? await besideOf(shop, order.id, owed, until) : undefined;
  if (beside?.is === 'cannot-tell') return beside;
  const { lines, shipping, fees, references } = owed;
  return {
    is: 'return',
    trigger,
    snapshot: {
      return: subject.return,
      order: named,
      currency,
      lines,
      shipping,
      fees,
    },
    payments,
    concerns: [
      ...owed.concerns,
      ...(quoted?.is === 'moved-beside' && !owed.concerns.includes('moved-by-shop')
        ? (['moved-by-shop'] as const)
        : []),
      ...(beside?.is === 'beside' ? (['beside-return'] as const) : []),
      ...(unknown ? (['unknown-tender'] as const) : []),
      // What the new goods cost is settled between the shop and its customer: nothing here says which part of this is money.
      ...(of !== undefined && of.exchangeLineItems.nodes.length > 0 && owes(owed) ? (['exchanged'] as const) : []),
      ...(quoted !== undefined && !matches(quoted, owed) ? (['quote-differs'] as const) : []),
    ],
    tell: byProcessing && !hasOwnRecord(refunds, owed),
    references,
  };
}

/** Somebody at the shop wrote a record already: a second one would count the goods twice. */
const hasOwnRecord = (refunds: readonly RefundAnswer[], { references }: Owed): boolean =>
  refunds.length > references.length;

/** What the order is called at the gateway that captured for it. */
function referenceOf(order: OrderAnswer, kind = 'id'): string {
  return kind === 'name' ? order.name : kind === 'gid' ? order.id : order.legacyResourceId;
}

/** One object by its id: there, not there, or nobody knows. */
async function one<T>(
  shop: Shop,
  query: string,
  name: string,
  shape: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  id: string,
  until: number,
): Promise<Asked<T>> {
  const limitMs = until - shop.now();
  if (limitMs <= 0) return cannotTell('timeout');
  const answer = await ask(shop, { query, variables: { id }, limitMs });
  if (answer.is === 'silent') return cannotTell(answer.why);
  if (answer.data[name] === null) return { is: 'absent' };
  const read = shape.safeParse(answer.data[name]);
  return read.success ? { is: 'answer', answer: read.data } : cannotTell('unreadable');
}

async function findTold(shop: Shop, query: Parameters<SourceClient['findTold']>[0]): Promise<FoundTold> {
  const asked = await one(shop, toldQuery, 'return', toldShape, query.return, shop.now() + query.limitMs);
  if (asked.is !== 'answer') return asked.is === 'absent' ? cannotTell('return-absent') : asked;
  const { refunds } = asked.answer.order;
  const found = refunds.find(({ note }) => toldReferencesIn(note ?? '').includes(query.reference));
  if (found !== undefined) return { is: 'found', theirs: found.id };
  return refunds.length >= mostTold ? cannotTell('too-many') : { is: 'absent' };
}
