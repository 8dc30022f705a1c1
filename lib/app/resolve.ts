import type { ConnectionName, MerchantId, PaymentId } from '../domain/ids.ts';
import type { NamedPayment } from '../domain/notice.ts';
import type { KnownPayment } from '../domain/policy.ts';
import type { Seen, WaitReason } from '../domain/refund/event.ts';
import type { StoredPayment } from './balances.ts';
import { blindOrder } from './blind.ts';
import { type CallNeeds, look, openIfPossible } from './gateway-call.ts';
import { connectionNamed } from './if-available.ts';
import { countable, learnPayment } from './learn-payment.ts';
import { ordersAt } from './order-shop.ts';
import { type PaymentNeeds, paymentNamed, paymentsOfOrder } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Author } from './refunds.ts';
import { connectionOfPayment, heardPayment } from './unheard.ts';

export type ResolveNeeds = CallNeeds & PaymentNeeds;

/** The payments a return may be refunded on, in their order; or why one of them is not known yet. */
export interface Resolved {
  readonly payments: readonly KnownPayment[];
  /** Of these and of all others of the order, as they were read: what is on them by then is known to the decision (F44). */
  readonly seen: Seen;
  readonly missing?: WaitReason;
  /** Not named by the return but found by its order: another payment of the order may become known. */
  readonly byOrder: boolean;
  /** Waiting would not help: what was named is no gateway connection of this merchant, or nothing will ever be captured. */
  readonly hopeless: boolean;
  /** What is taken from them by now may come back: a refund on one of them is under way at its gateway, or nobody can say. */
  readonly unfinished?: boolean;
  /** A payment was named that nothing was captured of, and nothing will be (F43). */
  readonly voided?: true;
}

export interface Return {
  readonly merchant: MerchantId;
  /** The shop it comes from. */
  readonly source: ConnectionName;
  readonly order: string;
  readonly named: readonly NamedPayment[];
  readonly author: Author;
}

/** A payment that nobody told us of is asked for at its gateway; one that was left out is looked up by its order. */
export async function resolvePayments(needs: ResolveNeeds, of: Return): Promise<Resolved> {
  const orderMac = await blindOrder(needs.blind, of.merchant, of.order);
  const byOrder = of.named.length === 0;
  const ofOrder = await paymentsOfOrder(needs, of.merchant, orderMac);
  const found = byOrder ? ofOrder : await byName(needs, of);
  const named = Array.isArray(found) ? [...new Set(found)] : [];
  const stored = await storedOf(needs, of, [...named, ...ofOrder]);
  const seen = Object.fromEntries([...stored].map(([id, { version }]) => [id, version]));
  if (!Array.isArray(found)) return { payments: [], seen, byOrder, ...found };
  const described = await Promise.all(named.map((id) => describe(needs, of, { id, stored: stored.get(id) }, orderMac)));
  const known = described.filter((one) => one !== 'other-shop');
  if (known.length === 0) return { payments: [], seen, byOrder, missing: 'payment-unknown', hopeless: false };
  const payments = known.filter((one) => one !== undefined);
  // One that can't be described now is missing, not left out: the others must not be made to pay for it.
  const silent = payments.length < known.length ? { missing: 'gateway-silent' as const } : {};
  return { payments, seen, byOrder, hopeless: false, ...silent };
}

type Missing = { readonly missing: WaitReason; readonly hopeless: boolean; readonly voided?: true };

/** Each read once: what is seen of it is what its balance is from. */
async function storedOf(
  needs: ResolveNeeds,
  { merchant, author }: Return,
  ids: readonly PaymentId[],
): Promise<ReadonlyMap<PaymentId, StoredPayment>> {
  const read = async (id: PaymentId) => [id, await heardPayment(needs, { merchant, payment: id, author })] as const;
  const all = await Promise.all([...new Set(ids)].map(read));
  return new Map(all.flatMap(([id, stored]) => (stored === undefined ? [] : [[id, stored] as const])));
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
  const connection = await connectionNamed(needs, of.merchant, name);
  // Mended, it can be asked.
  if (connection === 'unusable') return { missing: 'gateway-silent', hopeless: false };
  if (connection === 'gone' || connection.kind !== 'gateway') return { missing: 'payment-unknown', hopeless: true };
  const gateway = await openIfPossible(needs, connection);
  if (gateway === undefined) return { missing: 'gateway-silent', hopeless: false };
  const looked = await look(needs, gateway, { correlation: of.author.correlation, connection }, reference);
  // More refunds than one transaction could count: a person sorts that out.
  const tooMany = looked.is === 'payment' && !countable(looked);
  if (looked.is === 'cannot-tell' || tooMany) return { missing: 'gateway-silent', hopeless: false };
  if (looked.is === 'absent') return { missing: 'payment-unknown', hopeless: false };
  const empty = looked.captures.length === 0;
  if (empty && looked.state === 'voided') return { missing: 'capture-pending', hopeless: true, voided: true };
  if (empty) return { missing: 'capture-pending', hopeless: false };
  return learnPayment(needs, connection, looked, of.author);
}

async function describe(
  needs: ResolveNeeds,
  of: Return,
  { id, stored }: { readonly id: PaymentId; readonly stored: StoredPayment | undefined },
  orderMac: string,
): Promise<KnownPayment | undefined | 'other-shop'> {
  const connection =
    stored && (await connectionOfPayment(needs, of.merchant, { payment: id, connection: stored.connection }));
  if (stored === undefined || connection === undefined) return undefined;
  const order = stored.order === undefined ? 'none' : stored.order === orderMac ? 'same' : 'other';
  const shop = of.named.length > 0 ? 'this' : await shopOf(needs, of, connection);
  if (shop === 'other') return 'other-shop';
  const gateway = await openIfPossible(needs, connection);
  if (gateway === undefined) return undefined;
  const { capabilities } = gateway;
  return {
    payment: id,
    connection: stored.connection,
    currency: stored.currency,
    balance: stored.balance,
    order: shop === 'unknown' ? 'same-number' : order,
    accepts: (amountMinor) => capabilities.accepts(amountMinor, stored.currency),
  };
}

const shopOf = async (needs: ResolveNeeds, of: Return, gateway: Connection) =>
  ordersAt(gateway, of.source, await needs.connections.of(of.merchant));
