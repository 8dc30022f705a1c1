import { expect } from 'vitest';
import { booksOf } from '../../lib/adapters/kit/books.ts';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import type { SimRefund } from '../../lib/adapters/kit/simulator.ts';
import { audit as ownAudit } from '../../lib/app/audit.ts';
import { readPayment } from '../../lib/app/balances.ts';
import type { Item } from '../../lib/app/ports/table.ts';
import { verify } from '../../lib/domain/chain.ts';
import { decode } from '../../lib/domain/json.ts';
import { replay } from '../../lib/domain/refund/state.ts';
import { final, statusOf } from '../../lib/domain/refund/status.ts';
import { owesTelling } from '../../lib/domain/refund/tell.ts';
import { type Books, givenBy, keepBooks, type LegBook, takenBy } from '../../sim/books.ts';
import { stripe, type World } from './world.ts';

/**
 * What holds in every world at any time, whatever a test did to it: chains unbroken, heads that follow from them, nothing unfinished
 * that nobody will look at, balances that the journal explains, no payment's name in clear, and a gateway that agrees with us.
 */
export async function audit(w: World): Promise<void> {
  const { journal, state } = w.table.dump();
  const streams = byStream(journal);
  const heads = new Map(state.map((item) => [String(item.pk), item]));
  const books = keepBooks(
    [...streams].flatMap(([stream, items]) => items.map((item) => ({ stream, ...entryOf(item) }))),
  );
  expect({
    chains: chains(streams, heads),
    heads: [...streams].flatMap(([stream, items]) => head(w, stream, items, heads.get(stream))),
    balances: balances(books, heads, w),
    audited: audited(w),
    secrets: secrets(w, journal, state),
    gateway: gateway(w, books.legs),
    strangers: await strangers(w, books),
  }).toEqual({ chains: [], heads: [], balances: [], audited: [], secrets: [], gateway: [], strangers: [] });
}

/** What our own audit says of the same books, which this one shares nothing with. */
export function audited(w: World): unknown[] {
  const books = { ...booksOf(w.table.dump()), readAt: w.clock.now() };
  const report = ownAudit(books, sha256Hex, w.needs.tempo);
  return [...report.breaks, ...report.balances, ...report.switches, ...report.heads];
}

const entryOf = (item: Item) => decode<{ at: never; events: never[] }>(String(item.body));

function byStream(journal: readonly Item[]): Map<string, Item[]> {
  const streams = new Map<string, Item[]>();
  for (const item of journal) streams.set(String(item.pk), [...(streams.get(String(item.pk)) ?? []), item]);
  for (const items of streams.values()) items.sort((a, b) => Number(a.sk) - Number(b.sk));
  return streams;
}

function chains(streams: Map<string, Item[]>, heads: Map<string, Item>): unknown[] {
  return [...streams].flatMap(([stream, items]) => {
    const stored = items.map((item) => ({
      number: Number(item.sk),
      body: String(item.body),
      digest: String(item.digest),
    }));
    const found = heads.get(stream);
    const claim = found && { version: Number(found.version), digest: String(found.digest) };
    return verify(stream, stored, claim, sha256Hex) ?? [];
  });
}

/** The head says what its stream says, and whatever is not final will be looked at. */
function head(w: World, stream: string, items: readonly Item[], found: Item | undefined): string[] {
  const kind = stream.split('#')[1];
  if (kind === 'notice') {
    const open = found?.status !== 'done';
    return open === (found?.dueAt !== undefined) ? [] : [`${stream} is ${found?.status} and due ${found?.dueAt}`];
  }
  if (kind === 'control') return switched(stream, items, found);
  if (kind !== 'refund') return [];
  const refund = replay(items.map(entryOf));
  const status = statusOf(refund);
  if (found?.status !== status) return [`${stream} is ${status}, its head says ${found?.status}`];
  // A success is looked for again, at a few ages and never after the last; and what was closed in doubt, for a while.
  const closed = refund.is === 'approved' && refund.legs.some(({ now }) => now.is === 'closed' && now.inDoubt);
  const mayBeChecked = status === 'refunded' || status === 'partly-refunded' || closed;
  const done = final.has(status) && !owesTelling(refund);
  const asItShould = done === (found.dueAt === undefined) || (mayBeChecked && !isLate(found, w));
  return asItShould ? [] : [`${stream} is ${status} and due ${found.dueAt}`];
}

/** The marks that every right to send requires to be unset are those that the facts add up to (F90). */
function switched(stream: string, items: readonly Item[], found: Item | undefined): string[] {
  const off = new Set<string>();
  for (const item of items) {
    for (const { type, connection } of decode<{ events: { type: string; connection?: string }[] }>(String(item.body))
      .events) {
      const mark = connection === undefined ? 'stopped' : `stopped.${connection}`;
      if (type.endsWith('-stopped')) off.add(mark);
      else off.delete(mark);
    }
  }
  const marks = Object.keys(found ?? {}).filter((name) => name.startsWith('stopped'));
  return marks.sort().join() === [...off].sort().join()
    ? []
    : [`${stream} has the marks ${marks}, its facts ${[...off]}`];
}
const isLate = (found: Item, w: World) => Number(found.dueAt) > w.clock.now() + Math.max(...w.needs.tempo.verifyMs);

function balances(books: Books, heads: Map<string, Item>, w: World): string[] {
  return [...books.payments].flatMap(([payment, { captured, others, surplus, chargedBack, disputes }]) => {
    const item = w.merchants.map((name) => heads.get(`${name}#payment#${payment}`)).find((head) => head !== undefined);
    if (item === undefined) return [`${payment} has no state`];
    const { balance } = readPayment(item);
    const legs = books.legs.filter((leg) => leg.payment === payment);
    const sum = (of: (leg: LegBook) => bigint) => legs.reduce((all, leg) => all + of(leg), 0n);
    const asking = legs.filter((leg) => leg.asking).map((leg) => `${leg.refund}/${leg.leg}`);
    const ours = {
      captured,
      available: captured - others - surplus - chargedBack - sum(takenBy),
      refunded: others + surplus + sum(givenBy),
      chargedBack,
      disputes,
      inFlight: asking.join(),
    };
    const theirs = {
      captured: balance.capturedMinor,
      available: balance.availableMinor,
      refunded: balance.refundedMinor,
      chargedBack: balance.chargedBackMinor,
      disputes: BigInt(balance.disputes),
      inFlight: balance.inFlight ?? '',
    };
    const same = Object.entries(ours).every(([name, value]) => theirs[name as keyof typeof theirs] === value);
    return same ? [] : [`${payment}: the journal says ${text(ours)}, the state ${text(theirs)}`];
  });
}

const text = (of: Record<string, unknown>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** Names of payments are nowhere in clear (F135). */
function secrets(w: World, journal: readonly Item[], state: readonly Item[]): string[] {
  const disputes = w.simulator.state.disputes.map(({ id }) => id);
  const names = [
    ...w.simulator.state.payments.flatMap(({ intent, charge }) => [intent ?? charge, charge]),
    ...disputes,
  ];
  const stored = [...journal, ...state].map((item) => Object.values(item).join('\n'));
  const logged = w.log.lines.map((line) =>
    JSON.stringify(line, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  const hinted = w.hinted.map((one) => JSON.stringify(one));
  const everything = [...stored, ...logged, ...hinted].join('\n');
  // One look for all of them first: a text of many refunds is long, and the names are many.
  const any =
    names.length > 0 && new RegExp(names.map((name) => name.replace(/\W/g, '\\$&')).join('|')).test(everything);
  return any ? names.filter((name) => everything.includes(name)) : [];
}

/** Their truth against our journal, leg by leg and payment by payment. */
function gateway(w: World, legs: readonly LegBook[]): string[] {
  if (w.accepted.has('forgotten')) return [];
  const problems: string[] = [];
  const moved = w.moved();
  const ofLegs = Map.groupBy(moved.filter(w.ours), ({ key }) => key?.split('-').slice(0, 2).join('/'));
  const truths = new Map(w.simulator.refunds().map((refund) => [refund.id, refund]));
  for (const leg of legs) {
    const live = ofLegs.get(`${leg.refund}/${leg.leg}`) ?? [];
    if (live.length > 1 && !w.accepted.has('vouched'))
      problems.push(`${leg.refund}/${leg.leg} was refunded ${live.length} times`);
    for (const { id } of live) {
      if (!leg.theirs.has(id) && !leg.asking) problems.push(`${leg.refund}/${leg.leg} does not know of ${id}`);
    }
    for (const [id, said] of leg.theirs) problems.push(...disagreement(w, leg, id, said, truths.get(id)));
  }
  for (const { intent, charge, amount } of w.simulator.state.payments) {
    const on = moved.filter(({ payment }) => payment === (intent ?? charge));
    const total = (refunds: typeof moved) => refunds.reduce((all, { amountMinor }) => all + amountMinor, 0);
    if (total(on.filter(w.ours)) > amount) problems.push(`${intent}: we refunded more than ${amount}`);
    if (total(on) > amount && !w.accepted.has('overdrawn')) problems.push(`${intent}: more than ${amount} went out`);
  }
  return problems;
}

function disagreement(w: World, leg: LegBook, id: string, said: string, truth: SimRefund | undefined): string[] {
  if (said === 'surplus') return w.accepted.has('surplus') ? [] : [`${id} is a surplus`];
  if (said === 'lost') return [];
  if (truth === undefined) return said === 'failed' || w.accepted.has('vanished') ? [] : [`${id} is nowhere`];
  const failed = truth.status === 'failed' || truth.status === 'canceled';
  const unheard = w.accepted.has('unheard') && said === 'succeeded' && failed;
  const agrees = said === 'failed' ? failed : said === 'succeeded' ? truth.status === 'succeeded' : true;
  // What it said of it once may be another amount, which it failed with (F78).
  const amount = [leg.amount, leg.said.get(id)].includes(BigInt(truth.amountMinor));
  return (agrees || unheard) && amount
    ? []
    : [`${id} is ${truth.status} of ${truth.amountMinor}, we say ${said} of ${leg.amount}`];
}

/** Refunds that are not ours are counted, once every notice is dealt with. */
async function strangers(w: World, { adopted, legs }: Books): Promise<string[]> {
  const known = new Set<string>();
  for (const { id } of w.simulator.refunds()) {
    if (adopted.has(await w.needs.blind(w.merchant, stripe, id))) known.add(id);
  }
  const open = w.table.dump().state.some((item) => item.kind === 'gateway' && item.status !== 'done');
  const live = new Set(w.moved().map(({ id }) => id));
  // A leg's own stays its own where somebody took our key off it.
  const ours = (refund: SimRefund) => w.ours(refund) || legs.some(({ theirs }) => theirs.has(refund.id));
  const missing = w.moved().filter((refund) => !ours(refund) && !known.has(refund.id));
  const wrong = w.simulator.refunds().filter(({ id }) => known.has(id) && !live.has(id));
  if (open || w.accepted.has('forgotten') || w.accepted.has('unheard') || w.accepted.has('surplus')) return [];
  return [...missing, ...wrong].map(({ id }) => id);
}
