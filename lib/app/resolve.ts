import type { MerchantId, PaymentId } from '../domain/ids.ts';
import type { NamedPayment } from '../domain/notice.ts';
import type { KnownPayment } from '../domain/policy.ts';
import type { WaitReason } from '../domain/refund/event.ts';
import { blindOrder } from './blind.ts';
import { type CallNeeds, look } from './gateway-call.ts';
import { learnPayment } from './learn-payment.ts';
import { getPayment, type PaymentNeeds, paymentNamed, paymentsOfOrder } from './payments.ts';
import type { Gateway } from './ports/gateway.ts';
import type { Author } from './refunds.ts';

export type ResolveNeeds = CallNeeds & PaymentNeeds;

/** The payments a return may be refunded on, in their order; or why one of them is not known yet. */
export interface Resolved {
  readonly payments: readonly KnownPayment[];
  readonly missing?: WaitReason;
  /** Waiting would not help: what was named is no gateway connection of this merchant. */
  readonly hopeless: boolean;
}

interface Return {
  readonly merchant: MerchantId;
  readonly order: string;
  readonly named: readonly NamedPayment[];
  readonly author: Author;
}

/** A payment that nobody told us of is asked for at its gateway; one that was left out is looked up by its order. */
export async function resolvePayments(needs: ResolveNeeds, of: Return): Promise<Resolved> {
  const orderMac = await blindOrder(needs.blind, of.merchant, of.order);
  const found = of.named.length > 0 ? await byName(needs, of) : await byOrder(needs, of.merchant, orderMac);
  if (!Array.isArray(found)) return { payments: [], ...found };
  const known = await Promise.all([...new Set(found)].map((id) => describe(needs, of.merchant, id, orderMac)));
  const payments = known.filter((one) => one !== undefined);
  return payments.length === 0
    ? { payments, missing: 'payment-unknown', hopeless: false }
    : { payments, hopeless: false };
}

type Missing = { readonly missing: WaitReason; readonly hopeless: boolean };

async function byOrder(needs: ResolveNeeds, merchant: MerchantId, orderMac: string): Promise<PaymentId[] | Missing> {
  const ids = await paymentsOfOrder(needs, merchant, orderMac);
  return ids.length > 0 ? ids : { missing: 'payment-unknown', hopeless: false };
}

async function byName(needs: ResolveNeeds, of: Return): Promise<PaymentId[] | Missing> {
  const ids: PaymentId[] = [];
  for (const { connection, reference } of of.named) {
    const known = await paymentNamed(needs, { merchant: of.merchant, connection }, reference);
    const id = known ?? (await ask(needs, of, connection, reference));
    if (typeof id !== 'string') return id;
    ids.push(id);
  }
  return ids;
}

/** Asks the gateway, and records what it says. */
async function ask(
  needs: ResolveNeeds,
  of: Return,
  name: NamedPayment['connection'],
  reference: string,
): Promise<PaymentId | Missing> {
  const connection = await needs.connections.find(name);
  if (connection?.kind !== 'gateway' || connection.merchant !== of.merchant)
    return { missing: 'payment-unknown', hopeless: true };
  const gateway = await needs.gateways.open(connection);
  const looked = await look(needs, gateway, { correlation: of.author.correlation, connection }, reference);
  if (looked.is === 'cannot-tell') return { missing: 'gateway-silent', hopeless: false };
  if (looked.is === 'absent') return { missing: 'payment-unknown', hopeless: false };
  if (looked.captures.length === 0) return { missing: 'capture-pending', hopeless: false };
  return learnPayment(needs, connection, looked, of.author);
}

async function describe(
  needs: ResolveNeeds,
  merchant: MerchantId,
  id: PaymentId,
  orderMac: string,
): Promise<KnownPayment | undefined> {
  const stored = await getPayment(needs, merchant, id);
  const connection = stored && (await needs.connections.find(stored.connection));
  if (stored === undefined || connection === undefined) return undefined;
  const { capabilities }: Gateway = await needs.gateways.open(connection);
  return {
    payment: id,
    connection: stored.connection,
    currency: stored.currency,
    balance: stored.balance,
    order: stored.order === undefined ? 'none' : stored.order === orderMac ? 'same' : 'other',
    accepts: (amountMinor) => capabilities.accepts(amountMinor, stored.currency),
  };
}
