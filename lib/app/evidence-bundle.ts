import type { Balance, PaymentEvent } from '../domain/balance.ts';
import { readEntry } from '../domain/chain.ts';
import type { Event } from '../domain/events.ts';
import { type ConnectionName, type MerchantId, type PaymentId, parsePaymentId, type RefundId } from '../domain/ids.ts';
import { controlStream, paymentStream, refundStream } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import type { Switched } from './control.ts';
import { storedEntry } from './journal.ts';
import { getPayment } from './payments.ts';
import type { Item, Table } from './ports/table.ts';
import { loadRefund } from './refunds.ts';
import { type ShownRefund, showRefund } from './show.ts';

/**
 * Everything that is known of one refund, to compare with the gateway's own books or to hand on (F103): no name of a payment at its
 * gateway, in clear or encrypted, and no secret is in it. Read strongly, part after part: what happens meanwhile may be in one and not
 * in another, and each part has a digest that says how far it goes.
 */
export interface EvidenceBundle {
  readonly refund: ShownRefund & { readonly version: number };
  readonly legs: readonly BundledLeg[];
  /** `body` is the exact text of which `digest` is the SHA-256. */
  readonly entries: readonly { readonly number: number; readonly digest: string; readonly body: string }[];
  readonly payments: readonly BundledPayment[];
  /** When sending was stopped and resumed, for the merchant and for the accounts of these legs. */
  readonly switches: readonly BundledEntry<Switched>[];
}

interface BundledLeg {
  readonly leg: number;
  readonly connection: ConnectionName;
  readonly payment: PaymentId;
  readonly amountMinor: bigint;
  readonly state: string;
  /** Under which we asked, the first one first. They are in the gateway's metadata too. */
  readonly keys: readonly string[];
  /** The gateway's refunds of this leg, by its own ids, and what it last said of each. */
  readonly gatewayRefunds: Readonly<Record<string, string>>;
}

interface BundledEntry<E> {
  readonly number: number;
  readonly at: number;
  readonly actor: string;
  readonly cause: string;
  readonly previous: string;
  /** Of the entry as it is stored, encrypted names included. */
  readonly digest: string;
  readonly events: readonly E[];
}

interface BundledPayment {
  readonly payment: PaymentId;
  readonly connection: ConnectionName;
  readonly currency: string;
  readonly balance: Balance;
  readonly entries: readonly BundledEntry<Bare>[];
}

type Bare = Omit<PaymentEvent, 'sealed'>;

/** Undefined where the merchant has no such refund. */
export async function evidenceBundle(
  needs: { readonly table: Table; readonly tempo: Tempo },
  merchant: MerchantId,
  id: RefundId,
): Promise<EvidenceBundle | undefined> {
  const shown = await showRefund(needs, merchant, id);
  if (shown === undefined) return undefined;
  const { legs: _, ...refund } = shown;
  const loaded = await loadRefund(needs, merchant, id);
  const legs = loaded.refund.is === 'approved' ? loaded.refund.legs : [];
  const connections = new Set(legs.map((leg) => leg.connection));
  const payments = new Set(legs.flatMap((leg) => parsePaymentId(leg.payment) ?? []));
  const bundled = await Promise.all([...payments].map((payment) => bundlePayment(needs, merchant, payment)));
  const control = await entriesOf<Switched>(needs, controlStream(merchant));
  return {
    refund,
    legs: legs.map((leg) => ({
      leg: leg.leg,
      connection: leg.connection,
      payment: leg.payment,
      amountMinor: leg.amountMinor,
      state: leg.now.is,
      keys: leg.keys,
      gatewayRefunds: leg.evidence,
    })),
    entries: (await needs.table.entries(refundStream(merchant, id))).map(asStored),
    payments: bundled.flatMap((one) => one ?? []),
    switches: control.filter(({ events }) =>
      events.some((event) => !('connection' in event) || connections.has(event.connection)),
    ),
  };
}

/** Under the number that it is stored at: where one was taken away, there is a gap to be seen. */
const asStored = (item: Item) => storedEntry(item, Number(item.sk));

async function bundlePayment(
  needs: { readonly table: Table },
  merchant: MerchantId,
  payment: PaymentId,
): Promise<BundledPayment | undefined> {
  const stored = await getPayment(needs, merchant, payment);
  if (stored === undefined) return undefined;
  const entries = await entriesOf<PaymentEvent>(needs, paymentStream(merchant, payment));
  const { connection, currency, balance } = stored;
  return { payment, connection, currency, balance, entries: entries.map(bare) };
}

const bare = (entry: BundledEntry<PaymentEvent>): BundledEntry<Bare> => ({
  ...entry,
  events: entry.events.map((event) => {
    if (event.type !== 'payment.learned') return event;
    const { sealed: _, ...rest } = event;
    return rest;
  }),
});

async function entriesOf<E extends Event>(
  needs: { readonly table: Table },
  stream: string,
): Promise<BundledEntry<E>[]> {
  const items = await needs.table.entries(stream);
  return items.map((item) => {
    const stored = asStored(item);
    const { number, at, actor, cause, previous, events } = readEntry<E>(stored);
    return { number, at, actor, cause, previous, digest: stored.digest, events };
  });
}
