/// <reference path="../.sst/platform/config.d.ts" />
import { type Queue, title, workerSeconds } from './queues.ts';
import { metricNamespace, named, type Settings } from './settings.ts';

export interface Watched {
  readonly functions: Readonly<Record<string, sst.aws.Function>>;
  readonly queues: readonly Queue[];
  readonly relayDead: aws.sqs.Queue;
  /** The journal's table. */
  readonly journal: $util.Input<string>;
  readonly api: sst.aws.ApiGatewayV2;
  readonly settings: Settings;
}

/** Every code that `Log.alarm` takes (`lib/app/ports/log.ts`); a test holds one list against the other. */
export const alarmCodes = [
  'account-stopped',
  'restore-pending',
  'breaker-opened',
  'clock-skewed',
  'clock-wrong',
  'connection-wrong',
  'credential-refused',
  'dispute-lost',
  'dispute-opened',
  'echo-mismatch',
  'elsewhere-failed',
  'fraud-warning',
  'funds-missing',
  'hold-overdue',
  'journal-tampered',
  'lost-at-gateway',
  'newer-version',
  'notice-conflict',
  'notice-quarantined',
  'payment-overdrawn',
  'poison-message',
  'refund-held',
  'subscription-missing',
  'subscription-refused',
  'tell-failed',
  'tending-overdue',
  'two-refunds-for-one-leg',
  'work-stuck',
] as const;

const clocks: readonly string[] = ['sweep', 'tend'];
const doors: readonly string[] = ['receive-return', 'receive-gateway'];

const fiveMinutes = 300;
const anHour = 3600;

/** Whatever somebody has to look at, in one topic; each says where the runbook tells what to do. */
export function alarms(watched: Watched): void {
  const topic = new aws.sns.Topic('AlarmTopic', { name: named('alarms') });
  if (watched.settings.alarmMail !== undefined)
    new aws.sns.TopicSubscription('AlarmMail', {
      topic: topic.arn,
      protocol: 'email',
      endpoint: watched.settings.alarmMail,
    });
  const alarm = alarmsTo(topic);
  for (const [name, made] of Object.entries(watched.functions)) {
    alarm(`${name}-errors`, 'function-errors', {
      ...of('AWS/Lambda', 'Errors', { FunctionName: made.name }),
      statistic: 'Sum',
      threshold: 1,
    });
    // One that runs alone by the clock is turned away when it still runs, and comes again.
    if (!clocks.includes(name))
      alarm(`${name}-throttled`, 'throttled', {
        ...of('AWS/Lambda', 'Throttles', { FunctionName: made.name }),
        statistic: 'Sum',
        threshold: 10,
      });
    logAlarms(name, made);
    if (doors.includes(name)) logRefusals(name, made);
  }
  for (const { name, queue, dead } of watched.queues) {
    alarm(`${name}-age`, 'queue-age', {
      ...of('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queue.name }),
      statistic: 'Maximum',
      threshold: mostAgeSeconds(name),
    });
    alarm(`${name}-dead`, 'dead-letters', deadLettersIn(dead));
    alarm(`${name}-dead-age`, 'dead-letters', oldestIn(dead));
  }
  alarm('relay-dead', 'dead-letters', deadLettersIn(watched.relayDead));
  alarm('relay-dead-age', 'dead-letters', oldestIn(watched.relayDead));
  alarm('relay-behind', 'relay-behind', {
    ...of('AWS/Lambda', 'IteratorAge', { FunctionName: fnName(watched, 'relay') }),
    statistic: 'Maximum',
    threshold: 5 * 60 * 1000,
  });
  alarm('relay-silent', 'relay-silent', { ...relaySilent(watched), threshold: 1 });
  alarm('sweep-silent', 'sweep-silent', notRunning(watched, 'sweep', fiveMinutes));
  // It comes every quarter of an hour.
  alarm('tend-silent', 'tend-silent', notRunning(watched, 'tend', anHour));
  apiAlarms(alarm, watched);
  alarm('signatures-refused', 'signatures-refused', refused());
  for (const code of alarmCodes)
    alarm(`said-${code}`, code, {
      ...of(metricNamespace(), 'Alarms', { Alarm: code }),
      statistic: 'Sum',
      threshold: 1,
    });
}

function apiAlarms(alarm: ReturnType<typeof alarmsTo>, { api }: Watched): void {
  alarm('api-errors', 'api-errors', {
    ...of('AWS/ApiGateway', '5xx', { ApiId: api.nodes.api.id }),
    statistic: 'Sum',
    threshold: 5,
  });
  // Who is turned away before any function runs stands in no log of ours. AWS may leave many of the 429 out of this metric; what gets in and
  // is refused counts all the same.
  alarm('api-refusals', 'api-refusals', {
    ...of('AWS/ApiGateway', '4xx', { ApiId: api.nodes.api.id }),
    statistic: 'Sum',
    threshold: 500,
  });
}

type Dimensions = Readonly<Record<string, $util.Input<string>>>;

const of = (namespace: string, metricName: string, dimensions: Dimensions) => ({ namespace, metricName, dimensions });

const fnName = ({ functions }: Watched, name: string): $util.Input<string> => functions[name]?.name ?? '';

/** What does not run has no errors. */
const notRunning = (watched: Watched, name: string, period: number) => ({
  ...of('AWS/Lambda', 'Invocations', { FunctionName: fnName(watched, name) }),
  statistic: 'Sum',
  threshold: 1,
  period,
  comparisonOperator: 'LessThanThreshold',
  treatMissingData: 'breaching',
});

/**
 * Entries were written, and nobody read one of them: a mapping that is off has no errors and no age, and with it nobody sees an entry that was
 * changed. A shop may be quiet, so that silence alone says nothing; nor does one window: a repetition that was refused counts as written, too,
 * and what is written at the end of one is read in the next.
 */
const relaySilent = (watched: Watched) => {
  const metric = (id: string, what: ReturnType<typeof of>) => ({
    id,
    metric: { ...what, stat: 'Sum', period: fiveMinutes },
  });
  return {
    evaluationPeriods: 12,
    datapointsToAlarm: 3,
    metricQueries: [
      metric('written', of('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', { TableName: watched.journal })),
      metric('read', of('AWS/Lambda', 'Invocations', { FunctionName: fnName(watched, 'relay') })),
      {
        id: 'unread',
        expression: 'IF(FILL(written, 0) > 0 AND FILL(read, 0) < 1, 1, 0)',
        label: 'written and not read',
        returnData: true,
      },
    ],
  };
};

/** Two visibilities: what is older was tried, or nobody comes for it. To itself `execute` sends hints for later, which may count from then on. */
const mostAgeSeconds = (name: string): number => 2 * 6 * workerSeconds + (name.startsWith('execute') ? 15 * 60 : 0);

const deadLettersIn = (dead: aws.sqs.Queue) => ({
  ...of('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: dead.name }),
  statistic: 'Maximum',
  threshold: 1,
});

/** Nine days of the fourteen that a message is kept. */
const oldestIn = (dead: aws.sqs.Queue) => ({
  ...of('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: dead.name }),
  statistic: 'Maximum',
  threshold: 9 * 24 * 60 * 60,
});

/**
 * Who has the secret is refused never. Who lacks it, and doubles its wait from ten seconds on, is five times within three minutes, and a
 * shop that sends little within the hour; one try by hand wakes nobody.
 */
const refused = () => ({
  ...of(metricNamespace(), refusals, {}),
  statistic: 'Sum',
  threshold: 5,
  period: anHour,
});

type AlarmOf = Omit<aws.cloudwatch.MetricAlarmArgs, 'comparisonOperator' | 'evaluationPeriods'> & {
  readonly comparisonOperator?: string;
  readonly evaluationPeriods?: number;
};

const alarmsTo = (topic: aws.sns.Topic) => (name: string, anchor: string, args: AlarmOf) =>
  new aws.cloudwatch.MetricAlarm(`${title(name)}Alarm`, {
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'notBreaching',
    // Each metric of an expression has its own.
    ...(args.metricQueries === undefined && { period: fiveMinutes }),
    evaluationPeriods: 1,
    ...args,
    name: named(name),
    alarmDescription: `docs/runbook.md#${anchor}`,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });

/** Alarm lines of a function's log, counted by their code. */
const logAlarms = (name: string, made: sst.aws.Function): void =>
  counted(name, made, {
    what: 'alarm-lines',
    pattern: '{ $.alarm = "*" }',
    metric: { name: 'Alarms', value: '1', dimensions: { Alarm: '$.alarm' } },
  });

const refusals = 'SignaturesRefused';

/**
 * Webhooks whose signature does not hold, of all connections together: an alarm is on one metric, `SignatureFailures` is one for each
 * connection and reason, and the stack knows only those connections that call out. A line stands for as many as its `count`.
 */
const logRefusals = (name: string, made: sst.aws.Function): void =>
  counted(name, made, {
    what: 'refused-lines',
    pattern: '{ $.message = "webhook-rejected" }',
    metric: { name: refusals, value: '$.count' },
  });

interface Counting {
  readonly what: string;
  readonly pattern: string;
  readonly metric: Omit<aws.types.input.cloudwatch.LogMetricFilterMetricTransformation, 'namespace'>;
}

/** Lines of a function's log, as a metric of this stage. */
function counted(name: string, made: sst.aws.Function, { what, pattern, metric }: Counting): void {
  new aws.cloudwatch.LogMetricFilter(title(`${name}-${what}`), {
    name: named(`${name}-${what}`),
    logGroupName: $util
      .output(made.nodes.logGroup)
      .apply((group) => (group === undefined ? $util.output('') : group.name)),
    pattern,
    metricTransformation: { namespace: metricNamespace(), ...metric },
  });
}
