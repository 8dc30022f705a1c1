import { setTimeout as wait } from 'node:timers/promises';
import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { type AuditReport, audit } from '../lib/app/audit.ts';
import type { Books } from '../lib/app/ports/books.ts';

const mostLooks = 11;
const pauseMs = 200;

/**
 * The audit of a stack at work. It changes between the reading of its heads and that of its entries, and while either is read, which looks
 * like a break. So entries that are newer than their head as it was read are left out of a look, and whatever looks broken all the same, or
 * was left out, is looked at again: what was right in any later look was a passing state, and all else is reported. What is written after
 * the first look is no part of what is proved, so that a stack that is never still comes to an end, too.
 */
export async function settledAudit(read: () => Promise<Books>): Promise<AuditReport> {
  let look = await lookAt(read);
  let [open, broken] = [suspectsOf(look), breaksIn(look)];
  for (let looks = 1; looks < mostLooks && (broken.size > 0 || open.size > 0); looks += 1) {
    await wait(pauseMs);
    const before = look;
    look = await lookAt(read);
    const [now, breaks] = [look, breaksIn(look)];
    // What follows from a broken chain was not compared: a look that compared less clears nobody, and one that compared more is the first of its kind.
    if (within(breaks, broken) && within(broken, breaks))
      open = new Map([...open].filter(([place, length]) => isOpen(now, place, length)));
    else if (within(breaks, broken)) [open, broken] = [suspectsOf(look), breaks];
    // The same chain broken at the same entry twice in a row is no passing state, nor is all that is wrong, to the number, with nothing that moves.
    const lasting = open.size > 0 ? sameFaults(before, look) : [...breaksIn(before)].some((one) => breaks.has(one));
    if (lasting) break;
  }
  return reportOf(look, open);
}

interface Look {
  readonly books: Books;
  /** Streams with more entries than their head knew when it was read, and how many they had. */
  readonly ahead: ReadonlyMap<string, number>;
  readonly report: AuditReport;
}

async function lookAt(read: () => Promise<Books>): Promise<Look> {
  const books = await read();
  const ahead = new Map<string, number>();
  for (const [stream, { length }] of books.streams) if (known(books, stream) < length) ahead.set(stream, length);
  return { books, ahead, report: audit(upToHeads(books, ahead), sha256Hex) };
}

/** How many entries the head knows. One whose version is no number knows all: what is wrong with it is the audit's to say. */
function known({ state }: Books, stream: string): number {
  const head = state.get(stream);
  if (head === undefined) return 0;
  return typeof head.version === 'bigint' ? Number(head.version) : Number.POSITIVE_INFINITY;
}

function upToHeads(books: Books, ahead: ReadonlyMap<string, number>): Books {
  const streams = new Map(books.streams);
  for (const stream of ahead.keys()) {
    const stored = (streams.get(stream) ?? []).filter(({ number }) => number <= known(books, stream));
    if (stored.length > 0 || books.state.has(stream)) streams.set(stream, stored);
    else streams.delete(stream);
  }
  return { ...books, streams };
}

const aheadAt = 'ahead ';
/** What a later look must find right. The length says how many entries the head has to know by then. */
type Suspects = ReadonlyMap<string, number>;

function suspectsOf({ ahead, report }: Look): Suspects {
  return new Map([
    ...[...ahead].map(([stream, length]) => [`${aheadAt}${stream}`, length] as const),
    ...placesOf(report).map((place) => [place, 0] as const),
  ]);
}

const within = (some: ReadonlySet<string>, all: ReadonlySet<string>): boolean => [...some].every((one) => all.has(one));

const breaksIn = ({ report }: Look): ReadonlySet<string> => new Set(report.breaks.map((one) => JSON.stringify(one)));

const balanceAt = ({ payment, field }: AuditReport['balances'][number]) => `balance ${payment} ${field}`;
const switchAt = ({ stream, mark }: AuditReport['switches'][number]) => `switch ${stream} ${mark}`;
const headAt = ({ stream, field }: AuditReport['heads'][number]) => `head ${stream} ${field}`;

const placesOf = ({ balances, switches, heads }: AuditReport): string[] => [
  ...balances.map(balanceAt),
  ...switches.map(switchAt),
  ...heads.map(headAt),
];

const isOpen = ({ books, report }: Look, place: string, length: number): boolean =>
  place.startsWith(aheadAt) ? known(books, place.slice(aheadAt.length)) < length : placesOf(report).includes(place);

const sameFaults = (before: Look, look: Look): boolean => textOf(before) === textOf(look);

const textOf = ({ ahead, report: { balances, switches, heads } }: Look): string =>
  JSON.stringify([[...ahead], balances, switches, heads], (_key, part: unknown) =>
    typeof part === 'bigint' ? part.toString() : part,
  );

/** What stayed open, in the words of the audit; of an entry that no head came to know, too. */
function reportOf({ books, ahead, report }: Look, open: Suspects): AuditReport {
  const passing = new Map([...ahead].filter(([stream]) => !open.has(`${aheadAt}${stream}`)));
  const last = passing.size < ahead.size ? audit(upToHeads(books, passing), sha256Hex) : report;
  return {
    ...last,
    balances: last.balances.filter((one) => open.has(balanceAt(one))),
    switches: last.switches.filter((one) => open.has(switchAt(one))),
    heads: last.heads.filter((one) => open.has(headAt(one))),
  };
}
