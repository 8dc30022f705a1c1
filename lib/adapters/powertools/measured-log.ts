import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AttemptLine, EndedLine, Log } from '../../app/ports/log.ts';

/**
 * The port `Log` that counts what it is told and hands it on: one line of CloudWatch's embedded metric format for each. Dimensions are
 * connections, calls and codes of closed lists, so that nothing makes metrics without end.
 */
export const measuredLog = (log: Log, metrics: Metrics): Log => ({
  attempt: (line) => {
    log.attempt(line);
    ofAttempt(metrics, line);
  },
  alarm: (code, about) => {
    log.alarm(code, about);
    if (code === 'refund-held') count(metrics, 'RefundsHeld', 1, { Reason: about.code });
    // A credential that is refused opens it too, and is said by a name of its own.
    if (code === 'breaker-opened' || code === 'credential-refused')
      count(metrics, 'BreakerOpen', 1, { Connection: about.connection });
  },
  note: (code, about) => {
    log.note(code, about);
    if (code === 'breaker-closed') count(metrics, 'BreakerOpen', 0, { Connection: about.connection });
    if (code === 'webhook-rejected')
      count(metrics, 'SignatureFailures', about.count ?? 1, { Connection: about.connection, Reason: about.code });
  },
  ended: (line) => {
    log.ended(line);
    ofEnd(metrics, line);
  },
});

/** For one stage: two in one account must not count together. Without the dimension of a service, which would cut every number in pieces. */
export function metricsOf(namespace: string): Metrics {
  const metrics = new Metrics({ namespace });
  metrics.clearDefaultDimensions();
  return metrics;
}

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];
type Dimensions = Readonly<Record<string, string | undefined>>;

/** Written at once and by itself, so that what runs beside it adds nothing to it. */
function count(
  metrics: Metrics,
  name: string,
  value: number,
  dimensions: Dimensions,
  unit: Unit = MetricUnit.Count,
): void {
  emit(metrics, [[name, unit, value]], dimensions);
}

function emit(
  metrics: Metrics,
  values: readonly (readonly [name: string, unit: Unit, value: number])[],
  dimensions: Dimensions,
): void {
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value || 'none');
  for (const [name, unit, value] of values) metrics.addMetric(name, unit, value);
  metrics.publishStoredMetrics();
}

const ofGateways: ReadonlySet<AttemptLine['call']> = new Set(['refund', 'find', 'look', 'identify']);

/** Why an answer is none: the breaker counts the same. A request that is still being executed is a word of a gateway that works. */
const silence: ReadonlySet<string> = new Set(['timeout', 'connection', 'server-error', 'unreadable', 'redirected']);

/** A shop that refuses our credential or fails has no breaker that would say so: this is what tells; one that asks for patience is there. */
const saidByStatus = (code: string): boolean => code.startsWith('status-') && code !== 'status-429';

function ofAttempt(metrics: Metrics, { call, connection, outcome, code = '', tookMs }: AttemptLine): void {
  // Nothing was asked.
  if (code === 'not-started') return;
  const whose = ofGateways.has(call) ? 'Gateway' : 'Shop';
  const doubtful = outcome === 'unknown' || outcome === 'cannot-tell';
  emit(
    metrics,
    [
      [`${whose}Latency`, MetricUnit.Milliseconds, tookMs],
      [`${whose}Availability`, MetricUnit.Count, doubtful && (silence.has(code) || saidByStatus(code)) ? 0 : 1],
    ],
    { Connection: connection, Call: call },
  );
  if (call === 'refund' && outcome === 'unknown')
    count(metrics, 'UnknownOutcomes', 1, { Connection: connection, Reason: code });
}

/** What people decided against is no failure of ours or of a gateway's. */
function ofEnd(metrics: Metrics, { status, reason, connection = 'several', tookMs }: EndedLine): void {
  switch (status) {
    case 'refunded':
    case 'partly-refunded':
      emit(
        metrics,
        [
          ['RefundSuccess', MetricUnit.Count, 1],
          ['RefundProcessingTime', MetricUnit.Milliseconds, tookMs],
        ],
        { Connection: connection },
      );
      return;
    case 'failed':
      count(metrics, 'RefundFailure', 1, { Connection: connection, Reason: reason });
      return;
    case 'denied':
    case 'cancelled':
      count(metrics, 'RefundsDecidedAgainst', 1, { Reason: reason ?? status });
  }
}
