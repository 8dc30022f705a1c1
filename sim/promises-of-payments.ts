import { type Book, type Books, type LegBook, takenBy } from './books.ts';
import { amountOf } from './forgotten.ts';
import { capturedMinor } from './life.ts';
import type { Promised } from './promises.ts';
import type { Fact, Seen, SeenEntry } from './seen.ts';

/** What holds of each payment, and of each return that is to be paid from it. */

/** The legs that an entry gives the right to send for, with the payments they are on, as the books are before it. */
function* sendingFor({ books }: Seen, { stream, events }: SeenEntry): Generator<{ leg: LegBook; book: Book }> {
  const refund = stream.split('#').at(-1) ?? '';
  for (const { type, leg: number } of events) {
    const leg = type === 'leg.sending' ? books.legsOf.get(refund)?.find((one) => one.leg === number) : undefined;
    const book = leg && books.payments.get(leg.payment);
    if (leg !== undefined && book !== undefined) yield { leg, book };
  }
}

const oneAtATime: Promised = {
  name: 'one-at-a-time',
  says: 'The right to send is given for a leg only while no other leg of its payment has a request under way or unanswered.',
  written: (seen, entry) => {
    for (const { leg } of sendingFor(seen, entry)) {
      const other = seen.books.legs.find((one) => one.payment === leg.payment && one !== leg && one.asking);
      if (other !== undefined)
        return `${entry.stream} sends while ${other.refund}/${other.leg} has no answer on ${leg.payment}`;
    }
    return undefined;
  },
};

const frozenWhileDisputed: Promised = {
  name: 'frozen-while-disputed',
  says: 'The right to send is given for a leg only while no dispute is open on its payment, and no more is promised than is there.',
  written: (seen, entry) => {
    for (const { leg, book } of sendingFor(seen, entry)) {
      if (book.disputes > 0n) return `${entry.stream} sends while ${leg.payment} is disputed`;
      const left = leftOf(seen.books, leg.payment, book);
      if (left < 0n) return `${entry.stream} sends while ${leg.payment} is overdrawn by ${-left}`;
    }
    return undefined;
  },
};

function leftOf({ legs }: Books, payment: string, book: Book): bigint {
  const promised = legs.filter((leg) => leg.payment === payment).reduce((all, leg) => all + takenBy(leg), 0n);
  return book.captured - book.others - book.surplus - book.chargedBack - promised;
}

const bankAgrees: Promised = {
  name: 'bank-agrees',
  says: 'What was captured counts once, and a dispute that has ended freezes nothing, if news of it came.',
  atEnd: ({ books, forgotten, truth }, { struck }) => {
    // Of what was told in a time that is forgotten, nobody tells again.
    const lost = forgotten.deployment > 0 || struck.some((name) => name.startsWith('webhook-lost'));
    const wrong = truth && miscounted([...books.payments.values()], [...truth.captured.values()], lost);
    if (wrong !== undefined) return wrong;
    for (const [payment, book] of books.payments) {
      if (truth === undefined && book.captured !== BigInt(capturedMinor))
        return `${payment} has ${book.captured} captured, in truth ${capturedMinor}`;
      if (book.disputes < 0n || (book.disputes > 0n && !lost)) return `${payment} has ${book.disputes} open disputes`;
    }
    return undefined;
  },
};

/**
 * Names of payments here and at the gateway have nothing in common: each sum must be one of those there are, and be there as often. Where news
 * was lost it may be less, since nobody asks about what he was not told.
 */
function miscounted(books: readonly Book[], truth: readonly number[], lost: boolean): string | undefined {
  const left = truth.map(BigInt).sort(descending);
  for (const { captured } of books.toSorted((a, b) => descending(a.captured, b.captured))) {
    const at = lost ? left.findLastIndex((one) => one >= captured) : left.indexOf(captured);
    if (at < 0) return `${captured} is captured, in truth ${truth.join(', ')}`;
    left.splice(at, 1);
  }
  return undefined;
}

const descending = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);

/** What the shop said of one return, from the texts of its notices. */
interface Stated {
  readonly amounts: Set<bigint>;
  takenBack: boolean;
}

const whole = (amount: unknown): bigint => BigInt(String(amount));

function statedIn({ streams }: Seen): Map<string, Stated> {
  const all = new Map<string, Stated>();
  for (const entries of streams.values()) {
    const facts = entries.flatMap(({ events }) => events);
    const aside = facts.some(({ type, outcome }) => type === 'notice.settled' && outcome === 'quarantined');
    for (const { type, content } of aside ? [] : facts) {
      const said = content as Fact | undefined;
      if (type !== 'notice.recorded' || said?.about !== 'return') continue;
      const snapshot = said.snapshot as Fact;
      const one = all.get(String(snapshot.return)) ?? { amounts: new Set(), takenBack: false };
      if (said.trigger === 'cancelled') one.takenBack = true;
      else one.amounts.add(amountOf(snapshot));
      all.set(String(snapshot.return), one);
    }
  }
  return all;
}

function promisedIn({ streams }: Seen): Map<string, bigint> {
  const all = new Map<string, bigint>();
  for (const entries of streams.values()) {
    const facts = entries.flatMap(({ events }) => events);
    const requested = facts.find(({ type }) => type === 'refund.requested');
    if (requested === undefined || facts.some(({ type }) => type === 'refund.cancelled')) continue;
    const { id } = requested.return as Fact;
    const { amountMinor } = requested.quote as Fact;
    all.set(String(id), (all.get(String(id)) ?? 0n) + whole(amountMinor));
  }
  return all;
}

const statedIsPromised: Promised = {
  name: 'stated-is-promised',
  says: 'What a return states is promised once: no less unless it was taken back, and no more however often it is stated.',
  atEnd: (seen) => {
    const promised = promisedIn(seen);
    for (const [name, { amounts, takenBack }] of statedIn(seen)) {
      // What a return owes whose statements differ is more than one sum (F55).
      const [stated] = amounts;
      if (stated === undefined || amounts.size > 1) continue;
      const sum = promised.get(name) ?? 0n;
      if (sum > stated || (sum < stated && !takenBack)) return `${name} states ${stated}, ${sum} was promised`;
    }
    return undefined;
  },
};

export const ofPayments: readonly Promised[] = [oneAtATime, frozenWhileDisputed, bankAgrees, statedIsPromised];
