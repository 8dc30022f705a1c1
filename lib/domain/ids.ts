/**
 * Branded ids. One prefix table and one parser per id: a refund id can't be passed where a payment id is meant, and an id
 * read from outside is checked before it is believed.
 */
declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

/** The tenant. A short configured name; every stored key starts with it. */
export type MerchantId = Brand<'merchant'>;
/** One configured counterpart, `stripe-demo` or `generic-demo`. Unique in an installation. */
export type ConnectionName = Brand<'connection'>;
/** Random: a payment's names at its gateway are secret, its id here is not. */
export type PaymentId = Brand<'payment'>;
/** Derived from the return and the number of the refund within it, so that deciding twice meets itself. */
export type RefundId = Brand<'refund'>;
/** Who wrote an entry; unique per call of `append`, so that a lost reply can be told from a rival. */
export type WriterToken = Brand<'writer'>;
/** Follows one webhook through every log line, message, entry and gateway call. */
export type CorrelationId = Brand<'correlation'>;

const prefixes = { payment: 'pay_', refund: 'rf_', writer: 'w_', correlation: 'c_' } as const;
type Prefixed = keyof typeof prefixes;

const slug = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** `text` as a merchant's name, or undefined: lower-case letters, digits and hyphens, at most 63. */
export const parseMerchant = (text: string): MerchantId | undefined =>
  slug.test(text) ? (text as MerchantId) : undefined;

/** `text` as a connection's name, or undefined: lower-case letters, digits and hyphens, at most 63. */
export const parseConnection = (text: string): ConnectionName | undefined =>
  slug.test(text) ? (text as ConnectionName) : undefined;

export const parsePaymentId = (text: string) => parsePrefixed<PaymentId>('payment', text);
export const parseRefundId = (text: string) => parsePrefixed<RefundId>('refund', text);

/** Correlation ids come from outside too (an API Gateway request id); what does not look like one is not taken over. */
export const parseCorrelation = (text: string): CorrelationId | undefined =>
  /^[A-Za-z0-9_=-]{1,64}$/.test(text) ? (text as CorrelationId) : undefined;

export const paymentId = (random: string) => `${prefixes.payment}${random}` as PaymentId;
export const refundId = (derived: string) => `${prefixes.refund}${derived}` as RefundId;
export const writerToken = (random: string) => `${prefixes.writer}${random}` as WriterToken;
export const correlationId = (random: string) => `${prefixes.correlation}${random}` as CorrelationId;

function parsePrefixed<Id extends string>(kind: Prefixed, text: string): Id | undefined {
  const rest = text.startsWith(prefixes[kind]) ? text.slice(prefixes[kind].length) : '';
  return /^[A-Za-z0-9]{8,64}$/.test(rest) ? (text as Id) : undefined;
}
