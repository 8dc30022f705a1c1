import { anyHeldInDoubt, givenBy, type LegBook, takenBy } from './books.ts';
import type { Promised } from './promises.ts';
import { unclaimed } from './promises-of-restores.ts';
import { truthAgrees } from './promises-of-truth.ts';
import type { ReadRefund } from './reader.ts';
import { legNameOf, live, type SeenEntry } from './seen.ts';

/** What holds once the faults are over and time has passed: nothing is lost, and the books are right. */

const done = new Set(['denied', 'refunded', 'partly-refunded', 'failed', 'cancelled']);

const headsFollow: Promised = {
  name: 'heads-follow',
  says: 'The head of each stream names its last entry.',
  atEnd: ({ streams }, { state }) => {
    for (const [stream, entries] of streams) {
      const head = state.get(stream);
      if (head?.version !== BigInt(entries.length) || head.digest !== entries.at(-1)?.digest)
        return `${stream} has another head`;
    }
    return undefined;
  },
};

const nothingForgotten: Promised = {
  name: 'nothing-forgotten',
  says: 'Every notice is dealt with and every refund is final or in front of a person who is reminded.',
  atEnd: ({ streams, books }, { state }) => {
    // Whose refund the news is of is known once a person has decided about a leg that may have made it: until then it comes again.
    const heldInDoubt = anyHeldInDoubt(books);
    for (const stream of streams.keys()) {
      const kind = stream.split('#')[1];
      const head = state.get(stream);
      if (kind === 'notice' && heldInDoubt && head?.dueAt !== undefined) continue;
      if (kind === 'notice' && head?.status !== 'done') return `${stream} is ${head?.status}`;
      if (kind !== 'refund') continue;
      const status = String(head?.status);
      if (!done.has(status) && status !== 'held') return `${stream} is ${status}`;
      if (status === 'held' && head?.dueAt === undefined) return `${stream} is held and nobody is reminded`;
    }
    return undefined;
  },
};

const acceptedIsKept: Promised = {
  name: 'accepted-is-kept',
  says: 'What a shop was told is recorded is recorded, and leads to a refund or to a reason why not.',
  atEnd: ({ streams }, { life }) => {
    for (const { name, deliveryId } of life.accepted) {
      const notice = [...streams.keys()].find((stream) => stream.endsWith(`#${deliveryId}`));
      if (notice === undefined) return `${deliveryId} of ${name} was accepted and is nowhere`;
      const settled = streams
        .get(notice)
        ?.flatMap(({ events }) => events)
        .some(({ type }) => type === 'notice.settled');
      const refunded = [...streams.values()].some((entries) =>
        entries[0]?.events.some((fact) => fact.type === 'refund.requested' && fact.notice === notice),
      );
      if (!settled && !refunded) return `${deliveryId} of ${name} led to nothing`;
    }
    return undefined;
  },
};

const booksAgree: Promised = {
  name: 'books-agree',
  says: 'The balance of each payment is what its journal adds up to.',
  atEnd: ({ books }, { state }) => {
    for (const [payment, book] of books.payments) {
      const item = [...state.values()].find(({ pk }) => String(pk).endsWith(`#payment#${payment}`));
      const legs = books.legs.filter((leg) => leg.payment === payment);
      const sum = (of: (leg: LegBook) => bigint) => legs.reduce((all, leg) => all + of(leg), 0n);
      const expected = {
        captured: book.captured,
        available: book.captured - book.others - book.surplus - book.chargedBack - sum(takenBy),
        refunded: book.others + book.surplus + sum(givenBy),
        chargedBack: book.chargedBack,
        disputes: book.disputes,
      };
      for (const [name, value] of Object.entries(expected)) {
        if ((item?.[name] ?? 0n) !== value)
          return `${payment}: ${name} is ${String(item?.[name])}, its journal says ${value}`;
      }
    }
    return undefined;
  },
};

const strangersCounted: Promised = {
  name: 'strangers-counted',
  says: 'A refund that somebody else made counts against its payment, if only one piece of news of it came.',
  atEnd: (seen, { struck }) => {
    const { books, refunds, knobs } = seen;
    const { row } = knobs;
    // Where refunds do not say whose they are, or how much they are, one of ours may be counted among them.
    if (row !== undefined && (row.echoKey !== 'right' || row.echoAmount !== 'right')) return undefined;
    if (anyHeldInDoubt(books) || struck.some((name) => name.startsWith('webhook-lost'))) return undefined;
    const isStrange = ({ id, key }: (typeof refunds)[number]): boolean =>
      legNameOf(key) === undefined || seen.truth?.unasked.get(id) === 'elsewhere';
    const strange = live(refunds).filter(isStrange);
    // Who was told that one is there, and of its failure nobody was, may count it still.
    const silent = refunds.filter((one) => isStrange(one) && seen.truth?.untold.has(one.id) === true);
    const atMost = silent.reduce((all, { amountMinor }) => all + BigInt(amountMinor), 0n);
    // One of ours that a restored store knows no leg for is as good as somebody else's.
    const theirs = seen.forgotten.deployment === 0 ? strange : [...strange, ...unclaimed(seen)];
    const made = theirs.reduce((all, { amountMinor }) => all + BigInt(amountMinor), 0n);
    const counted = [...books.payments.values()].reduce((all, { others }) => all + others, 0n);
    // Made long before the instant that tables were put back to, told of after it, and forgotten: nobody tells again.
    if (seen.forgotten.deployment > 0 && made > counted) return undefined;
    return made <= counted && counted <= made + atMost ? undefined : `others refunded ${made}, ${counted} is counted`;
  },
};

const shownAsItIs: Promised = {
  name: 'shown-as-it-is',
  says: 'Lists, histories, evidence and the audit show what the journal holds, and no account stays closed.',
  atEnd: ({ streams }, { state, read }) => {
    if (read.found.length > 0) return `the audit says that ${read.found[0]}`;
    if (read.closed.length > 0) return `${read.closed[0]} is closed`;
    const kept = [...streams].filter(([stream]) => stream.includes('#refund#'));
    if (read.listed.length !== kept.length) return `${read.listed.length} of ${kept.length} refunds are listed`;
    for (const [stream, entries] of kept) {
      const shown = read.refunds.get(String(stream.split('#').at(-1)));
      const wrong =
        shown === undefined ? 'is not shown' : shownOtherwise(shown, entries, String(state.get(stream)?.status));
      if (wrong !== undefined) return `${stream} ${wrong}`;
    }
    const aside = [...streams].filter(([, entries]) => isAside(entries)).map(([stream]) => stream);
    const other =
      aside.find((stream) => !read.aside.includes(stream)) ?? read.aside.find((one) => !aside.includes(one));
    return other && `${other} is put aside, or listed as if it were`;
  },
};

function shownOtherwise(shown: ReadRefund, entries: readonly SeenEntry[], status: string): string | undefined {
  const facts = entries.flatMap(({ events }) => events);
  const theirs = new Set(facts.flatMap((fact) => (theirsIn.has(fact.type) ? [String(fact.theirs)] : [])));
  if (shown.status !== status) return `is shown as ${shown.status}`;
  if (shown.history !== entries.length || shown.bundled !== entries.length) return 'is shown without an entry';
  if (shown.attempts !== facts.filter(({ type }) => type === 'leg.sending').length) return 'is shown without a request';
  const same = theirs.size === shown.gatewayRefunds.length && shown.gatewayRefunds.every((id) => theirs.has(id));
  return same ? undefined : 'is shown with other refunds';
}

const theirsIn = new Set(['leg.accepted', 'leg.failed', 'leg.surplus', 'leg.noted', 'leg.surplus-failed', 'leg.lost']);

function isAside(entries: readonly SeenEntry[]): boolean {
  const last = entries.flatMap(({ events }) => events).findLast(({ type }) => asideBy.has(type));
  return last?.outcome === 'quarantined' || (last?.type === 'notice.recorded' && last.kind === 'unknown');
}

const asideBy = new Set(['notice.recorded', 'notice.settled', 'notice.replayed']);

const noForgery: Promised = {
  name: 'no-forgery',
  says: 'Nothing that is not signed by its sender, now, and as it stands, is taken.',
  atEnd: (_, { life }) => life.forged[0],
};

/**
 * Far above what any run needs, and far below what a loop does. Three refunds that wait behind a held one for three days, a look each half
 * minute, are a million events.
 */
const most = { entries: 300, sendings: 100, events: 3_000_000 };

const bounded: Promised = {
  name: 'bounded',
  says: 'No refund is worked on without end.',
  written: ({ streams }, { stream, number, events }) => {
    if (number > most.entries) return `${stream} has ${number} entries`;
    const sendings = events.find(({ type, sending }) => type === 'leg.sending' && Number(sending) > most.sendings);
    return sendings && `${stream} was sent ${String(sendings.sending)} times (of ${streams.size} streams)`;
  },
};

const comesToRest: Promised = {
  name: 'comes-to-rest',
  says: 'Nothing goes on for ever.',
  lived: (events) => (events > most.events ? `after ${most.events} events there is no end` : undefined),
};

const neverThrows: Promised = {
  name: 'never-throws',
  says: 'No code of ours throws what nobody expects.',
  threw: (where, error) => `${where}: ${error instanceof Error ? `${error.name} ${error.stack}` : String(error)}`,
};

export const atEnd: readonly Promised[] = [
  headsFollow,
  nothingForgotten,
  acceptedIsKept,
  truthAgrees,
  booksAgree,
  strangersCounted,
  shownAsItIs,
  noForgery,
  bounded,
];

/** What holds of any program and says nothing about refunds: no saboteur is caught by these alone. */
export const ofAnyCode: readonly Promised[] = [comesToRest, neverThrows];
