import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttemptLine } from '../../app/ports/log.ts';
import { instant } from '../../domain/time.ts';
import { memoryLog } from '../memory/log.ts';
import { daemonAt } from './daemon.ts';
import { tracedLog } from './traced-log.ts';

const daemon = createSocket('udp4');
let address = '';
beforeAll(async () => {
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  address = `127.0.0.1:${daemon.address().port}`;
});
afterAll(() => void daemon.close());

const sampled = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
let now: string | undefined = sampled;

const inner = memoryLog();
const traced = () =>
  tracedLog(
    inner,
    {
      tell: daemonAt(address)!,
      trace: () => now,
      clock: { now: () => instant(5_000) },
      ids: { random: () => '0123456789abcdef0123456789abcdef' },
    },
    new Map([['stripe-eu', 'stripe']]),
  );

/** What arrives at the daemon's socket next: the header's line and the document. */
async function next(say: () => void): Promise<Readonly<Record<string, unknown>>> {
  const arrived = once(daemon, 'message');
  say();
  const [datagram] = (await arrived) as [Buffer];
  const [header = '', document = ''] = datagram.toString().split('\n');
  expect(JSON.parse(header)).toEqual({ format: 'json', version: 1 });
  return JSON.parse(document) as Record<string, unknown>;
}

const attempt: AttemptLine = {
  correlation: 'c-1',
  merchant: 'demo',
  connection: 'stripe-eu',
  call: 'refund',
  refund: 'rf_1',
  leg: 1,
  epoch: 1,
  sending: 2,
  outcome: 'unknown',
  code: 'timeout',
  startedAt: instant(1_000),
  tookMs: 250,
};

test('A call to a gateway arrives as a subsegment of the invocation, with its time and what it is searched by.', async () => {
  expect(await next(() => traced().attempt(attempt))).toEqual({
    type: 'subsegment',
    name: 'stripe-eu refund',
    id: '0123456789abcdef',
    trace_id: '1-5759e988-bd862e3fe1be46a994272793',
    parent_id: '53995c3f42cd8ad8',
    start_time: 1,
    end_time: 1.25,
    namespace: 'remote',
    fault: true,
    annotations: {
      refund: 'rf_1',
      leg: 1,
      gateway: 'stripe',
      attempt: '1.2',
      connection: 'stripe-eu',
      correlation: 'c-1',
      outcome: 'unknown',
    },
  });
});

test('A worker’s line is a mark with its refund; a stream of another kind is not told (F134).', async () => {
  const log = traced();
  const done = await next(() => log.note('work-done', { correlation: 'c-1', stream: 'demo#refund#rf_1' }));
  expect(done).toMatchObject({ name: 'work-done', start_time: 5, end_time: 5 });
  expect(done.annotations).toEqual({ correlation: 'c-1', refund: 'rf_1' });
  const about = { correlation: 'c-2', stream: 'demo#notice#shop-eu#private', code: 'private', merchant: 'private' };
  const seen = await next(() => log.note('notice-recorded', about));
  expect(seen.annotations).toEqual({ correlation: 'c-2' });
  expect(JSON.stringify(seen)).not.toContain('private');
});

test('An alarm about a refund, which names it by its id, is found by that refund.', async () => {
  const held = await next(() =>
    traced().alarm('refund-held', { correlation: 'c-1', stream: 'rf_1', code: 'over-limit' }),
  );
  expect(held).toMatchObject({ name: 'refund-held', annotations: { correlation: 'c-1', refund: 'rf_1' } });
});

test('What is not sampled, or of no invocation, is not sent; every line is handed on all the same.', async () => {
  const log = traced();
  const before = inner.lines.length;
  const first = await next(() => {
    for (const not of [undefined, '', sampled.replace('Sampled=1', 'Sampled=0'), 'Root=1;Parent=2;Sampled=1']) {
      now = not;
      log.attempt(attempt);
    }
    now = sampled;
    log.ended({ ...attempt, refund: 'rf_2', status: 'refunded', tookMs: 1 });
  });
  expect(first).toMatchObject({ name: 'refund.ended', annotations: { refund: 'rf_2', outcome: 'refunded' } });
  expect(inner.lines).toHaveLength(before + 5);
});

test('Without a daemon there is nothing to tell, and one that does not listen disturbs nobody.', () => {
  for (const none of [undefined, '', 'nowhere', '127.0.0.1:0', '127.0.0.1:70000'])
    expect(daemonAt(none)).toBeUndefined();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const tell = daemonAt('127.0.0.1:9')!;
  expect(() => tell({ fine: true })).not.toThrow();
  expect(() => tell(circle)).not.toThrow();
});
