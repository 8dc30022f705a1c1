import { describe, expect, it } from 'vitest';
import { booksOf } from '../adapters/kit/books.ts';
import { sha256Hex } from '../adapters/kit/hmac.ts';
import { type Entry, sealEntry } from '../domain/chain.ts';
import { type ConnectionName, correlationId, type MerchantId, writerToken } from '../domain/ids.ts';
import { approved, fact, heldRefund, planned, requested, tempo } from '../domain/refund/given.ts';
import { refundIdOf } from '../domain/refund/key.ts';
import type { StreamName } from '../domain/streams.ts';
import { instant, plus } from '../domain/time.ts';
import { audit, unproven } from './audit.ts';
import type { Books } from './ports/books.ts';
import type { Item } from './ports/table.ts';

const t1 = instant(1_800_000_000_000);
const ofReturn = {
  merchant: 'demo' as MerchantId,
  connection: 'generic-demo' as ConnectionName,
  return: 'RMA-1',
  number: 1,
};

/** A stream with these events, one entry for each list, chained and claimed by its head as ours are. */
function forged(name: string, history: readonly (readonly unknown[])[], more: Item = {}, actor = 'assess') {
  const stream = name as StreamName;
  const journal: Item[] = [];
  for (const [index, events] of history.entries()) {
    const entry: Entry<unknown> = {
      v: 1,
      stream,
      number: index + 1,
      at: t1,
      actor,
      cause: '',
      correlation: correlationId('1'),
      writer: writerToken('1'),
      previous: String(journal.at(-1)?.digest ?? ''),
      events,
    };
    const { number, body, digest } = sealEntry(entry, sha256Hex);
    journal.push({ pk: name, sk: BigInt(number), body, digest });
  }
  const digest = String(journal.at(-1)?.digest ?? '');
  return { journal, state: [{ pk: name, version: BigInt(journal.length), digest, ...more }] };
}

/** All but that the notice of a forged refund is nowhere. */
const dueIn = (books: Books) => audit(books, sha256Hex, tempo).heads.filter(({ field }) => field !== 'notice');

const breaksOf = (of: ReturnType<typeof forged>) => audit(booksOf(of), sha256Hex).breaks;
/** Of the return that `requested` names, its first. */
const refund = `demo#refund#${refundIdOf(ofReturn, sha256Hex)}`;
const payment = 'demo#payment#pay_1';

describe('the audit', () => {
  it.each([
    ['a second request', refund, [[requested(), approved()], [requested()]], 2, 'impossible'],
    ['a fact of a leg that does not exist', refund, [[requested()], [fact('leg.held')]], 2, 'impossible'],
    ['a leg without an amount', refund, [[requested(), { ...approved(), legs: [{ leg: 1 }] }]], 1, 'impossible'],
    [
      'a second refund without an amount',
      refund,
      [[requested(), approved()], [{ ...fact('leg.surplus'), amountMinor: null }]],
      2,
      'impossible',
    ],
    [
      'a failed one without an amount',
      refund,
      [[requested(), approved()], [{ ...fact('leg.surplus-failed'), amountMinor: null }]],
      2,
      'impossible',
    ],
    ['a capture without an amount', payment, [[{ type: 'payment.captured', v: 1 }]], 1, 'impossible'],
    ['an event that nobody knows', payment, [[{ type: 'payment.gone', v: 1 }]], 1, 'unreadable'],
    ['one that nobody knows, of no version', payment, [[{ type: 'payment.gone', v: 0 }]], 1, 'unreadable'],
    ['one of a notice, of less than none', 'demo#notice#shop#1', [[{ type: 'notice.gone', v: -1 }]], 1, 'unreadable'],
    ['an event of a later version', refund, [[{ ...requested(), v: 2 }]], 1, 'unreadable'],
    ['what is no event', 'demo#notice#shop#1', [[null]], 1, 'unreadable'],
  ] as const)(
    'F137 says where there is %s, chained as if somebody had decided it',
    (_, stream, history, number, why) => {
      expect(breaksOf(forged(stream, history))).toEqual([{ stream, number, why }]);
    },
  );

  it.each(['3', 'x', true])('F137 finds a head whose version is %j: nobody could append to it any more', (version) => {
    const of = forged(refund, [[requested()], [approved()], [fact('leg.sending')]], { version });
    expect(breaksOf(of)).toMatchObject([{ stream: refund, why: 'head-differs' }]);
  });

  const sent = [requested(), approved(), fact('leg.sending')];
  const inDoubt = [fact('leg.unknown'), fact('leg.held'), fact('leg.closed')];
  const done = [fact('leg.accepted', { state: 'succeeded' })];

  it.each([
    ['a success', 'refunded', done, tempo.verifyMs.at(-1) ?? 0],
    ['what was closed in doubt', 'failed', inDoubt, tempo.pendingLimitMs],
  ])('F75 F102 F137 misses the due time of %s for as long as it is looked for, and no longer', (_, status, end, ms) => {
    const of = booksOf(forged(refund, [sent, end], { status }));
    const missing = [{ stream: refund, field: 'dueAt', stored: null, computed: 'due' }];
    const headsAt = (after: number) => dueIn({ ...of, readAt: plus(t1, after) });
    expect(headsAt(0)).toEqual(missing);
    expect(headsAt(ms - tempo.skewMs - 1)).toEqual(missing);
    expect(headsAt(ms)).toEqual([]);
    expect(dueIn(of)).toEqual([]);
  });

  it('F103 F137 misses it of the second of two that a person closed as well, but for a head of when nobody asked for that', () => {
    const two = [...done, fact('leg.surplus'), fact('leg.held', { reasons: ['two-refunds'] }), fact('leg.failed')];
    const headsOf = (follow: string) => {
      const of = booksOf(forged(refund, [sent, [...two, fact('leg.closed')]], { status: 'refunded', follow }));
      return dueIn({ ...of, readAt: t1 });
    };
    expect(headsOf('reconcile')).toEqual([{ stream: refund, field: 'dueAt', stored: null, computed: 'due' }]);
    expect(headsOf('')).toEqual([]);
  });

  it('F67 F137 says that two legs have the one place of a payment, whoever of them its head names', () => {
    const leg = planned(1, '1');
    const sending = (id: string) =>
      forged(`demo#refund#${id}`, [[requested(), approved(leg)], [fact('leg.sending')]], { status: 'sending' });
    const headsOf = (inFlight: string, ...refunds: string[]) => {
      const all = [...refunds.map(sending), forged(payment, [[]], { inFlight })];
      const books = booksOf({ journal: all.flatMap((one) => one.journal), state: all.flatMap((one) => one.state) });
      return audit(books, sha256Hex).heads.filter(({ field }) => field === 'inFlight');
    };
    expect(headsOf('rf_2/1', 'rf_2')).toEqual([]);
    for (const stored of ['rf_1/1', 'rf_2/1'])
      expect(headsOf(stored, 'rf_2', 'rf_1')).toEqual([
        { stream: payment, field: 'inFlight', stored, computed: 'rf_1/1 rf_2/1' },
      ]);
  });

  it('F137 finds a head that follows from no entry at all', () => {
    expect(breaksOf({ journal: [], state: [{ pk: refund, version: 0n, digest: '' }] })).toMatchObject([
      { why: 'shortened' },
    ]);
  });

  describe('where a chain is broken', () => {
    const gone = { type: 'payment.gone', v: 1 };
    const captured = [[{ type: 'payment.captured', v: 1, amountMinor: 500n }]];
    const wrongIn = (...parts: ReturnType<typeof forged>[]) => {
      const of = { journal: parts.flatMap(({ journal }) => journal), state: parts.flatMap(({ state }) => state) };
      const { breaks, balances, switches, heads } = audit(booksOf(of), sha256Hex);
      const wrong = [...balances.map((one) => `${one.payment} ${one.field}`), ...switches.map(({ mark }) => mark)];
      return {
        broken: breaks.map(({ stream }) => stream),
        wrong,
        heads: heads.map((one) => `${one.stream} ${one.field}`),
      };
    };
    const unreadable = (name: string, more: Item = {}) => forged(name, [[gone]], more);

    it('F137 compares what does not follow from it: breaking one must not hide the others', () => {
      const balance = forged('demo#payment#pay_2', captured, { captured: 500n, available: 900n });
      const stopped = forged('demo#control', [[]], { stopped: true });
      const found = wrongIn(unreadable(payment, { available: 5n }), balance, stopped);
      expect(found.broken).toEqual([payment]);
      expect(found.wrong).toContain('demo#payment#pay_2 available');
      expect(found.wrong.filter((one) => one.startsWith(payment))).toEqual([]);
      expect(found.heads.filter((one) => one.startsWith(payment))).toEqual([]);
    });

    it('F137 works out no balance from a refund that is not to be trusted, and those of other merchants', () => {
      const impossible = forged(refund, [[requested()], [requested()]], { status: 'denied' });
      const own = forged(payment, captured, { captured: 500n, available: 900n, inFlight: 'rf_1/1' });
      const theirs = forged('other#payment#pay_3', captured, { captured: 500n, available: 900n, inFlight: 'rf_1/1' });
      const found = wrongIn(impossible, own, theirs);
      expect(found.broken).toEqual([refund]);
      expect(found.wrong).toEqual(['other#payment#pay_3 available']);
      expect(found.heads.filter((one) => one.endsWith('inFlight'))).toEqual(['other#payment#pay_3 inFlight']);
    });

    it('F137 says nothing of the balance of a payment whose own facts are not to be trusted', () => {
      const sent = forged(refund, [[requested(), approved()]], { status: 'approved' });
      const paid = 'demo#payment#pay_pay1';
      const found = wrongIn(unreadable(paid, { captured: 1n }), sent);
      expect([found.broken, found.wrong]).toEqual([[paid], []]);
    });

    it('F137 says so', () => {
      const report = audit(booksOf(unreadable(payment)), sha256Hex);
      expect(report.unproven).toEqual([expect.stringContaining('a stream whose chain is broken'), ...unproven]);
      expect(audit(booksOf(forged(refund, [[requested()]], {})), sha256Hex).unproven).toEqual(unproven);
    });
  });

  it('F137 does not claim what a digest without a key can not show: an end that was written anew', () => {
    const end = (actor: string) => forged(refund, [[requested()], [heldRefund(['over-limit'])]], {}, actor);
    expect(breaksOf(end('one'))).toEqual([]);
    expect(breaksOf(end('another'))).toEqual([]);
    expect(unproven.join('\n')).toContain('written anew');
  });
});
