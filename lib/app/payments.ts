import { type ConnectionName, type MerchantId, type PaymentId, parsePaymentId, paymentId } from '../domain/ids.ts';
import type { Capture, RefundEvidence } from '../domain/notice.ts';
import { empty, learn, type PaymentEvent } from '../domain/payment.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { aliasItem, orderItem, paymentStream, theirsItem } from '../domain/streams.ts';
import { readPayment, type StoredPayment } from './balances.ts';
import { type BlindIndex, blindOrder } from './blind.ts';
import { type Also, append, beginning, type HeadChange } from './journal.ts';
import type { Needs } from './needs.ts';
import type { Connection } from './ports/connections.ts';
import { Unavailable } from './ports/unavailable.ts';
import type { Vault } from './ports/vault.ts';
import type { Author } from './refunds.ts';
import { insist } from './retry.ts';

/** Payments become known on the gateway's word only: a capture webhook, or what `look` answers. */
export interface PaymentNeeds extends Needs {
  readonly blind: BlindIndex;
  readonly vault: Vault;
}

/** What a gateway said about one payment. */
export interface Word {
  readonly names: readonly string[];
  readonly captures: readonly Capture[];
  readonly refunds: readonly RefundEvidence[];
  readonly order?: string;
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

/** The payments that an order is known to have, in the order in which they became known. */
export async function paymentsOfOrder(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
): Promise<PaymentId[]> {
  const item = await needs.table.get({ table: 'state', pk: orderItem(merchant, orderMac) });
  return String(item?.payments ?? '')
    .split(' ')
    .flatMap((text) => parsePaymentId(text) ?? []);
}

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

/**
 * Records what the gateway said: the payment if it is new, captures not counted yet, refunds that are not ours. Any order, any
 * repetition: each of the gateway's ids is counted once (`theirs#`). Throws `Unavailable` when others kept being first.
 */
export async function learnPayment(
  needs: PaymentNeeds,
  connection: Connection,
  word: Word,
  author: Author,
): Promise<PaymentId> {
  const id = await insist(needs, async () => {
    const known = await knownAs(needs, connection, word.names);
    return known === undefined
      ? firstWord(needs, connection, word, author)
      : furtherWord(needs, connection, known, word, author);
  });
  if (id === undefined) throw new Unavailable('table');
  return id;
}

async function knownAs(
  needs: PaymentNeeds,
  connection: Connection,
  names: readonly string[],
): Promise<PaymentId | undefined> {
  for (const name of names) {
    const known = await paymentNamed(needs, { merchant: connection.merchant, connection: connection.name }, name);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** A payment nobody knew: one transaction, so that a refund made elsewhere is never missing from its first balance. */
async function firstWord(
  needs: PaymentNeeds,
  connection: Connection,
  word: Word,
  author: Author,
): Promise<PaymentId | undefined> {
  const { merchant, name } = connection;
  const id = paymentId(needs.ids.random());
  const stream = paymentStream(merchant, id);
  const currency = word.captures[0]?.currency;
  const reference = word.names[0];
  if (currency === undefined || reference === undefined)
    throw new Error('a payment is learned from a capture and a name');
  const sealed = await needs.vault.seal(merchant, stream, {
    reference,
    ...(word.order === undefined ? {} : { order: word.order }),
  });
  const learned: PaymentEvent = { type: 'payment.learned', v: 1, connection: name, currency, sealed };
  const captured = await Promise.all(word.captures.map((capture) => capturedEvent(needs, connection, capture, 0n)));
  // Also those under a key of ours: a leg names a payment that is known, so no leg of this journal stands behind them.
  const foreign = word.refunds.filter((refund) => refund.state !== 'failed');
  const adopted = await Promise.all(foreign.map((refund) => adoptedEvent(needs, connection, refund)));
  const events = [learned, ...captured, ...adopted];
  const order = word.order === undefined ? undefined : await blindOrder(needs.blind, merchant, word.order);
  const balance = events.reduce(learn, empty);
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: beginning,
    at,
    ...author,
    events,
    head: {
      set: {
        connection: name,
        currency,
        sealed,
        captured: balance.capturedMinor,
        available: balance.availableMinor,
        refunded: balance.refundedMinor,
        chargedBack: 0n,
        disputed: false,
        ...(order !== undefined && { order }),
      },
    },
    also: [
      ...(await Promise.all(word.names.map((text) => aliasWrite(needs, connection, text, id)))),
      ...captured.map((event) => countOnce(connection, event.theirs, { owner: 'capture', counted: event.amountMinor })),
      ...adopted.map((event) => countOnce(connection, event.theirs, { owner: 'adopted', counted: event.amountMinor })),
      ...(order === undefined ? [] : [await orderWrite(needs, merchant, order, [id])]),
    ],
  });
  if (appended.is !== 'appended') return undefined;
  needs.log.note('payment-learned', { merchant, connection: name, stream, correlation: author.correlation });
  return id;
}

/** More about a payment that is known: captures that grew or are new. Refunds go through `adopt`. */
async function furtherWord(
  needs: PaymentNeeds,
  connection: Connection,
  id: PaymentId,
  word: Word,
  author: Author,
): Promise<PaymentId | undefined> {
  const { merchant } = connection;
  const stored = await getPayment(needs, merchant, id);
  if (stored === undefined) return undefined;
  const events: PaymentEvent[] = [];
  const also: Also[] = [];
  for (const capture of word.captures) {
    if (capture.currency !== stored.currency) continue;
    const theirs = await needs.blind(merchant, connection.name, capture.theirs);
    const counted = await countedSoFar(needs, connection, theirs);
    if (capture.amountMinor <= counted) continue;
    const event = await capturedEvent(needs, connection, capture, counted);
    events.push(event);
    also.push(
      counted === 0n
        ? countOnce(connection, theirs, { owner: 'capture', counted: capture.amountMinor })
        : recount(connection, theirs, counted, capture.amountMinor),
    );
  }
  if (events.length === 0) return id;
  const appended = await appendToPayment(needs, { merchant, id, stored }, author, events, also);
  return appended === 'appended' ? id : undefined;
}

export type PaymentAppended = 'appended' | 'again' | 'in-flight';

/** Facts on a known payment, with the balance they change. The version is the condition, never the balance. */
export async function appendToPayment(
  needs: PaymentNeeds,
  of: { readonly merchant: MerchantId; readonly id: PaymentId; readonly stored: StoredPayment },
  author: Author,
  events: readonly PaymentEvent[],
  also: readonly Also[],
  only: HeadChange['only'] = [],
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
      add: { captured: change.capturedMinor, available: change.availableMinor, refunded: change.refundedMinor },
      only: only ?? [],
    },
    also,
  });
  if (appended.is === 'appended') return 'appended';
  return appended.is === 'blocked' && appended.by === 'head' ? 'in-flight' : 'again';
}

async function capturedEvent(needs: PaymentNeeds, connection: Connection, capture: Capture, counted: bigint) {
  const theirs = await needs.blind(connection.merchant, connection.name, capture.theirs);
  return {
    type: 'payment.captured',
    v: 1,
    theirs,
    amountMinor: capture.amountMinor - counted,
    at: capture.at,
  } as const;
}

export async function adoptedEvent(needs: PaymentNeeds, connection: Connection, refund: RefundEvidence) {
  const theirs = await needs.blind(connection.merchant, connection.name, refund.theirs);
  return { type: 'payment.refund-adopted', v: 1, theirs, amountMinor: refund.amountMinor } as const;
}

async function countedSoFar(needs: PaymentNeeds, connection: Connection, theirs: string): Promise<bigint> {
  const item = await needs.table.get({ table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) });
  return typeof item?.counted === 'bigint' ? item.counted : 0n;
}

export const countOnce = (connection: Connection, theirs: string, set: { owner: string; counted: bigint }): Also => ({
  name: 'theirs',
  write: {
    put: set,
    key: { table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) },
    only: [{ is: 'absent' }],
  },
});

const recount = (connection: Connection, theirs: string, from: bigint, to: bigint): Also => ({
  name: 'theirs',
  write: {
    update: { table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) },
    set: { counted: to },
    only: [{ attribute: 'counted', is: 'equal', value: from }],
  },
});

async function aliasWrite(
  needs: PaymentNeeds,
  connection: Connection,
  text: string,
  payment: PaymentId,
): Promise<Also> {
  const mac = await needs.blind(connection.merchant, connection.name, text);
  const key = { table: 'state', pk: aliasItem(connection.merchant, connection.name, mac) } as const;
  return { name: 'alias', write: { put: { payment }, key, only: [{ is: 'absent' }] } };
}

/**
 * Binds payments to an order: by the gateway's word when they become known, or by the first refund that is approved on them. The
 * version guards against two payments of one order being bound at once.
 */
async function orderWrite(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
  more: readonly PaymentId[],
): Promise<Also> {
  const pk = orderItem(merchant, orderMac);
  const item = await needs.table.get({ table: 'state', pk });
  const version = typeof item?.version === 'bigint' ? item.version : 0n;
  const payments = [...new Set([...(await paymentsOfOrder(needs, merchant, orderMac)), ...more])].join(' ');
  return {
    name: 'order',
    write: {
      update: { table: 'state', pk },
      set: { payments, version: version + 1n },
      only:
        version === 0n
          ? [{ attribute: 'version', is: 'unset' }]
          : [{ attribute: 'version', is: 'equal', value: version }],
    },
  };
}

/** What else an approval writes that binds its payments: those that no order had until now are found by this one from here on. */
export async function bindings(
  needs: Pick<PaymentNeeds, 'table'>,
  merchant: MerchantId,
  orderMac: string,
  events: readonly RefundEvent[],
): Promise<Also[]> {
  const named = new Set(
    events.flatMap((event) => (event.type === 'refund.approved' ? event.legs.map((leg) => leg.payment) : [])),
  );
  const stored = await Promise.all(
    [...named].map(async (id) => ({ id, payment: await getPayment(needs, merchant, id) })),
  );
  const unbound = stored
    .filter(({ payment }) => payment !== undefined && payment.order === undefined)
    .map(({ id }) => id);
  return unbound.length === 0 ? [] : [await orderWrite(needs, merchant, orderMac, unbound)];
}
