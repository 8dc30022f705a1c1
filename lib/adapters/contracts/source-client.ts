import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, Secret } from '../../app/ports/connections.ts';
import type { SourceClient, TellOrder } from '../../app/ports/source.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import type { Subject } from '../../domain/notice.ts';
import { type Instant, instant } from '../../domain/time.ts';
import type { OpenSource } from '../kit/open.ts';
import { noFaults, type Simulator } from '../kit/simulator.ts';
import { type Mishap, SimServer } from './sim-server.ts';

/** What the suite needs to know of a source that can be asked and told. */
export interface SourceClientUnderTest {
  readonly platform: string;
  readonly open: OpenSource;
  /** A fresh shop that lets in this credential. */
  simulator(credential: Secret): Simulator;
  /** A connection to a simulator at that address. */
  connection(baseUrl: string): Connection;
  /** In a fresh shop: a return that owes 24.00 EUR, without any refund record of ours. */
  seed(simulator: Simulator, now: Instant): Subject;
  /** One that the shop does not have. */
  readonly nowhere: Subject;
  /** Of a platform that can drop our subscriptions: what it is to subscribe to, and how it drops two of them. */
  readonly tending?: {
    readonly topics: readonly string[];
    drop(simulator: Simulator, now: Instant): readonly string[];
  };
  /** A record of one refund for that return. */
  readonly order: Omit<TellOrder, 'latestStart' | 'limitMs' | 'return'>;
}

const now = instant(Date.UTC(2026, 10, 21, 12));
const credential = new Secret('shop_contract_credential');
const limitMs = 400;

/** Run by every source's folder that has a client, over real HTTP against its own simulator. */
export function sourceClientContract(folder: SourceClientUnderTest): void {
  describe(`the client of the ${folder.platform} source`, () => {
    const bench = prepare(folder);
    confirms(folder, bench);
    tells(folder, bench);
    if (folder.tending !== undefined) tends(folder.tending, bench);
    opensCarefully(folder);
  });
}

interface Bench {
  server: SimServer;
  connection: Connection;
  client: SourceClient;
  subject: Subject;
}

function prepare(folder: SourceClientUnderTest): Bench {
  const bench = {} as Bench;
  const servers: SimServer[] = [];
  beforeEach(async () => {
    const server = new SimServer(folder.simulator(credential), now);
    servers.push(server);
    const connection = folder.connection(await server.listen());
    const client = folder.open(connection, credential, { clock: server });
    Object.assign(bench, { server, connection, client, subject: folder.seed(server.simulator, now) });
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));
  return bench;
}

const strange: readonly (readonly [string, Mishap])[] = [
  ['no answer', { is: 'silence' }],
  ['a reset', { is: 'reset' }],
  ['half an answer', { is: 'cut-off' }],
  ['a server error', { is: 'answer', status: 500, body: '{"data":{}}' }],
  ['a redirect', { is: 'answer', status: 302, headers: { location: '/' }, body: '' }],
  ['a page', { is: 'answer', status: 200, body: '<html>' }],
  ['an empty object', { is: 'answer', status: 200, body: '{}' }],
  ['nothing where there should be data', { is: 'answer', status: 200, body: '{"data":null}' }],
  ['an error beside data', { is: 'answer', status: 200, body: '{"data":{"return":null},"errors":[{"message":"x"}]}' }],
  ['data of another form', { is: 'answer', status: 200, body: '{"data":{"return":{"id":1},"refund":[]}}' }],
];

function confirms(folder: SourceClientUnderTest, bench: Bench): void {
  it('says what a return owes, cumulative, in minor units', async () => {
    const said = await bench.client.confirm({ subject: bench.subject, limitMs });
    expect(said).toMatchObject({ is: 'return', trigger: 'approved', concerns: [], references: [] });
    const { lines, fees } = said.is === 'return' ? said.snapshot : { lines: [], fees: [] };
    expect(lines.reduce((all, line) => all + line.priceMinor + line.taxMinor, 0n)).toBe(2400n);
    expect(fees).toEqual([]);
  });

  it('F23 says that another shop’s return is not there', async () => {
    expect(await bench.client.confirm({ subject: folder.nowhere, limitMs })).toEqual({ is: 'absent' });
  });

  it.each(strange)('can’t tell after %s', async (_what, mishap) => {
    bench.server.mishaps.push(mishap);
    expect(await bench.client.confirm({ subject: bench.subject, limitMs })).toMatchObject({ is: 'cannot-tell' });
    bench.server.mishaps.push(mishap);
    const query = { return: bench.subject.id, reference: folder.order.reference, limitMs };
    expect(await bench.client.findTold(query)).toMatchObject({ is: 'cannot-tell' });
  });

  it('can’t tell with a credential that the shop does not know, and while it is throttled', async () => {
    const stranger = folder.open(bench.connection, new Secret('shop_other_credential'), { clock: bench.server });
    expect(await stranger.confirm({ subject: bench.subject, limitMs })).toMatchObject({ is: 'cannot-tell' });
    bench.server.simulator.setFaults({ ...noFaults, rateLimit: 1 });
    expect(await bench.client.confirm({ subject: bench.subject, limitMs })).toMatchObject({ is: 'cannot-tell' });
  });
}

function tells(folder: SourceClientUnderTest, bench: Bench): void {
  const orderNow = (): TellOrder => ({ ...folder.order, return: bench.subject.id, latestStart: now, limitMs });
  const find = () => bench.client.findTold({ return: bench.subject.id, reference: folder.order.reference, limitMs });
  const records = () => bench.server.simulator.refunds().filter(({ reference }) => reference !== null);

  it('writes one record that moves no money, and finds it by its reference', async () => {
    expect(await find()).toEqual({ is: 'absent' });
    const told = await bench.client.tell(orderNow());
    expect(told).toMatchObject({ is: 'told' });
    expect(records()).toMatchObject([{ amountMinor: 0, reference: folder.order.reference }]);
    expect(await find()).toEqual({ is: 'found', theirs: told.is === 'told' ? told.theirs : '' });
  });

  it('writes no second one when it is repeated', async () => {
    const first = await bench.client.tell(orderNow());
    expect(await bench.client.tell(orderNow())).toEqual(first);
    expect(records()).toHaveLength(1);
  });

  it('does not know after a lost answer, and finds the record', async () => {
    bench.server.simulator.setFaults({ ...noFaults, lostReplies: 1 });
    expect(await bench.client.tell(orderNow())).toMatchObject({ is: 'unknown' });
    expect(await find()).toMatchObject({ is: 'found' });
  });

  it('does not start after its latest start', async () => {
    const late = { ...orderNow(), latestStart: instant(now - 1) };
    expect(await bench.client.tell(late)).toMatchObject({ is: 'unknown' });
    expect(records()).toEqual([]);
  });

  it('is refused where the shop has nothing left to record', async () => {
    const lines = folder.order.lines.map((line) => ({ ...line, quantity: line.quantity + 100 }));
    expect(await bench.client.tell({ ...orderNow(), lines })).toMatchObject({ is: 'refused' });
  });
}

function tends({ topics, drop }: NonNullable<SourceClientUnderTest['tending']>, bench: Bench): void {
  const tending = () => bench.client.tending ?? expect.fail('has nothing to tend');
  const missing = () => tending().missing({ limitMs });

  it('F33 says which subscriptions are missing, and makes each again', async () => {
    expect(await missing()).toEqual({ is: 'missing', topics: [] });
    const dropped = drop(bench.server.simulator, now);
    expect(await missing()).toEqual({ is: 'missing', topics: dropped });
    for (const topic of dropped) expect(await tending().subscribe({ topic, limitMs })).toEqual({ is: 'subscribed' });
    expect(await missing()).toEqual({ is: 'missing', topics: [] });
  });

  it('F33 does not subscribe to what is there', async () => {
    for (const topic of topics) expect(await tending().subscribe({ topic, limitMs })).toMatchObject({ is: 'refused' });
  });

  it.each(strange)('F33 takes %s for neither a look nor a subscription nor a page', async (_what, mishap) => {
    const answers = [
      () => missing(),
      () => tending().subscribe({ topic: topics[0] ?? '', limitMs }),
      () => tending().changes({ since: now, limitMs }),
    ];
    const said: string[] = [];
    for (const ask of answers) {
      bench.server.mishaps.push(mishap);
      said.push((await ask()).is);
    }
    expect(said).toEqual(['cannot-tell', 'unknown', 'cannot-tell']);
  });

  it('F33 names the return that changed, page by page to an end', async () => {
    const since = instant(now - 1);
    const changes: unknown[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await tending().changes({ since, limitMs, ...(cursor !== undefined && { cursor }) });
      if (page.is !== 'page') expect.fail(page.is);
      changes.push(...page.changes);
      cursor = page.next;
    }
    expect(changes).toEqual([{ subject: bench.subject, createdAt: now, changedAt: now }]);
  });

  it('F33 starts over where its cursor means nothing any more', async () => {
    expect(await tending().changes({ since: now, cursor: 'no cursor of theirs', limitMs })).toEqual({
      is: 'start-over',
    });
  });
}

function opensCarefully(folder: SourceClientUnderTest): void {
  it('sends its credential to no other host', () => {
    for (const baseUrl of [
      'http://example.com',
      'https://example.com',
      'http://127.0.0.1.example.com',
      'ftp://localhost',
      'x',
    ]) {
      const open = () => folder.open(folder.connection(baseUrl), credential, { clock: { now: () => now } });
      expect(open).toThrow(Unavailable);
    }
  });
}
