import { empty, learn, type PaymentEvent } from '../domain/balance.ts';
import { type ConnectionName, type MerchantId, type PaymentId, parsePaymentId, type RefundId } from '../domain/ids.ts';
import type { RefundEvidence } from '../domain/notice.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { readKey } from '../domain/refund/key.ts';
import { aliasItem, forgottenItem, orderItem, paymentStream, theirsItem } from '../domain/streams.ts';
import { readPayment, type StoredPayment, unmovedName } from './balances.ts';
import type { BlindIndex } from './blind.ts';
import { type Also, append } from './journal.ts';
import type { Needs } from './needs.ts';
import type { Connection } from './ports/connections.ts';
import type { Condition } from './ports/table.ts';
import type { Vault } from './ports/vault.ts';
import type { Author } from './refunds.ts';

/** Payments become known on the gateway's word only: a capture webhook, or what `look` answers. */
export interface PaymentNeeds extends Needs {
  readonly blind: BlindIndex;
  readonly vault: Vault;
}

/** What is sealed with a payment: its first name is the one to refund against. */
export interface PaymentSecrets {
  readonly reference: string;
  readonly order?: string;
}

export async function getPayment(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  id: PaymentId,
): Promise<StoredPayment | undefined> {
  const item = await needs.table.get({ table: 'state', pk: paymentStream(merchant, id) });
  return item && readPayment(item);
}

/** The payment that has this name at this gateway, if it is known. */
export async function paymentNamed(
  needs: Pick<PaymentNeeds, 'table' | 'blind'>,
  of: { readonly merchant: MerchantId; readonly connection: ConnectionName },
  reference: string,
): Promise<PaymentId | undefined> {
  const mac = await needs.blind(of.merchant, of.connection, reference);
  const alias = await needs.table.get({ table: 'state', pk: aliasItem(of.merchant, of.connection, mac) });
  return parsePaymentId(String(alias?.payment ?? ''));
}

/** What is known of an order: its payments, in the order in which they became known. The version is theirs; its source is no news of them. */
export interface KnownOrder {
  readonly pk: string;
  readonly payments: PaymentId[];
  readonly version: bigint;
}

export async function knownOrder(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
): Promise<KnownOrder> {
  const pk = orderItem(merchant, orderMac);
  const item = await needs.table.get({ table: 'state', pk });
  const names = String(item?.payments ?? '').split(' ');
  const payments = names.flatMap((text) => parsePaymentId(text) ?? []);
  return { pk, payments, version: typeof item?.version === 'bigint' ? item.version : 0n };
}

export const paymentsOfOrder = async (
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
): Promise<PaymentId[]> => (await knownOrder(needs, merchant, orderMac)).payments;

/** No payment of the order became known since it was read. */
const noneMore = ({ version }: KnownOrder): Condition =>
  version === 0n ? { attribute: 'version', is: 'unset' } : { attribute: 'version', is: 'equal', value: version };

/** The same as a condition of what was decided from its payments. */
export const orderUnmoved = (order: KnownOrder): Also => ({
  name: unmovedName,
  write: { check: { table: 'state', pk: order.pk }, only: [noneMore(order)] },
});

/** The secrets of a payment, in memory only; `foreign` where its ciphertext is not its own. */
export async function openPayment(
  needs: Pick<PaymentNeeds, 'vault'>,
  merchant: MerchantId,
  id: PaymentId,
  stored: StoredPayment,
): Promise<PaymentSecrets | 'foreign'> {
  const secrets = await needs.vault.open(merchant, paymentStream(merchant, id), stored.sealed);
  if (secrets === 'foreign' || secrets.reference === undefined) return 'foreign';
  return { reference: secrets.reference, ...(secrets.order === undefined ? {} : { order: secrets.order }) };
}

/** The same by the payment's id; undefined where the payment is not known. */
export async function secretsOf(
  needs: Pick<PaymentNeeds, 'table' | 'vault'>,
  merchant: MerchantId,
  id: PaymentId,
): Promise<PaymentSecrets | 'foreign' | undefined> {
  const stored = await getPayment(needs, merchant, id);
  return stored && openPayment(needs, merchant, id, stored);
}

export type PaymentAppended = 'appended' | 'again' | 'in-flight';

/** Facts on a known payment, with the balance they change. The version is the condition, never the balance. */
export async function appendToPayment(
  needs: PaymentNeeds,
  of: { readonly merchant: MerchantId; readonly id: PaymentId; readonly stored: StoredPayment },
  author: Author,
  events: readonly PaymentEvent[],
  also: readonly Also[],
  only: readonly Condition[] = [],
): Promise<PaymentAppended> {
  const change = events.reduce(learn, empty);
  const appended = await append(needs, {
    stream: paymentStream(of.merchant, of.id),
    after: { version: of.stored.version, digest: of.stored.digest },
    at: needs.clock.now(),
    ...author,
    events,
    head: {
      set: {},
      add: {
        captured: change.capturedMinor,
        available: change.availableMinor,
        refunded: change.refundedMinor,
        chargedBack: change.chargedBackMinor,
        disputes: BigInt(change.disputes),
      },
      only,
    },
    also,
  });
  if (appended.is === 'appended') return 'appended';
  return appended.is === 'blocked' && appended.by === 'head' ? 'in-flight' : 'again';
}

export async function adoptedEvent(needs: PaymentNeeds, connection: Connection, refund: RefundEvidence) {
  const theirs = await needs.blind(connection.merchant, connection.name, refund.theirs);
  return { type: 'payment.refund-adopted', v: 1, theirs, amountMinor: refund.amountMinor } as const;
}

type KeyNeeds = Pick<Needs, 'installation' | 'hash' | 'restored'>;

/** What the key of a refund at the gateway says, where it is one of ours. */
export const oursOf = ({ installation, hash, restored }: KeyNeeds, { key }: RefundEvidence) =>
  key === undefined ? undefined : readKey(key, installation, hash, restored);

/** Ours by its key: it is a leg's business. */
export const isOurs = (needs: KeyNeeds, refund: RefundEvidence): boolean => oursOf(needs, refund) !== undefined;

/** More of our own refunds on one payment than there ever are; a transaction takes a hundred items. */
const mostForgotten = 25;

/**
 * Taken in as somebody else's, and under a key of ours: the journal was put back to an earlier instant. Whoever decides on that return anew,
 * perhaps on another payment that leads to this one by nothing, finds by the refund's id where its money lies (F117).
 */
export function forgottenWrites(
  needs: KeyNeeds,
  merchant: MerchantId,
  payment: PaymentId,
  refunds: readonly RefundEvidence[],
): Also[] {
  const ours = refunds.flatMap((one) => oursOf(needs, one)?.refund ?? []);
  return [...new Set(ours)].slice(0, mostForgotten).map((refund) => ({
    name: 'forgotten',
    write: {
      update: { table: 'state', pk: forgottenItem(merchant, refund) },
      set: { [`${onPayment}${payment}`]: true },
      only: [],
    },
  }));
}

const onPayment = 'on.';

/** The payments on which the gateway has a refund of this id that was forgotten. */
export async function forgottenOn(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  refund: RefundId,
): Promise<PaymentId[]> {
  const item = await needs.table.get({ table: 'state', pk: forgottenItem(merchant, refund) });
  return Object.keys(item ?? {})
    .filter((attribute) => attribute.startsWith(onPayment))
    .flatMap((attribute) => parsePaymentId(attribute.slice(onPayment.length)) ?? []);
}

export const countOnce = (connection: Connection, theirs: string, set: { owner: string; counted: bigint }): Also => ({
  name: 'theirs',
  write: {
    put: set,
    key: { table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) },
    only: [{ is: 'absent' }],
  },
});

/**
 * Binds payments to an order: by the gateway's word when they become known, or by the first refund that is approved on them. The
 * version guards against two payments of one order being bound at once.
 */
export async function orderWrite(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
  more: readonly PaymentId[],
): Promise<Also> {
  const order = await knownOrder(needs, merchant, orderMac);
  const payments = [...new Set([...order.payments, ...more])].join(' ');
  return {
    name: 'order',
    write: {
      update: { table: 'state', pk: order.pk },
      set: { payments, version: order.version + 1n },
      only: [noneMore(order)],
    },
  };
}

/** The payments an approval is the first to bind: those that no order had until now are found by this one from here on. */
export async function unboundPayments(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  events: readonly RefundEvent[],
): Promise<PaymentId[]> {
  const named = new Set(
    events.flatMap((event) => (event.type === 'refund.approved' ? event.legs.map((leg) => leg.payment) : [])),
  );
  const stored = await Promise.all(
    [...named].map(async (id) => ({ id, payment: await getPayment(needs, merchant, id) })),
  );
  return stored.filter(({ payment }) => payment !== undefined && payment.order === undefined).map(({ id }) => id);
}
