import type { CannotTell, Found, Gateway, Looked, RefundOrder, RefundsSince } from '../lib/app/ports/gateway.ts';
import type { Clock } from '../lib/app/ports/world.ts';
import type { Outcome } from '../lib/domain/refund/outcome.ts';
import type { Account } from './account.ts';
import { type BankPayment, type BankRefund, capturedOf, isOpen, isThere, type Said, stateAt } from './any-bank.ts';
import type { Desk } from './any-gateway.ts';
import { capturesOf, disputeOf, evidenceOf, reader } from './any-words.ts';
import { capabilitiesOf } from './capabilities.ts';
import type { Process } from './process.ts';

/** What can happen to one request on its way, and to one that is there. */
const faults = [
  'net-lost',
  'net-reply-lost',
  'net-late',
  'net-slow',
  'gateway-500',
  'gateway-429',
  'gateway-no',
] as const;
const readFaults = ['net-lost', 'gateway-500', 'gateway-429'] as const;

/** The port `Gateway` over a bank, with nothing between them but the road. */
export const portsOf = (desk: Desk): NonNullable<Account['ports']> => ({
  reader,
  gatewaysOf(process, { clock, credentials }) {
    const home = gatewayOf(desk, process, clock, false);
    const elsewhere = gatewayOf(desk, process, clock, true);
    return {
      async open({ name }) {
        await credentials.credential(name);
        return desk.elsewhere ? elsewhere : home;
      },
    };
  },
});

const gatewayOf = (desk: Desk, process: Process, clock: Clock, elsewhere: boolean): Gateway => ({
  capabilities: capabilitiesOf(desk.row),
  endpoint: elsewhere ? 'elsewhere' : 'any',
  refund: (order) => refund(desk, process, clock, { ...order, elsewhere }),
  find: (query) => read(desk, process, 'find', query.limitMs, (at) => found(desk, query, at, elsewhere)),
  look: (query) => read(desk, process, 'look', query.limitMs, (at) => looked(desk, query.reference, at)),
  refundsSince: ({ since, limitMs }) => read(desk, process, 'since', limitMs, (at) => madeSince(desk, since, at)),
});

const mostOnTheWayMs = 500;

const silence: Outcome = { is: 'unknown', why: 'timeout', spoiled: false };

async function refund(
  desk: Desk,
  process: Process,
  clock: Clock,
  order: RefundOrder & { readonly elsewhere: boolean },
): Promise<Outcome> {
  if (clock.now() > order.latestStart)
    return { is: 'refused', code: 'not-started', again: 'not-now', couldBeOurs: false };
  const { key, reference: payment, elsewhere } = order;
  const ask = { payment, amountMinor: Number(order.amountMinor), key, elsewhere };
  const { chance, row, time } = desk;
  const site = `refund ${key}`;
  const outcome = await process.call<Outcome, (typeof faults)[number]>(site, faults, (fault) => {
    if (fault === 'net-lost' || desk.down) return silence;
    if (fault === 'gateway-429')
      return { is: 'refused', code: 'rate', again: 'not-now', limited: true, couldBeOurs: false };
    if (fault === 'gateway-no') return noOf(chance.draw(`no ${key}`));
    // Late counts from when the sender gives up; some of that time the request has been on its way already.
    const late = () =>
      chance.between(`late ${site}`, order.limitMs, row.lateArrivalMs + order.limitMs - mostOnTheWayMs);
    if (fault === 'net-late') {
      time.after(late(), `late ${site}`, () => desk.ask(ask));
      return silence;
    }
    if (fault === 'net-slow') {
      desk.askSlowly(ask, late());
      return silence;
    }
    const breaks = fault === 'gateway-500' ? (chance.draw(`500 ${key}`) < 0.5 ? 'before' : 'after') : undefined;
    const said = desk.ask(ask, breaks);
    return fault === 'net-reply-lost' || desk.deaf ? silence : outcomeOf(desk, said);
  });
  if (outcome === silence) await process.pause(order.limitMs);
  return outcome;
}

/** Before any key is looked at: nothing was done, and nothing is remembered. */
const noOf = (luck: number): Outcome =>
  luck < 0.4
    ? { is: 'refused', code: 'not-allowed', again: 'final', couldBeOurs: false }
    : luck < 0.7
      ? { is: 'refused', code: 'no', again: 'final', couldBeOurs: true }
      : { is: 'refused', code: 'balance-low', again: 'person', couldBeOurs: false };

function outcomeOf(desk: Desk, said: Said): Outcome {
  if (said.is === 'said') return said.outcome;
  // Who remembers answers says again what was said first.
  const first = desk.row.remembers === 'answers' || desk.row.remembers === 'failures-too';
  const evidence = evidenceOf(desk.row, said.refund, first ? said.refund.at : undefined);
  return evidence === undefined ? { is: 'unknown', why: 'unreadable', spoiled: false } : { is: 'accepted', evidence };
}

async function read<T>(
  desk: Desk,
  process: Process,
  site: string,
  limitMs: number,
  answer: (at: number) => T,
): Promise<T | CannotTell> {
  const lagMs = desk.row.listLagMs;
  if (lagMs === undefined) return { is: 'cannot-tell', why: 'no-such-verb' };
  const result = await process.call<T | CannotTell | undefined, (typeof readFaults)[number]>(
    site,
    readFaults,
    (fault) => {
      if (fault === 'net-lost' || desk.down) return undefined;
      if (fault === 'gateway-429') return { is: 'cannot-tell', why: 'rate', weather: 'rate' };
      if (fault === 'gateway-500') return { is: 'cannot-tell', why: 'http-500', weather: 'silence' };
      return desk.deaf ? undefined : answer(desk.time.now() - lagMs);
    },
  );
  if (result !== undefined) return result;
  await process.pause(limitMs);
  return { is: 'cannot-tell', why: 'timeout', weather: 'silence' };
}

/**
 * Never an empty answer while one could not be read, or where none could be told by its key. The other host finds what was made there, and
 * the first one everything.
 */
function found(desk: Desk, query: Parameters<Gateway['find']>[0], at: number, elsewhere: boolean): Found {
  const listed = evidences(desk, query.reference, at, (one) => one.elsewhere || !elsewhere);
  if (listed === undefined) return { is: 'cannot-tell', why: 'unreadable' };
  const matches = listed.filter(
    ({ theirs, key }) => query.theirs.includes(theirs) || (key !== undefined && query.keys.includes(key)),
  );
  if (matches.length > 0) return { is: 'found', matches };
  return desk.row.echoKey === 'right' ? { is: 'absent' } : { is: 'cannot-tell', why: 'no-key' };
}

function looked(desk: Desk, reference: string, at: number): Looked {
  const payment = desk.bank.payments.get(reference);
  if (payment === undefined) return { is: 'absent' };
  const refunds = evidences(desk, reference, at);
  if (refunds === undefined) return { is: 'cannot-tell', why: 'unreadable' };
  return {
    is: 'payment',
    names: [reference],
    captures: capturesOf(payment, at),
    refunds,
    disputes: desk.bank.disputes.filter((one) => one.payment === reference).map(disputeOf),
    ...standing(payment, at),
    ...(payment.order === undefined ? {} : { order: payment.order }),
  };
}

function standing(payment: BankPayment, at: number) {
  const open = isOpen(payment, at);
  const state = capturedOf(payment, at) > 0 ? 'captured' : open ? 'authorised' : 'voided';
  return { state, ...(open && { capturable: true as const }) } as const;
}

/** All of them at once. */
function madeSince(desk: Desk, since: number, at: number): RefundsSince {
  const refunds = [...desk.bank.payments.keys()].map((payment) => ({ payment, said: evidences(desk, payment, at) }));
  if (refunds.some(({ said }) => said === undefined)) return { is: 'cannot-tell', why: 'unreadable' };
  return {
    is: 'page',
    refunds: refunds.flatMap(({ payment, said = [] }) =>
      said.filter(({ theirs }) => madeAt(desk, theirs) >= since).map((evidence) => ({ evidence, payment: [payment] })),
    ),
  };
}

const madeAt = ({ bank }: Desk, theirs: string): number => bank.refunds.find(({ id }) => id === theirs)?.at ?? 0;

function evidences(desk: Desk, payment: string, at: number, shown: (one: BankRefund) => boolean = () => true) {
  const all = desk.bank.refunds.filter(shown);
  const there = all.filter((one) => one.payment === payment && isThere(one, at) && stateAt(one, at) !== undefined);
  const said = there.map((one: BankRefund) => evidenceOf(desk.row, one, at));
  return said.some((one) => one === undefined) ? undefined : said.filter((one) => one !== undefined);
}
