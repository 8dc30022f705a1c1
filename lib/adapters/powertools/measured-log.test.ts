import { expect, test } from 'vitest';
import type { AttemptLine, EndedLine } from '../../app/ports/log.ts';
import { instant } from '../../domain/time.ts';
import { memoryLog } from '../memory/log.ts';
import { measuredLog, metricsOf } from './measured-log.ts';

interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** A measured log, and what it wrote for CloudWatch: each metric with its value and dimensions. */
function measured() {
  const written: string[] = [];
  const metrics = metricsOf('Redress/test');
  // Powertools writes to its own console and has no setting for it.
  Reflect.set(metrics, 'console', { log: (line: string) => void written.push(line) });
  const inner = memoryLog();
  const told = () =>
    written.flatMap((line) => {
      const emf = JSON.parse(line) as Emf;
      const [{ Namespace, Dimensions, Metrics } = { Namespace: '', Dimensions: [], Metrics: [] }] =
        emf._aws.CloudWatchMetrics;
      expect(Namespace).toBe('Redress/test');
      expect(Dimensions).toHaveLength(1);
      const names = Dimensions[0] ?? [];
      return Metrics.map(({ Name }) => [Name, emf[Name], names.map((name) => emf[name]).join(' ')]);
    });
  return { log: measuredLog(inner, metrics), inner, written, told };
}

const attempt: AttemptLine = {
  correlation: 'c-1',
  merchant: 'demo',
  connection: 'stripe-eu',
  call: 'refund',
  refund: 'rf_1',
  leg: 1,
  outcome: 'accepted',
  startedAt: instant(0),
  tookMs: 120,
};

const ended: EndedLine = {
  correlation: 'c-1',
  merchant: 'demo',
  refund: 'rf_1',
  status: 'refunded',
  connection: 'stripe-eu',
  tookMs: 4200,
};

test.each<readonly [Partial<AttemptLine>, number]>([
  [{ outcome: 'accepted' }, 1],
  [{ outcome: 'refused', code: 'charge_already_refunded' }, 1],
  [{ outcome: 'unknown', code: 'in-progress' }, 1],
  [{ outcome: 'unknown', code: 'timeout' }, 0],
  [{ outcome: 'unknown', code: 'server-error' }, 0],
  [{ call: 'find', outcome: 'cannot-tell', code: 'connection' }, 0],
  [{ call: 'find', outcome: 'cannot-tell', code: 'other-object' }, 1],
])('An attempt that is %j says whether the gateway was there, and how long it took.', (line, available) => {
  const { log, told } = measured();
  log.attempt({ ...attempt, ...line });
  const of = `stripe-eu ${line.call ?? 'refund'}`;
  expect(told().slice(0, 2)).toEqual([
    ['GatewayLatency', 120, of],
    ['GatewayAvailability', available, of],
  ]);
});

test('F35 An unknown outcome of a refund is counted by its reason, and of a question it is not.', () => {
  const { log, told } = measured();
  log.attempt({ ...attempt, outcome: 'unknown', code: 'timeout' });
  log.attempt({ ...attempt, call: 'look', outcome: 'cannot-tell', code: 'timeout' });
  expect(told().filter(([name]) => name === 'UnknownOutcomes')).toEqual([['UnknownOutcomes', 1, 'stripe-eu timeout']]);
});

test('What was not started says nothing of a gateway, and a shop is no gateway.', () => {
  const { log, told } = measured();
  log.attempt({ ...attempt, outcome: 'refused', code: 'not-started' });
  expect(told()).toEqual([]);
  log.attempt({ ...attempt, connection: 'shop-eu', call: 'confirm', outcome: 'confirmed' });
  expect(told().map(([name]) => name)).toEqual(['ShopLatency', 'ShopAvailability']);
});

test.each([
  ['status-401', 0],
  ['status-503', 0],
  ['timeout', 0],
  ['status-429', 1],
  ['throttled', 1],
])('A shop that answers %s is counted as %i.', (code, available) => {
  const { log, told } = measured();
  log.attempt({ ...attempt, connection: 'shop-eu', call: 'confirm', outcome: 'cannot-tell', code });
  expect(told()).toContainEqual(['ShopAvailability', available, 'shop-eu confirm']);
});

test.each<readonly [Partial<EndedLine>, readonly (readonly unknown[])[]]>([
  [
    {},
    [
      ['RefundSuccess', 1, 'stripe-eu'],
      ['RefundProcessingTime', 4200, 'stripe-eu'],
    ],
  ],
  [
    { status: 'failed', reason: 'expired_or_canceled_card' },
    [['RefundFailure', 1, 'stripe-eu expired_or_canceled_card']],
  ],
  [{ status: 'denied', reason: 'by-person' }, [['RefundsDecidedAgainst', 1, 'by-person']]],
  [{ status: 'cancelled' }, [['RefundsDecidedAgainst', 1, 'cancelled']]],
])('A refund that ended as %j is counted once.', (line, metrics) => {
  const { log, told } = measured();
  log.ended({ ...ended, ...line });
  expect(told()).toEqual(metrics);
});

test('Holds, breakers and refused signatures are counted; a breaker that closes is at zero again.', () => {
  const { log, told } = measured();
  log.alarm('refund-held', { stream: 'rf_1', code: 'above-limit' });
  log.alarm('breaker-opened', { connection: 'stripe-eu' });
  log.note('breaker-closed', { connection: 'stripe-eu' });
  log.alarm('credential-refused', { connection: 'stripe-us' });
  log.note('webhook-rejected', { connection: 'shop-eu', code: 'mismatch', count: 40 });
  expect(told()).toEqual([
    ['RefundsHeld', 1, 'above-limit'],
    ['BreakerOpen', 1, 'stripe-eu'],
    ['BreakerOpen', 0, 'stripe-eu'],
    ['BreakerOpen', 1, 'stripe-us'],
    ['SignatureFailures', 40, 'shop-eu mismatch'],
  ]);
});

test('F134 Everything is handed on, and no metric carries an id of anybody.', () => {
  const { log, inner, written } = measured();
  log.attempt(attempt);
  log.ended(ended);
  log.alarm('refund-held', { stream: 'demo#refund#rf_1', correlation: 'c-1', code: 'above-limit' });
  log.note('webhook-rejected', { connection: 'shop-eu', correlation: 'c-1', code: 'mismatch', count: 1 });
  expect(inner.lines.map(({ is }) => is)).toEqual(['attempt', 'ended', 'alarm', 'note']);
  expect(written).toHaveLength(4);
  expect(written.join()).not.toMatch(/rf_1|c-1|demo/);
});
