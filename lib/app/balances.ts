import type { Balance } from '../domain/balance.ts';
import type { ConnectionName, MerchantId, PaymentId, RefundId } from '../domain/ids.ts';
import type { Currency } from '../domain/money.ts';
import { apply, type Blocked, type Effect } from '../domain/payment.ts';
import { paymentStream } from '../domain/streams.ts';
import type { Also } from './journal.ts';
import type { Condition, Item, Write } from './ports/table.ts';

/** A payment as the state table holds it. Amounts are DynamoDB numbers, so that conditions can compare them. */
export interface StoredPayment {
  readonly version: number;
  readonly digest: string;
  readonly connection: ConnectionName;
  readonly currency: Currency;
  readonly balance: Balance;
  /** Blind index of the order it is bound to. */
  readonly order?: string;
  /** The last refund that was approved on it, for whoever has nothing but the payment's name. */
  readonly lastRefund?: RefundId;
  /** When its connection was last found gone: what its gateway told of it since then may have been heard by nobody here. */
  readonly unheard?: string;
  /** Names at the gateway and order, encrypted. */
  readonly sealed: string;
}

export function readPayment(item: Item): StoredPayment {
  const amount = (name: string) => (typeof item[name] === 'bigint' ? item[name] : 0n);
  const text = (name: string) => String(item[name] ?? '');
  return {
    version: Number(amount('version')),
    digest: text('digest'),
    connection: text('connection') as ConnectionName,
    currency: text('currency') as Currency,
    balance: {
      capturedMinor: amount('captured'),
      availableMinor: amount('available'),
      refundedMinor: amount('refunded'),
      chargedBackMinor: amount('chargedBack'),
      disputes: Number(amount('disputes')),
      ...(item.inFlight === undefined ? {} : { inFlight: text('inFlight') }),
    },
    ...(item.order === undefined ? {} : { order: text('order') }),
    ...(item.lastRefund === undefined ? {} : { lastRefund: text('lastRefund') as RefundId }),
    ...(item.unheard === undefined ? {} : { unheard: text('unheard') }),
    sealed: text('sealed'),
  };
}

/** The balance's part of an item. */
export const balanceItem = (balance: Balance): Item => ({
  captured: balance.capturedMinor,
  available: balance.availableMinor,
  refunded: balance.refundedMinor,
  chargedBack: balance.chargedBackMinor,
  disputes: BigInt(balance.disputes),
});

/** The name of the write that changes a payment, and back: a refused condition must lead to the payment it was about. */
const effectName = (payment: PaymentId) => `payment:${payment}`;
export const paymentOf = (name: string): PaymentId | undefined =>
  name.startsWith('payment:') ? (name.slice('payment:'.length) as PaymentId) : undefined;

/**
 * An effect as a conditional write. **The over-refund guard** is here: reserving is "take so much away only if so much is there",
 * one condition in the transaction that approves (F35).
 */
export function effectWrite(
  { merchant, id }: { readonly merchant: MerchantId; readonly id: RefundId },
  effect: Effect,
  bindTo: string | undefined,
): Also {
  const { reserveMinor, moveMinor, refundedMinor, lock, asOf, unlock, despiteChargeback } = effect;
  const only: Condition[] = [{ is: 'present' }];
  if (reserveMinor > 0n) only.push({ attribute: 'available', is: 'at-least', value: reserveMinor });
  if (lock !== undefined) only.push(...mayLock(lock, despiteChargeback === true));
  if (lock !== undefined && asOf !== undefined) only.push(stillAt(asOf));
  if (bindTo !== undefined) only.push({ attribute: 'order', is: 'unset-or-equal', value: bindTo });
  const write: Write = {
    update: { table: 'state', pk: paymentStream(merchant, effect.payment) },
    set: {
      ...(lock !== undefined && { inFlight: lock }),
      ...(bindTo !== undefined && { order: bindTo }),
      ...(reserveMinor > 0n && { lastRefund: id }),
    },
    add: { available: moveMinor - reserveMinor, refunded: refundedMinor },
    remove: unlock !== undefined && lock === undefined ? ['inFlight'] : [],
    only,
  };
  return { name: effectName(effect.payment), write };
}

/** One money request per payment at a time, none while it is disputed or overdrawn; after a chargeback only where a person said so. */
const mayLock = (holder: string, despiteChargeback: boolean): Condition[] => [
  { attribute: 'inFlight', is: 'unset-or-equal', value: holder },
  { attribute: 'disputes', is: 'unset-or-equal', value: 0n },
  ...(despiteChargeback ? [] : [{ attribute: 'chargedBack', is: 'unset-or-equal', value: 0n } as const]),
  { attribute: 'available', is: 'at-least', value: 0n },
];

/** No fact came to the payment since this entry; what we promise or send of it ourselves is none. */
const stillAt = (version: number): Condition => ({ attribute: 'version', is: 'equal', value: BigInt(version) });

export const unmovedName = 'unmoved';

/** The same of a payment that the entry changes nothing of. */
export const unmoved = (merchant: MerchantId, payment: PaymentId, version: number): Also => ({
  name: unmovedName,
  write: { check: { table: 'state', pk: paymentStream(merchant, payment) }, only: [stillAt(version)] },
});

/** What stood in the way of an effect, from the payment as the store found it; `moved`: nothing but that something came to it since. */
export function blockedBy(effect: Effect, old: Item | undefined): Blocked | 'moved' | 'other-order' {
  if (old === undefined) return 'exceeds-available';
  const { balance, version } = readPayment(old);
  const result = apply(balance, effect);
  if (typeof result === 'string') return result;
  return effect.asOf !== undefined && effect.asOf !== version ? 'moved' : 'other-order';
}
