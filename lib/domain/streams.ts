import type { ConnectionName, MerchantId, PaymentId, RefundId } from './ids.ts';

/**
 * Names of journal streams, and of the heads that follow them. The kind comes first within a merchant, so that a name tells
 * what it is: `demo#refund#rf_…`.
 */
declare const brand: unique symbol;
export type StreamName = string & { readonly [brand]: 'stream' };

export type StreamKind = 'notice' | 'refund' | 'payment' | 'control';

/** An outside id may hold anything; here it may not hold what separates the parts. */
const escaped = (part: string): string => part.replace(/[%#]/g, (c) => (c === '%' ? '%25' : '%23'));

const name = (
  merchant: MerchantId,
  kind: StreamKind | 'return' | 'alias' | 'theirs' | 'order' | 'account' | 'tend' | 'forgotten' | 'velocity',
  ...parts: string[]
) => [merchant, kind, ...parts.map(escaped)].join('#') as StreamName;

export const noticeStream = (merchant: MerchantId, connection: ConnectionName, id: string) =>
  name(merchant, 'notice', connection, id);
export const refundStream = (merchant: MerchantId, refund: RefundId) => name(merchant, 'refund', refund);
export const paymentStream = (merchant: MerchantId, payment: PaymentId) => name(merchant, 'payment', payment);
export const controlStream = (merchant: MerchantId) => name(merchant, 'control');

/** State items that are no stream's head. */
export const returnItem = (merchant: MerchantId, connection: ConnectionName, id: string) =>
  name(merchant, 'return', connection, id);
/** `mac` is the blind index of one of the payment's names at its gateway. */
export const aliasItem = (merchant: MerchantId, connection: ConnectionName, mac: string) =>
  name(merchant, 'alias', connection, mac);
export const theirsItem = (merchant: MerchantId, connection: ConnectionName, mac: string) =>
  name(merchant, 'theirs', connection, mac);
/** The weather at one gateway account: its breaker and its pace. */
export const accountItem = (merchant: MerchantId, connection: ConnectionName) => name(merchant, 'account', connection);
/** Where money of a refund lies that the gateway has under a key of ours, and no leg of the journal answers to. */
export const forgottenItem = (merchant: MerchantId, refund: RefundId) => name(merchant, 'forgotten', refund);
/** How a shop's subscriptions stand. */
export const tendItem = (merchant: MerchantId, connection: ConnectionName) => name(merchant, 'tend', connection);
/** How much the machine has approved for a merchant this hour; `undefined`: for all of them, under a name that no merchant can have. */
export const velocityItem = (merchant: MerchantId | undefined) => name(merchant ?? ('*' as MerchantId), 'velocity');
export const orderItem = (merchant: MerchantId, order: string) => name(merchant, 'order', order);

/** The kind of a stream's name; undefined for anything else. */
export function kindOf(stream: string): StreamKind | undefined {
  const kind = stream.split('#')[1];
  return kind === 'notice' || kind === 'refund' || kind === 'payment' || kind === 'control' ? kind : undefined;
}

/** Whose stream it is, by its name. */
export const merchantOf = (stream: string): MerchantId => (stream.split('#')[0] ?? '') as MerchantId;

/** The parts after the kind, as they were given. */
export function partsOf(stream: string): string[] {
  return stream
    .split('#')
    .slice(2)
    .map((part) => part.replace(/%2[35]/g, (c) => (c === '%25' ? '%' : '#')));
}
