import type { Currency } from '../../../domain/money.ts';
import type { Snapshot, SnapshotLine } from '../../../domain/notice.ts';
import type { HoldReason } from '../../../domain/refund/hold-reason.ts';
import { toldReferencesIn } from '../../../domain/refund/key.ts';
import { goodsMinor, owedMinor } from '../../../domain/return.ts';
import { minorOf, sizeOf } from './money.ts';
import type { RefundAnswer, ReturnAnswer } from './queries.ts';

/** What a return owes by now, and what in it needs a person. Cumulative, and never more than the shop's own records come to. */
export interface Owed extends Pick<Snapshot, 'lines' | 'shipping' | 'fees'> {
  readonly concerns: readonly HoldReason[];
  readonly references: readonly string[];
}

/** Whether anything is left to be paid. */
export const owes = (owed: Owed): boolean => owedMinor(owed) > 0n;

export interface Terms {
  readonly currency: Currency;
  /** Prices of this order contain their tax: then what is told as tax is a part of what is told as subtotal. */
  readonly taxesIncluded: boolean;
}

/**
 * From the shop's refund records. A record whose transactions moved the money is adopted: it is stated and taken off again, so that
 * nothing is owed for it. Where they moved only a part and nothing explains the rest, a person looks. A record with a reference of ours
 * is one that we wrote, and is left out.
 */
export function owedByRefunds(refunds: readonly RefundAnswer[], of: ReturnAnswer | undefined, terms: Terms): Owed {
  const references = refunds.flatMap(({ note }) => toldReferencesIn(note ?? ''));
  const theirs = refunds.filter(({ note }) => toldReferencesIn(note ?? '').length === 0);
  const fees = of === undefined ? 0n : returnFees(of, terms.currency, 'refundedQuantity');
  const records = theirs.map((refund) => recordOf(refund, terms));
  const sum = (part: (record: Record_) => bigint) => records.reduce((all, record) => all + part(record), 0n);
  const concerns: HoldReason[] = [];
  // The return's fees explain what is missing once, not in each record anew.
  const byShop = records.filter((record) => record.movedMinor > 0n);
  const settled = isMoved(byShop, fees);
  const stated = {
    lines: merged(records.flatMap((record) => record.lines)),
    shipping: {
      amountMinor: sum((record) => record.shippingMinor),
      taxMinor: sum((record) => record.shippingTaxMinor),
    },
    fees: [
      ...feeOf('return-fees', fees),
      ...feeOf('adjusted', sum(correctionOf)),
      ...feeOf(
        'moved-by-shop',
        sum((record) => smaller(record.movedMinor, totalOf(record))),
      ),
    ],
  };
  // What one record moved beyond what it states may be the money of another one.
  const beyond = byShop.some((record) => record.movedMinor > totalOf(record)) && owedMinor(stated) > 0n;
  if (byShop.length > 0 && (!settled || beyond)) concerns.push('moved-by-shop');
  // What is corrected and was paid by the shop is the shop's affair.
  if (records.some((record) => record.odd && !(settled && record.movedMinor > 0n))) concerns.push('adjusted-by-shop');
  return { ...stated, concerns, references };
}

interface Record_ {
  readonly lines: readonly SnapshotLine[];
  readonly shippingMinor: bigint;
  readonly shippingTaxMinor: bigint;
  /** Corrections, by their size: whether one takes or gives is not documented well enough to pay by it. */
  readonly adjustedMinor: bigint;
  readonly movedMinor: bigint;
  /** Has corrections or duties. */
  readonly odd: boolean;
}

/** The money that a record without transactions leaves open is booked as this: it is the very amount that is owed. */
const pending = 'PENDING_REFUND_DISCREPANCY';

function recordOf(refund: RefundAnswer, { currency, taxesIncluded }: Terms): Record_ {
  const split = (subtotal: bigint, tax: bigint) => ({ price: taxesIncluded ? subtotal - tax : subtotal, tax });
  const lines = refund.refundLineItems.nodes.map((node): SnapshotLine => {
    const { price, tax } = split(minorOf(node.subtotalSet, currency), minorOf(node.totalTaxSet, currency));
    return { id: node.lineItem.id, quantity: node.quantity, priceMinor: price, taxMinor: tax };
  });
  const shipping = refund.refundShippingLines.nodes.map((node) =>
    split(minorOf(node.subtotalAmountSet, currency), minorOf(node.taxAmountSet, currency)),
  );
  const corrections = refund.orderAdjustments.nodes.filter(({ reason }) => reason !== pending);
  const moved = movedBy(refund);
  return {
    lines,
    shippingMinor: shipping.reduce((all, { price }) => all + price, 0n),
    shippingTaxMinor: shipping.reduce((all, { tax }) => all + tax, 0n),
    adjustedMinor: corrections.reduce(
      (all, one) => all + sizeOf(one.amountSet, currency) + sizeOf(one.taxAmountSet, currency),
      0n,
    ),
    movedMinor: moved.reduce((all, { amountSet }) => all + sizeOf(amountSet, currency), 0n),
    odd: corrections.length > 0 || (refund.duties ?? []).length > 0,
  };
}

/** What is under way may have left already. */
const movedBy = (refund: RefundAnswer) =>
  refund.transactions.nodes.filter(
    ({ kind, status }) => kind === 'REFUND' && status !== 'FAILURE' && status !== 'ERROR',
  );

/** A transaction of the shop's is neither done nor failed: pending, waiting for an answer, unknown. A record of ours has none. */
export const isUnderWay = (refund: RefundAnswer): boolean =>
  toldReferencesIn(refund.note ?? '').length === 0 && movedBy(refund).some(({ status }) => status !== 'SUCCESS');

/** In a record that the shop paid, it explains no more than what is missing there. */
function correctionOf(record: Record_): bigint {
  if (record.movedMinor === 0n) return record.adjustedMinor;
  const missing = totalOf(record) - record.movedMinor;
  return missing > 0n ? smaller(record.adjustedMinor, missing) : 0n;
}

const totalOf = (record: Record_): bigint => goodsMinor(record.lines) + record.shippingMinor + record.shippingTaxMinor;

/** All that these records come to went out by the shop's own hand, less what it kept; each by itself. */
function isMoved(records: readonly Record_[], fees: bigint): boolean {
  const sum = (part: (record: Record_) => bigint) => records.reduce((all, record) => all + part(record), 0n);
  return sum((record) => smaller(record.movedMinor + record.adjustedMinor, totalOf(record))) + fees >= sum(totalOf);
}

/**
 * From what was processed of the return, at the price its lines were sold for: for shops whose refund records are written by us. What
 * the shop refunded itself beside it is taken off, and a person looks.
 */
export function owedByProcessing(of: ReturnAnswer, refunds: readonly RefundAnswer[], terms: Terms): Owed {
  const { currency, taxesIncluded } = terms;
  const recorded = owedByRefunds(refunds, undefined, terms);
  const lines = of.returnLineItems.nodes.flatMap((node): SnapshotLine[] => {
    const { lineItem } = node.fulfillmentLineItem;
    if (node.processedQuantity === 0) return [];
    const total = share(minorOf(node.withCodeDiscountedTotalPriceSet, currency), node.processedQuantity, node.quantity);
    const taxed = lineItem.taxLines.reduce((all, { priceSet }) => all + minorOf(priceSet, currency), 0n);
    const tax = share(taxed, node.processedQuantity, lineItem.quantity);
    const price = taxesIncluded ? total - tax : total;
    return [{ id: lineItem.id, quantity: node.processedQuantity, priceMinor: price, taxMinor: tax }];
  });
  const moved = recorded.fees.filter(({ kind }) => kind === 'moved-by-shop');
  // Also by amount, in a record without goods: that may be the money of what was processed.
  const byShop = refunds.some(
    (refund) => toldReferencesIn(refund.note ?? '').length === 0 && recordOf(refund, terms).movedMinor > 0n,
  );
  return {
    lines: merged(lines),
    shipping: { amountMinor: 0n, taxMinor: 0n },
    fees: [...feeOf('return-fees', returnFees(of, currency, 'processedQuantity')), ...moved],
    concerns: byShop ? ['moved-by-shop'] : [],
    references: recorded.references,
  };
}

/** What so many of a line cost, never rounded up; of all of them exactly the whole. */
const share = (whole: bigint, quantity: number, of: number): bigint =>
  of <= 0 ? 0n : (whole * BigInt(quantity)) / BigInt(of);

/** Restocking fees of what came back, whole as soon as one of a line did, and what the way back cost. */
function returnFees(of: ReturnAnswer, currency: Currency, counted: 'processedQuantity' | 'refundedQuantity'): bigint {
  const restocking = of.returnLineItems.nodes
    .filter((node) => node[counted] > 0)
    .reduce((all, { restockingFee }) => all + (restockingFee ? sizeOf(restockingFee.amountSet, currency) : 0n), 0n);
  return of.returnShippingFees.reduce((all, { amountSet }) => all + sizeOf(amountSet, currency), restocking);
}

/** One line of the order may be in several refunds, or in several lines of the return. */
function merged(lines: readonly SnapshotLine[]): SnapshotLine[] {
  const byId = new Map<string, SnapshotLine>();
  for (const line of lines) {
    const known = byId.get(line.id);
    byId.set(
      line.id,
      known === undefined
        ? line
        : {
            id: line.id,
            quantity: known.quantity + line.quantity,
            priceMinor: known.priceMinor + line.priceMinor,
            taxMinor: known.taxMinor + line.taxMinor,
          },
    );
  }
  return [...byId.values()].filter((line) => line.quantity > 0 || line.priceMinor > 0n || line.taxMinor > 0n);
}

const feeOf = (kind: string, amountMinor: bigint): Snapshot['fees'] =>
  amountMinor > 0n ? [{ kind, amountMinor }] : [];
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
