import {
  type ConnectionName,
  type MerchantId,
  type PaymentId,
  parsePaymentId,
  parseRefundId,
  type RefundId,
} from '../domain/ids.ts';
import { refundIdOf } from '../domain/refund/key.ts';
import { noticeStream, refundStream, returnItem, type StreamName, theirsItem } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import type { StoredPayment } from './balances.ts';
import { confirmedOf, loadNotice, type StoredNotice, settledIn } from './notices.ts';
import { getPayment, type PaymentNeeds, paymentNamed } from './payments.ts';
import type { Connection, Connections } from './ports/connections.ts';
import { orderKey } from './refunds.ts';
import { readReturn } from './returns.ts';
import { fromHead, type ShownRefund } from './show.ts';

export type FindNeeds = Pick<PaymentNeeds, 'table' | 'blind' | 'hash'> & {
  readonly connections: Pick<Connections, 'of'>;
};

/** What a text names, for somebody who has nothing else. */
export interface Found {
  /** Newest first. `by`: what the text is of it. */
  readonly refunds: readonly (ShownRefund & { readonly by: FoundBy })[];
  readonly payments: readonly FoundPayment[];
  readonly notices: readonly FoundNotice[];
  /** There are more refunds than these. */
  readonly more: boolean;
}

export type FoundBy = 'refund' | 'gateway-refund' | 'return' | 'order' | 'payment' | 'webhook';

/** Amounts in minor units of its currency. */
export interface FoundPayment {
  readonly payment: PaymentId;
  readonly connection: ConnectionName;
  readonly currency: string;
  readonly capturedMinor: bigint;
  readonly availableMinor: bigint;
  readonly refundedMinor: bigint;
  readonly chargedBackMinor: bigint;
  /** How many disputes are open. */
  readonly disputes: number;
  /** `rf_…/1`: whose request may be under way. */
  readonly inFlight: string | null;
}

export interface FoundNotice {
  readonly notice: StreamName;
  readonly receivedAt: Instant;
  readonly status: string;
  /** What it came to, where that is told by itself and not by a refund. */
  readonly outcome: string | null;
  /** Why it was put aside. */
  readonly code: string | null;
}

/** An order has few refunds; who has more lists them page by page. */
const most = 50;

/**
 * Looks for a text wherever something is found by its name: a refund's id, alone or within a key, a stream or a note in a shop; a
 * gateway's name of a refund or a payment; a return, an order, a webhook's id; a payment's id here. Strong reads but for an order's refunds, which
 * an index lists. Correlation ids are in no index.
 */
export async function find(needs: FindNeeds, merchant: MerchantId, text: string): Promise<Found> {
  const looking: Looking = { needs, merchant, refunds: new Map(), payments: new Map(), notices: new Map() };
  const within = /(?<!\w)rf_[0-9a-f]{20}(?!\w)/.exec(text)?.[0];
  add(looking, parseRefundId(within ?? ''), 'refund');
  const payment = parsePaymentId(/(?<!\w)pay_\w+/.exec(text)?.[0] ?? '');
  if (payment !== undefined) await byPayment(looking, payment);
  if (text.startsWith(`${merchant}#notice#`)) await byNotice(looking, text as StreamName);
  await byOrder(looking, text, 'order');
  for (const connection of await needs.connections.of(merchant)) {
    await byNotice(looking, noticeStream(merchant, connection.name, text));
    if (connection.kind === 'gateway') await atGateway(looking, connection, text);
    else await byReturn(looking, connection.name, text);
  }
  return shown(looking);
}

interface Looking {
  readonly needs: FindNeeds;
  readonly merchant: MerchantId;
  readonly refunds: Map<RefundId, FoundBy>;
  readonly payments: Map<PaymentId, StoredPayment>;
  readonly notices: Map<StreamName, StoredNotice>;
}

function add({ refunds }: Looking, id: RefundId | undefined, by: FoundBy): void {
  if (id !== undefined && !refunds.has(id)) refunds.set(id, by);
}

async function byOrder(looking: Looking, order: string, by: FoundBy): Promise<void> {
  const { needs, merchant } = looking;
  const query = { pk: orderKey(merchant, order), limit: most + 1, newestFirst: true };
  const { items } = await needs.table.index('byOrder', query);
  for (const { pk } of items) add(looking, parseRefundId(String(pk).split('#').at(-1) ?? ''), by);
}

/** A return's refunds are numbered, and their ids follow from that. */
async function byReturn(
  looking: Looking,
  connection: ConnectionName,
  id: string,
  by: FoundBy = 'return',
): Promise<void> {
  const { needs, merchant } = looking;
  const head = readReturn(await needs.table.get({ table: 'state', pk: returnItem(merchant, connection, id) }));
  for (let number = head?.count ?? 0; number > 0; number -= 1)
    add(looking, refundIdOf({ merchant, connection, return: id, number }, needs.hash), by);
}

async function atGateway(looking: Looking, { name }: Connection, text: string): Promise<void> {
  const { needs, merchant } = looking;
  await byGatewayRefund(looking, name, text, 'gateway-refund');
  const payment = await paymentNamed(needs, { merchant, connection: name }, text);
  if (payment !== undefined) await byPayment(looking, payment);
}

async function byGatewayRefund(looking: Looking, name: ConnectionName, theirs: string, by: FoundBy): Promise<void> {
  const { needs, merchant } = looking;
  const mac = await needs.blind(merchant, name, theirs);
  const item = await needs.table.get({ table: 'state', pk: theirsItem(merchant, name, mac) });
  add(looking, parseRefundId(String(item?.owner ?? '').split('/')[0] ?? ''), by);
}

/** With the refunds of the order that its last refund was of. */
async function byPayment(looking: Looking, payment: PaymentId): Promise<void> {
  const { needs, merchant } = looking;
  const stored = await getPayment(needs, merchant, payment);
  if (stored === undefined) return;
  looking.payments.set(payment, stored);
  const last = stored.lastRefund && (await headOf(looking, stored.lastRefund));
  if (stored.lastRefund !== undefined) add(looking, stored.lastRefund, 'payment');
  if (last) await byOrder(looking, last.order, 'payment');
}

/** What a webhook is about, as far as it may be read by anybody: a return, or a refund at its gateway. */
async function byNotice(looking: Looking, stream: StreamName): Promise<void> {
  const notice = await loadNotice(looking.needs, looking.merchant, stream);
  if (notice === undefined) return;
  looking.notices.set(stream, notice);
  const { connection } = notice;
  const content = confirmedOf(notice)?.content ?? notice.recorded.content;
  add(looking, settlementOf(notice)?.refund, 'webhook');
  if (content.about === 'return') await byReturn(looking, connection, content.snapshot.return, 'webhook');
  if (content.about === 'refund') await byGatewayRefund(looking, connection, content.evidence.theirs, 'webhook');
}

const settlementOf = ({ entries }: StoredNotice) => settledIn(entries.flatMap(({ events }) => events));

async function headOf({ needs, merchant }: Looking, id: RefundId): Promise<ShownRefund | undefined> {
  const item = await needs.table.get({ table: 'state', pk: refundStream(merchant, id) });
  return item && fromHead(item);
}

async function shown(looking: Looking): Promise<Found> {
  const { needs } = looking;
  const heads = await Promise.all(
    [...looking.refunds].slice(0, most).map(async ([id, by]) => ({ head: await headOf(looking, id), by })),
  );
  const refunds = heads.flatMap(({ head, by }) => (head === undefined ? [] : [{ ...head, by }]));
  const notices = await Promise.all(
    [...looking.notices.values()].map(async (notice): Promise<FoundNotice> => {
      const head = await needs.table.get({ table: 'state', pk: notice.stream });
      const settled = settlementOf(notice);
      return {
        notice: notice.stream,
        receivedAt: notice.entries[0]?.at ?? notice.openSince,
        status: String(head?.status ?? ''),
        outcome: settled?.outcome ?? null,
        code: settled?.code ?? null,
      };
    }),
  );
  return {
    refunds: refunds.sort((a, b) => b.createdAt - a.createdAt),
    payments: [...looking.payments].map(([id, stored]) => paymentOf(id, stored)),
    notices,
    more: looking.refunds.size > most,
  };
}

function paymentOf(payment: PaymentId, { connection, currency, balance }: StoredPayment): FoundPayment {
  const { capturedMinor, availableMinor, refundedMinor, chargedBackMinor, disputes, inFlight = null } = balance;
  const amounts = { capturedMinor, availableMinor, refundedMinor, chargedBackMinor };
  return { payment, connection, currency, ...amounts, disputes, inFlight };
}
