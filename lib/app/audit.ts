import { type Balance, empty, learn, type PaymentEvent } from '../domain/balance.ts';
import { type Break, type Hash, type HeadClaim, readEntry, type Sealed, verify } from '../domain/chain.ts';
import { type Event, readable } from '../domain/events.ts';
import { takenMinor } from '../domain/payment.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { succeededMinor } from '../domain/refund/money-back.ts';
import { evolve, none, type Refund } from '../domain/refund/state.ts';
import { kindOf, merchantOf } from '../domain/streams.ts';
import { embedded, type Tempo } from '../domain/tempo.ts';
import { type WrongHead, wrongHeads } from './audit-heads.ts';
import { wrongOrigins } from './audit-origins.ts';
import { type Sound, soundIn } from './audit-sound.ts';
import { type WrongSwitch, wrongSwitches } from './audit-switches.ts';
import type { Books } from './ports/books.ts';
import type { Item } from './ports/table.ts';

export interface AuditReport {
  readonly streams: number;
  readonly entries: number;
  /** Chains that do not hold. */
  readonly breaks: readonly Break[];
  /** Payments whose stored balance is not the one their facts add up to. */
  readonly balances: readonly WrongBalance[];
  /** Kill switches that do not stand where their facts say. */
  readonly switches: readonly WrongSwitch[];
  /** Heads that show another state than their facts, or that nobody would come back to. */
  readonly heads: readonly WrongHead[];
  /** What this check can't show, in words. */
  readonly unproven: readonly string[];
}

export interface WrongBalance {
  readonly payment: string;
  readonly field: 'captured' | 'available' | 'refunded' | 'chargedBack' | 'disputes';
  readonly stored: bigint;
  readonly computed: bigint;
}

export const unproven: readonly string[] = [
  'that no stream was removed, or made up, as a whole together with its head: nothing outside this store knows how many there were',
  'that a stream was not written anew from any entry on, or cut off, together with its head and the balance: digests have no key, and nothing outside this store knows the last one',
  'that the whole store was not replaced by an older copy of itself: signed checkpoints kept elsewhere do not exist yet',
  'that the heads of returns, which say how much of a return is promised, and the indexes follow from the facts: they are not compared yet',
  'that the names under which payments, orders and refunds of the gateway are found lead where the facts say, and that what was counted for each is there: they are not compared yet',
  'that what a notice came to by its own word, that it was nothing new say, is right: that follows from other streams, and is not compared yet',
  'that a success of more than some hours ago is looked for again: for how long it is depends on the deployment, which this check does not know',
  'what else stands on a head: how late it is due, at which accounts, what lists show of it, which order a payment is bound to and its encrypted names',
  'what an encrypted reference says: this check reads the journal without the right to decrypt',
];

/** Beside the rest, where a chain is broken: what follows from entries of which one is not to be trusted is not worked out. */
const uncompared =
  'what follows from a stream whose chain is broken; where that is of a refund, also the balances and places of all payments of its merchant, and which of its notices were dealt with';

/** Whether everything that was compared holds. */
export const holds = ({ breaks, balances, switches, heads }: Omit<AuditReport, 'unproven'>): boolean =>
  breaks.length + balances.length + switches.length + heads.length === 0;

/**
 * Proves every chain, and that balances, switches and heads follow from facts. Reads only; needs no secret. Pure. Whoever does not know the
 * tempo of the books takes the shortest there is: what must be due by it must be due by any.
 */
export function audit(books: Books, hash: Hash, tempo: Tempo = embedded): AuditReport {
  const names = new Set([
    ...books.streams.keys(),
    ...[...books.state.keys()].filter((key) => kindOf(key) !== undefined),
  ]);
  const chains = [...names].flatMap((name) => breakOf(books, name, hash) ?? []);
  const { refunds, payments, impossible } = replayed(soundIn(books, chains).books);
  const breaks = [...chains, ...impossible];
  const sound = soundIn(books, breaks);
  return {
    streams: names.size,
    entries: [...books.streams.values()].reduce((all, stream) => all + stream.length, 0),
    unproven: breaks.length > 0 ? [uncompared, ...unproven] : unproven,
    breaks,
    balances: balancesOf(sound, payments, refunds),
    switches: wrongSwitches(sound.books),
    heads: [...wrongHeads(sound, refunds, tempo), ...wrongOrigins(books, refunds, hash)],
  };
}

function breakOf(books: Books, name: string, hash: Hash): Break | undefined {
  const item = books.state.get(name);
  const stored = books.streams.get(name) ?? [];
  const broken = verify(name, stored, item && claimOf(item), hash);
  if (broken !== undefined) return broken;
  // Of a later version of this code, or of nobody's: either way nothing is proved by reading on.
  const strange = stored.find((one) => eventsOf([one]).some((event) => !isKnown(event)));
  return strange && { stream: name, number: strange.number, why: 'unreadable' };
}

/** Whatever a hand put on the list of an entry. */
const isKnown = (event: Event | null): boolean => typeof event === 'object' && event !== null && readable(event);

/** A version that is no number lets nobody append: it equals none. */
const claimOf = ({ version, digest }: Item): HeadClaim => ({
  version: typeof version === 'bigint' ? Number(version) : Number.NaN,
  digest: String(digest ?? ''),
});

interface Replayed {
  /** Each refund as its facts leave it: balances and heads are both compared with that. */
  readonly refunds: ReadonlyMap<string, Refund>;
  readonly payments: ReadonlyMap<string, Balance>;
  /** What nobody could have decided, chained as if somebody had. */
  readonly impossible: readonly Break[];
}

function replayed({ streams }: Books): Replayed {
  const [refunds, payments] = [new Map<string, Refund>(), new Map<string, Balance>()];
  const impossible: Break[] = [];
  for (const [stream, stored] of streams) {
    const kind = kindOf(stream);
    let last = 0;
    try {
      for (const one of stored) {
        last = one.number;
        if (kind === 'payment')
          payments.set(stream, eventsOf<PaymentEvent>([one]).reduce(learn, payments.get(stream) ?? empty));
        if (kind === 'refund') refunds.set(stream, after(refunds.get(stream) ?? none, one));
      }
    } catch {
      impossible.push({ stream, number: last, why: 'impossible' });
      refunds.delete(stream);
      payments.delete(stream);
    }
  }
  return { refunds, payments, impossible };
}

/** Throws where the events of the entry can't follow, or promise what is no amount. */
function after(before: Refund, stored: Sealed): Refund {
  const { at, events } = readEntry<RefundEvent>(stored);
  const refund = events.reduce<Refund>((state, event) => evolve(state, event, at), before);
  if (refund.is === 'approved' && refund.legs.some((leg) => typeof leg.amountMinor !== 'bigint'))
    throw new TypeError('a leg without an amount');
  if (events.flatMap(surplusOf).some(({ amountMinor }) => typeof amountMinor !== 'bigint'))
    throw new TypeError('a second refund without an amount');
  return refund;
}

/** From the facts alone: what was captured, promised, refunded; compared with the numbers that guard the next refund. */
function balancesOf(
  { books, shaken }: Sound,
  payments: ReadonlyMap<string, Balance>,
  refunds: ReadonlyMap<string, Refund>,
): WrongBalance[] {
  const computed = new Map(payments);
  for (const [name, refund] of refunds)
    for (const part of partsOfRefund(name, refund, books.streams.get(name) ?? [])) subtract(computed, part);
  return [...computed].flatMap(([payment, balance]) =>
    shaken(payment) ? [] : differences(payment, balance, books.state.get(payment)),
  );
}

interface Part {
  readonly payment: string;
  readonly promisedMinor: bigint;
  readonly refundedMinor: bigint;
}

function partsOfRefund(name: string, refund: Refund, stored: readonly Sealed[]): Part[] {
  if (refund.is !== 'approved') return [];
  const merchant = merchantOf(name);
  const surplus = eventsOf<RefundEvent>(stored).flatMap(surplusOf);
  return refund.legs.flatMap((leg) => {
    const payment = `${merchant}#payment#${leg.payment}`;
    const own = { payment, promisedMinor: takenMinor(leg), refundedMinor: succeededMinor(leg) };
    const more = surplus
      .filter((event) => event.leg === leg.leg)
      .map(({ amountMinor }) => ({ payment, promisedMinor: amountMinor, refundedMinor: amountMinor }));
    return [own, ...more];
  });
}

/** What a refund nobody wanted takes, and gives back when it fails. */
function surplusOf(event: RefundEvent): { leg: number; amountMinor: bigint }[] {
  if (event.type === 'leg.surplus') return [{ leg: event.leg, amountMinor: event.amountMinor }];
  return event.type === 'leg.surplus-failed' ? [{ leg: event.leg, amountMinor: -event.amountMinor }] : [];
}

function subtract(computed: Map<string, Balance>, { payment, promisedMinor, refundedMinor }: Part): void {
  const before = computed.get(payment) ?? empty;
  computed.set(payment, {
    ...before,
    availableMinor: before.availableMinor - promisedMinor,
    refundedMinor: before.refundedMinor + refundedMinor,
  });
}

function differences(payment: string, balance: Balance, item: Item | undefined): WrongBalance[] {
  const fields = {
    captured: balance.capturedMinor,
    available: balance.availableMinor,
    refunded: balance.refundedMinor,
    chargedBack: balance.chargedBackMinor,
    disputes: BigInt(balance.disputes),
  };
  return (Object.keys(fields) as (keyof typeof fields)[]).flatMap((field) => {
    const stored = typeof item?.[field] === 'bigint' ? item[field] : 0n;
    return stored === fields[field] ? [] : [{ payment, field, stored, computed: fields[field] }];
  });
}

const eventsOf = <E extends Event>(stored: readonly Sealed[]): E[] =>
  stored.flatMap((one) => [...readEntry<E>(one).events]);
