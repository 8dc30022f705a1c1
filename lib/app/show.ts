import type { Entry } from '../domain/chain.ts';
import type { MerchantId, RefundId } from '../domain/ids.ts';
import { decode } from '../domain/json.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { ofDispute, ofLeg, reasonsOf, type Status, statusOf } from '../domain/refund/status.ts';
import { refundStream } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { type Instant, plus } from '../domain/time.ts';
import { type Attempt, attemptsOf } from './attempts.ts';
import { dueOf } from './heads.ts';
import type { Item, Table } from './ports/table.ts';
import { dayShardKey, dayShards, loadRefund, orderKey } from './refunds.ts';

/** What people see. Lists come from an index and may lag; a single refund is read strongly. */
export interface ShownRefund {
  readonly id: string;
  readonly status: Status;
  readonly return: string;
  readonly order: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reasons: readonly string[];
  /** Milliseconds since the epoch; null where nothing is owed. */
  readonly dueAt: number | null;
  readonly createdAt: number;
}

export interface ListQuery {
  readonly merchant: MerchantId;
  readonly status?: Status;
  readonly order?: string;
  readonly return?: string;
  /** Only what something had to happen to by then, and did not: the sweep is late, or the refund could not move. */
  readonly dueBy?: Instant;
  readonly cursor?: string;
}

const pageSize = 50;
/** How far one request looks for matches of a rare filter; the cursor goes on from there. */
const mostLookedAt = 1000;

/** Newest first. The cursor is the sort key of the last one looked at: stable while new refunds come in. */
export async function listRefunds(
  needs: { readonly table: Table },
  query: ListQuery,
): Promise<{ refunds: ShownRefund[]; cursor?: string }> {
  const refunds: ShownRefund[] = [];
  let cursor = query.cursor;
  for (let looked = 0; looked < mostLookedAt; ) {
    const page = await newest(needs.table, query, cursor);
    for (const item of page) {
      looked += 1;
      cursor = String(item.daySort);
      const shown = fromHead(item);
      if (matches(shown, query)) refunds.push(shown);
      if (refunds.length === pageSize) return { refunds, cursor };
    }
    if (page.length < pageSize) return { refunds };
  }
  return cursor === undefined ? { refunds } : { refunds, cursor };
}

const matches = (shown: ShownRefund, { status, order, return: of, dueBy }: ListQuery) =>
  (status === undefined || shown.status === status) &&
  (order === undefined || shown.order === order) &&
  (of === undefined || shown.return === of) &&
  (dueBy === undefined || (shown.dueAt !== null && shown.dueAt <= dueBy));

/** The newest heads before `cursor`, over all shards; or those of one order. */
async function newest(table: Table, { merchant, order }: ListQuery, cursor: string | undefined): Promise<Item[]> {
  const before = cursor === undefined ? {} : { to: previous(cursor) };
  const ask = { ...before, limit: pageSize, newestFirst: true };
  const pages =
    order === undefined
      ? await Promise.all(
          [...Array(dayShards).keys()].map((shard) =>
            table.index('byDay', { pk: dayShardKey(merchant, shard), ...ask }),
          ),
        )
      : [await table.index('byOrder', { pk: orderKey(merchant, order), ...ask })];
  const items = pages.flatMap((page) => page.items);
  return items.sort((a, b) => (String(a.daySort) < String(b.daySort) ? 1 : -1)).slice(0, pageSize);
}

/** The greatest string of these characters below `sort`: ids end in hexadecimal digits, so the last digit lowered and followed by the highest is enough. */
const previous = (sort: string): string =>
  `${sort.slice(0, -1)}${String.fromCharCode(sort.charCodeAt(sort.length - 1) - 1)}~`;

/** A refund as its head says it is. */
export function fromHead(item: Item): ShownRefund {
  const summary = decode<Omit<ShownRefund, 'id' | 'status' | 'dueAt'>>(String(item.summary));
  const id = String(item.pk).split('#').at(-1) ?? '';
  return { ...summary, id, status: String(item.status) as Status, dueAt: dueOf(item) ?? null };
}

export interface ShownLeg {
  readonly leg: number;
  readonly connection: string;
  readonly payment: string;
  readonly amountMinor: bigint;
  readonly state: string;
  readonly epoch: number;
  readonly sendings: number;
  readonly gatewayRefunds: readonly string[];
  /** Every request for it, the first one first. */
  readonly attempts: readonly Attempt[];
  /** Why it stands where it stands, as a short code: of what is pending, the gateway's word. */
  readonly reason: string | null;
  /** Since when it is pending, unknown, held or refunded. Milliseconds since the epoch, as all times here. */
  readonly since: number | null;
  /** When it is put before a person, or, where it is before one, when they are reminded. */
  readonly deadline: number | null;
}

function standing(leg: Leg, tempo: Tempo): Pick<ShownLeg, 'reason' | 'since' | 'deadline'> {
  const reason = ofLeg(leg)[0] ?? ofDispute(leg)[0] ?? null;
  switch (leg.now.is) {
    case 'pending':
      return { reason, since: leg.now.since, deadline: plus(leg.now.since, tempo.pendingLimitMs) };
    case 'unknown':
      return { reason, since: leg.now.since, deadline: plus(leg.tryingSince ?? leg.now.since, tempo.unknownLimitMs) };
    case 'held':
      return { reason, since: leg.now.since, deadline: leg.now.until };
    case 'refunded':
      return { reason, since: leg.now.since, deadline: null };
    default:
      return { reason, since: null, deadline: null };
  }
}

/** One refund, strongly read, with its legs; undefined where there is none. */
export async function showRefund(
  needs: { readonly table: Table; readonly tempo: Tempo },
  merchant: MerchantId,
  id: RefundId,
): Promise<(ShownRefund & { readonly version: number; readonly legs: readonly ShownLeg[] }) | undefined> {
  const { refund, entries, end } = await loadRefund(needs, merchant, id);
  if (refund.is === 'none') return undefined;
  const head = await needs.table.get({ table: 'state', pk: refundStream(merchant, id) });
  const legs = refund.is !== 'approved' ? [] : refund.legs;
  return {
    id,
    status: statusOf(refund),
    return: refund.return.id,
    order: refund.order,
    amountMinor: refund.quote.amountMinor,
    currency: refund.currency,
    reasons: reasonsOf(refund),
    dueAt: dueOf(head) ?? null,
    createdAt: entries[0]?.at ?? 0,
    version: end.version,
    legs: legs.map((leg) => ({
      leg: leg.leg,
      connection: leg.connection,
      payment: leg.payment,
      amountMinor: leg.amountMinor,
      state: leg.now.is,
      epoch: leg.epoch,
      sendings: leg.sendings,
      gatewayRefunds: Object.keys(leg.evidence),
      attempts: attemptsOf(entries, leg.leg),
      ...standing(leg, needs.tempo),
    })),
  };
}

/** A refund's history as it is in the journal. */
export async function refundHistory(
  needs: { readonly table: Table },
  merchant: MerchantId,
  id: RefundId,
): Promise<readonly Entry<RefundEvent>[]> {
  return (await loadRefund(needs, merchant, id)).entries;
}
