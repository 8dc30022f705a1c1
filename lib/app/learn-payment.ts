import { empty, learn, type PaymentEvent } from '../domain/balance.ts';
import { type PaymentId, paymentId } from '../domain/ids.ts';
import type { Capture, Dispute, RefundEvidence } from '../domain/notice.ts';
import { aliasItem, paymentStream, theirsItem } from '../domain/streams.ts';
import { adopt, reverseAdoption } from './adopt.ts';
import { balanceItem } from './balances.ts';
import { blindOrder } from './blind.ts';
import { markRefunded } from './disputed-legs.ts';
import { firstDisputes, learnDispute } from './disputes.ts';
import { type Also, append, beginning } from './journal.ts';
import {
  adoptedEvent,
  appendToPayment,
  countOnce,
  forgottenWrites,
  getPayment,
  isOurs,
  orderWrite,
  type PaymentNeeds,
  paymentNamed,
} from './payments.ts';
import type { Connection } from './ports/connections.ts';
import { Unavailable } from './ports/unavailable.ts';
import type { Author } from './refunds.ts';
import { insist } from './retry.ts';

/** What a gateway said about one payment. */
export interface Word {
  readonly names: readonly string[];
  readonly captures: readonly Capture[];
  readonly refunds: readonly RefundEvidence[];
  readonly disputes?: readonly Dispute[];
  readonly order?: string;
}

/** A payment's first entry counts every refund there is, in one transaction of at most a hundred items. */
export const countable = (word: Pick<Word, 'refunds'>): boolean => word.refunds.length <= 60;

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
  const learned = await insist(needs, async () => {
    const known = await knownAs(needs, connection, word.names);
    const first = known === undefined;
    const id = first
      ? await firstWord(needs, connection, word, author)
      : await furtherWord(needs, connection, known, word, author);
    return id && { id, first };
  });
  if (learned === undefined) throw new Unavailable('table');
  const target = { connection, payment: learned.id, author };
  const { disputes = [] } = word;
  for (const dispute of learned.first ? [] : disputes)
    if ((await learnDispute(needs, target, dispute)) === 'busy') throw new Unavailable('table');
  if (disputes.length > 0 && (await markRefunded(needs, target, word.refunds)) === 'busy')
    throw new Unavailable('table');
  const foreign = learned.first ? [] : word.refunds.filter((refund) => !isOurs(needs, refund));
  for (const refund of foreign) await adopt(needs, target, refund);
  // One of ours that a restored journal took in as somebody else's (F117): no leg asks for it, and news of its failure may never come.
  for (const refund of word.refunds)
    if (refund.state === 'failed' && isOurs(needs, refund))
      await reverseAdoption(needs, target, refund.theirs, 'returned');
  return learned.id;
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
  const foreign = word.refunds.filter((refund) => refund.state !== 'failed' && refund.currency === currency);
  const adopted = await Promise.all(foreign.map((refund) => adoptedEvent(needs, connection, refund)));
  const known = [learned, ...captured, ...adopted];
  const frozen = await firstDisputes(needs, connection, word.disputes ?? [], {
    balance: known.reduce(learn, empty),
    currency,
  });
  const events = [...known, ...frozen.events];
  const order = word.order === undefined ? undefined : await blindOrder(needs.blind, merchant, word.order);
  const balance = events.reduce(learn, empty);
  const appended = await append(needs, {
    stream,
    after: beginning,
    at: needs.clock.now(),
    ...author,
    events,
    head: {
      set: {
        connection: name,
        currency,
        sealed,
        ...balanceItem(balance),
        ...(order !== undefined && { order }),
      },
    },
    also: [
      ...(await Promise.all(word.names.map((text) => aliasWrite(needs, connection, text, id)))),
      ...captured.map((event) => countOnce(connection, event.theirs, { owner: 'capture', counted: event.amountMinor })),
      ...adopted.map((event) => countOnce(connection, event.theirs, { owner: 'adopted', counted: event.amountMinor })),
      ...forgottenWrites(needs, merchant, id, foreign),
      ...frozen.also,
      ...(order === undefined ? [] : [await orderWrite(needs, merchant, order, [id])]),
    ],
  });
  if (appended.is !== 'appended') return undefined;
  if (balance.disputes > 0)
    needs.log.alarm('dispute-opened', { merchant, connection: name, stream, correlation: author.correlation });
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

async function countedSoFar(needs: PaymentNeeds, connection: Connection, theirs: string): Promise<bigint> {
  const item = await needs.table.get({ table: 'state', pk: theirsItem(connection.merchant, connection.name, theirs) });
  return typeof item?.counted === 'bigint' ? item.counted : 0n;
}

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
