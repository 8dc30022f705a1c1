/// <reference path="../.sst/platform/config.d.ts" />
import { alarmCodes, type Watched } from './alarms.ts';
import { metricNamespace, named } from './settings.ts';

/** One page of questions, in the order in which somebody who was woken asks them. */
export function dashboard({ functions, queues, relayDead }: Watched): void {
  const region = aws.getRegionOutput().region;
  const names = $util.all(Object.values(functions).map((made) => made.name));
  const logGroups = $util.all(Object.values(functions).map((made) => $interpolate`/aws/lambda/${made.name}`));
  const queueNames = $util.all(queues.map(({ queue }) => queue.name));
  const deadNames = $util.all([...queues.map(({ dead }) => dead.name), relayDead.name]);
  const body = $util
    .all([region, names, logGroups, queueNames, deadNames])
    .apply(([at, functionNames, groups, alive, dead]) =>
      JSON.stringify({ widgets: widgets({ at, functionNames, groups, alive, dead }) }),
    );
  new aws.cloudwatch.Dashboard('Dashboard', { dashboardName: named('refunds'), dashboardBody: body });
}

interface Names {
  readonly at: string;
  readonly functionNames: readonly string[];
  readonly groups: readonly string[];
  readonly alive: readonly string[];
  readonly dead: readonly string[];
}

/** Questions that logs answer, in CloudWatch's query language, over the fields of `Log` (`lib/app/ports/log.ts`). */
const asked = (groups: readonly string[]) => {
  const from = groups.map((group) => `SOURCE '${group}'`).join(' | ');
  const ask = (query: string) => `${from} | ${query}`;
  return {
    why: ask('filter ispresent(alarm) | stats count() as times, latest(@timestamp) as last by alarm, code'),
    door: ask(
      "filter message in ['webhook-rejected', 'webhook-flooded'] | stats count() as refused by connection, code",
    ),
  };
};

interface Found {
  readonly name: string;
  /** Its dimensions, as `measured-log.ts` has them. */
  readonly by: string;
  readonly stat: string;
}

const search = (name: string, by: string, stat: string): string =>
  `SEARCH('{"${metricNamespace()}",${by}} MetricName="${name}"', '${stat}', 300)`;

/** The kinds of widgets, in one region. */
const drawnIn = (region: string) => ({
  metrics: (title: string, list: readonly (readonly unknown[])[], stat: string) => ({
    type: 'metric',
    width: 12,
    height: 6,
    properties: { title, region, metrics: list, stat, period: 300, view: 'timeSeries' },
  }),
  logs: (title: string, query: string, view = 'table') => ({
    type: 'log',
    width: 12,
    height: 6,
    properties: { title, region, query, view },
  }),
  /** Of ours, for every connection, call or reason that there is: CloudWatch finds them by their dimensions. */
  found: (title: string, list: readonly Found[]) => ({
    type: 'metric',
    width: 12,
    height: 6,
    properties: {
      title,
      region,
      metrics: list.map(({ name, by, stat }) => [{ expression: search(name, by, stat) }]),
      period: 300,
      view: 'timeSeries',
    },
  }),
});

function widgets(of: Names): object[] {
  const question = asked(of.groups);
  const { metrics, logs, found } = drawnIn(of.at);
  return [
    metrics(
      'What asks for a person?',
      alarmCodes.map((code) => [metricNamespace(), 'Alarms', 'Alarm', code]),
      'Sum',
    ),
    metrics(
      'Is money stuck? Age of the oldest work, in seconds',
      of.alive.map((name) => ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', name]),
      'Maximum',
    ),
    found('Which gateway, and since when? 1 where it answers', [
      { name: 'GatewayAvailability', by: 'Connection,Call', stat: 'Average' },
      { name: 'BreakerOpen', by: 'Connection', stat: 'Maximum' },
    ]),
    found('How slow is it? Milliseconds, one of a hundred is slower', [
      { name: 'GatewayLatency', by: 'Connection,Call', stat: 'p99' },
    ]),
    found('What do we not know? Requests without an outcome', [
      { name: 'UnknownOutcomes', by: 'Connection,Reason', stat: 'Sum' },
    ]),
    found('Do refunds succeed?', [
      { name: 'RefundSuccess', by: 'Connection', stat: 'Sum' },
      { name: 'RefundFailure', by: 'Connection,Reason', stat: 'Sum' },
    ]),
    found('How long does a customer wait? Milliseconds from the refund’s first entry', [
      { name: 'RefundProcessingTime', by: 'Connection', stat: 'p50' },
      { name: 'RefundProcessingTime', by: 'Connection', stat: 'p99' },
    ]),
    found('What is held, and for what?', [{ name: 'RefundsHeld', by: 'Reason', stat: 'Sum' }]),
    logs('Why?', question.why),
    metrics(
      'What was given up? Dead letters',
      of.dead.map((name) => ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', name]),
      'Maximum',
    ),
    found('Whose signatures do not hold?', [{ name: 'SignatureFailures', by: 'Connection,Reason', stat: 'Sum' }]),
    logs('Who knocks and is refused?', question.door),
    found('Do shops answer? 1 where they do', [{ name: 'ShopAvailability', by: 'Connection,Call', stat: 'Average' }]),
    metrics(
      'Do our functions fail?',
      of.functionNames.map((name) => ['AWS/Lambda', 'Errors', 'FunctionName', name]),
      'Sum',
    ),
    metrics(
      'How much comes in, and is it usual?',
      of.functionNames.map((name) => ['AWS/Lambda', 'Invocations', 'FunctionName', name]),
      'Sum',
    ),
  ];
}
