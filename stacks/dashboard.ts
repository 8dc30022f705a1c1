/// <reference path="../.sst/platform/config.d.ts" />
import { alarmCodes, type Watched } from './alarms.ts';
import { metricNamespace, named } from './settings.ts';

/** One page of questions, in the order in which somebody who was woken asks them. */
export function dashboard({ functions, queues, relayDead }: Watched): void {
  const region = aws.getRegionOutput().region;
  const names = $util.all(Object.values(functions).map((made) => made.name));
  const logGroups = $util.all(Object.values(functions).map((made) => $interpolate`/aws/lambda/${made.name}`));
  const queueNames = $util.all(Object.values(queues).map(({ queue }) => queue.name));
  const deadNames = $util.all([...Object.values(queues).map(({ dead }) => dead.name), relayDead.name]);
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
    who: ask(
      "filter message = 'gateway.attempt' | stats count() as requests, sum(outcome = 'unknown') as unknown, sum(outcome = 'refused') as refused, pct(tookMs, 50) as p50ms, pct(tookMs, 99) as p99ms by connection, call",
    ),
    since: ask(
      "filter message = 'gateway.attempt' | stats sum(outcome = 'unknown') / count() as unknownShare by connection, bin(5m)",
    ),
    why: ask('filter ispresent(alarm) | stats count() as times, latest(@timestamp) as last by alarm, code'),
    held: ask("filter alarm = 'refund-held' | stats count() as held by code, bin(1h)"),
    door: ask(
      "filter message in ['webhook-rejected', 'webhook-flooded'] | stats count() as refused by connection, code",
    ),
  };
};

function widgets(of: Names): object[] {
  const question = asked(of.groups);
  const metrics = (title: string, list: readonly (readonly unknown[])[], stat: string) => ({
    type: 'metric',
    width: 12,
    height: 6,
    properties: { title, region: of.at, metrics: list, stat, period: 300, view: 'timeSeries' },
  });
  const logs = (title: string, query: string, view = 'table') => ({
    type: 'log',
    width: 12,
    height: 6,
    properties: { title, region: of.at, query, view },
  });
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
    logs('Which gateway?', question.who),
    logs('Since when?', question.since, 'timeSeries'),
    logs('Why?', question.why),
    logs('What is held, and for what?', question.held, 'bar'),
    metrics(
      'What was given up? Dead letters',
      of.dead.map((name) => ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', name]),
      'Maximum',
    ),
    logs('Who knocks and is refused?', question.door),
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
