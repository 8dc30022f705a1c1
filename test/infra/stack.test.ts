import { beforeAll, describe, expect, it } from 'vitest';
import { alarm, all, broken, lambda, mapping, one, queue, role, statementsIn, table } from './query.ts';
import { installed, render } from './render/render.ts';
import type { Rendered } from './render/rendered.ts';
import { productionRules, type Rule, rules } from './rules.ts';

/** Nothing can be rendered where SST's platform is not installed: `npx sst install` puts it there, and `.ci/run` does. */
if (!installed()) process.stdout.write("skipped: SST's platform is not installed, so the stack was not rendered\n");

type Json = Readonly<Record<string, unknown>>;
type Break = (rendered: Rendered) => Rendered;

const change =
  (type: string, name: string, to: (inputs: Json) => Json): Break =>
  (rendered) =>
    broken(rendered, type, name, to);
const set = (type: string, name: string, values: Json) => change(type, name, (inputs) => ({ ...inputs, ...values }));
const without =
  (type: string, name: string): Break =>
  (rendered) => {
    one(rendered, type, name);
    return { ...rendered, resources: rendered.resources.filter((each) => each.type !== type || each.name !== name) };
  };

/** The journal's own policy with another text in one place. */
const inJournalPolicy = ([from = '', to = '']: readonly string[]): Break =>
  change('aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly', (inputs) => ({
    ...inputs,
    policy: String(inputs.policy).replace(from, to),
  }));

/** A role that may do one thing more. */
const allowed = (name: string, actions: readonly string[], resources: readonly string[]): Break =>
  change(role, name, (inputs) => ({
    ...inputs,
    inlinePolicies: [
      ...((inputs.inlinePolicies as readonly Json[] | undefined) ?? []),
      { name: 'more', policy: JSON.stringify({ Statement: [{ effect: 'Allow', actions, resources }] }) },
    ],
  }));
const forbidden = (name: string): Break => set(role, name, { inlinePolicies: [] });

const account = 'arn:aws:dynamodb:eu-central-1:123456789012:Journal';
const key = 'arn:aws:kms:eu-central-1:123456789012:key/References';

/** Each rule with stacks that are broken in one place: it has to notice every one of them. */
const breaks: Readonly<Record<string, readonly Break[]>> = {
  'the program renders without a problem': [(rendered) => ({ ...rendered, problems: ['a rejection'] })],
  'tables are what the code expects': [
    set(table, 'State', { globalSecondaryIndexes: [] }),
    set(table, 'Journal', { streamViewType: 'KEYS_ONLY' }),
    set(table, 'Journal', { rangeKey: 'number' }),
    set(table, 'State', { attributes: [{ name: 'pk', type: 'S' }] }),
  ],
  'F118 tables are in one region: there is no replica that lags behind': [
    set(table, 'State', { replicas: [{ regionName: 'eu-west-1' }] }),
    set(table, 'Journal', { replicas: [{ regionName: 'eu-west-1' }] }),
  ],
  'F112 tables can be restored to any second, and nothing in them expires': [
    set(table, 'State', { pointInTimeRecovery: { enabled: false } }),
    set(table, 'Journal', { ttl: { enabled: true, attributeName: 'at' } }),
  ],
  'F141 no role may change or take away what is in the journal': [
    allowed('OperatorRole', ['dynamodb:DeleteItem'], [account]),
    allowed('OperatorRole', ['dynamodb:*'], [account]),
    allowed('AssessRole', ['dynamodb:BatchWriteItem'], ['*']),
  ],
  'those that append may append': [forbidden('AssessRole'), allowed('SweepRole', ['dynamodb:PutItem'], [account])],
  'F141 the journal itself denies to be changed': [
    set('aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly', {
      policy: JSON.stringify({ Statement: [{ Effect: 'Deny', Principal: '*', Action: ['dynamodb:DeleteItem'] }] }),
    }),
  ],
  'F141 the journal itself lets only those that append put': [
    ['"dynamodb:PutItem"', '"dynamodb:DescribeTable"'],
    ['"aws:PrincipalArn":[', '"aws:PrincipalArn":["arn:aws:iam::123456789012:role/SweepRole",'],
  ].map(inJournalPolicy),
  'the journal itself denies to be deleted or to forget': [
    ['"dynamodb:DeleteTable"', '"dynamodb:DescribeTable"'],
    ['"dynamodb:UpdateTimeToLive"', '"dynamodb:DescribeTable"'],
    ['"Sid":"Kept"', '"Sid":"Kept","Condition":{"Bool":{}}'],
  ].map(inJournalPolicy),
  'F141 no statement has a wildcard, but for traces': [
    allowed('RelayRole', ['sqs:*'], ['arn:aws:sqs:eu-central-1:123456789012:AssessQueue']),
    allowed('RelayRole', ['sqs:SendMessage'], ['*']),
  ],
  'only its service assumes a role': [
    set(role, 'ExecuteRole', {
      assumeRolePolicy: JSON.stringify({
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  ],
  'F141 each function has a role of its own': [
    (rendered) => set(lambda, 'RelayFunction', { role: one(rendered, lambda, 'AssessFunction').inputs.role })(rendered),
  ],
  'F141 only those that call gateways read their API credentials': [
    forbidden('ExecuteRole'),
    allowed('ReceiveReturnRole', ['secretsmanager:GetSecretValue'], ['*']),
    allowed('NotifyRole', ['secretsmanager:GetSecretValue'], ['*']),
  ],
  'F141 only those that ask shops read their API credentials': [
    forbidden('NotifyRole'),
    allowed('ExecuteRole', ['secretsmanager:GetSecretValue'], ['*']),
  ],
  'only assess, execute and reconcile decrypt': [
    allowed('ReceiveReturnRole', ['kms:Decrypt'], [key]),
    allowed('NotifyRole', ['kms:*'], [key]),
    forbidden('ReconcileRole'),
  ],
  'only those that store references encrypt': [allowed('NotifyRole', ['kms:GenerateDataKey'], [key])],
  'the key says so too, lets those that store encrypt, and nobody else use it': [
    change('aws:kms/keyPolicy:KeyPolicy', 'ReferencesPolicy', (inputs) => ({
      ...inputs,
      policy: String(inputs.policy).replace('"kms:DescribeKey"', '"kms:*"'),
    })),
  ],
  'the key lets the account manage it, name it and change its policy': ['kms:CreateAlias', 'kms:PutKeyPolicy'].map(
    (action) =>
      change('aws:kms/keyPolicy:KeyPolicy', 'ReferencesPolicy', (inputs) => ({
        ...inputs,
        policy: String(inputs.policy).replace(`"${action}"`, '"kms:ListGrants"'),
      })),
  ),
  'the key is turned': [set('aws:kms/key:Key', 'References', { enableKeyRotation: false })],
  'every queue has a dead-letter queue that keeps for fourteen days': [
    set(queue, 'ExecuteQueue', { redrivePolicy: undefined }),
    set(queue, 'ExecuteStripeQueue', { redrivePolicy: undefined }),
    set(queue, 'RelayDead', { messageRetentionSeconds: 3600 }),
  ],
  'a message is hidden for six times as long as its function may take': [
    set(queue, 'AssessQueue', { visibilityTimeoutSeconds: 60 }),
    set(queue, 'ExecuteStripeQueue', { visibilityTimeoutSeconds: 60 }),
    set(lambda, 'NotifyFunction', { timeout: 900 }),
  ],
  'every queue of work is read, in parts, by a bounded number of functions': [
    without(mapping, 'NotifyMessages'),
    set(mapping, 'ExecuteMessages', { functionResponseTypes: undefined }),
    set(mapping, 'ExecuteMessages', { scalingConfig: undefined }),
    set(mapping, 'ExecuteStripeMessages', { scalingConfig: undefined }),
  ],
  'each gateway has a queue for what calls it, with its own share of the same function': [
    without(queue, 'ExecuteStripeQueue'),
    set(queue, 'ExecuteStripeQueue', { name: 'redress-dev-stripe' }),
    without(mapping, 'ExecuteStripeMessages'),
    set(mapping, 'ExecuteStripeMessages', { functionName: 'redress-dev-reconcile' }),
    forbidden('RelayRole'),
  ],
  'those that send are told which gateway each account is at, and each of these has a queue': [
    ...['', 'shopify-eu=shopify', 'stripe-eu=adyen'].map((REDRESS_GATEWAYS) =>
      change(lambda, 'SweepFunction', (inputs) => ({
        ...inputs,
        environment: {
          variables: { ...(inputs.environment as { variables: Json }).variables, REDRESS_GATEWAYS },
        },
      })),
    ),
  ],
  'those that call gateways are told which gateway each account is at, for their traces': [
    change(lambda, 'ReconcileFunction', (inputs) => ({
      ...inputs,
      environment: {
        variables: { ...(inputs.environment as { variables: Json }).variables, REDRESS_GATEWAYS: undefined },
      },
    })),
  ],
  'the journal’s stream is read from its beginning, in parts, five times, and given up aloud': [
    set(mapping, 'RelayRecords', { startingPosition: 'LATEST' }),
    set(mapping, 'RelayRecords', { bisectBatchOnFunctionError: false }),
    set(mapping, 'RelayRecords', { maximumRetryAttempts: -1 }),
    set(mapping, 'RelayRecords', { destinationConfig: undefined }),
  ],
  'every function is traced, on arm64 and Node 24, and its log kept for a while': [
    set(lambda, 'AssessFunction', { tracingConfig: { mode: 'PassThrough' } }),
    set(lambda, 'AssessFunction', { architectures: ['x86_64'] }),
    (rendered) => ({
      ...rendered,
      resources: rendered.resources.map((each) =>
        each.type === 'aws:cloudwatch/logGroup:LogGroup'
          ? { ...each, inputs: { ...each.inputs, retentionInDays: 0 } }
          : each,
      ),
    }),
  ],
  'an alarm hears of every function’s errors and of what its log calls an alarm': [
    without(alarm, 'SweepErrorsAlarm'),
    without('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'TendAlarmLines'),
    without('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'ReceiveReturnAlarmLines'),
  ],
  'F1 an alarm hears where signatures do not hold, at whichever door': [
    without(alarm, 'SignaturesRefusedAlarm'),
    set(alarm, 'SignaturesRefusedAlarm', { dimensions: { Connection: 'stripe-eu' } }),
    without('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'ReceiveReturnRefusedLines'),
    without('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'ReceiveGatewayRefusedLines'),
    set('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'ReceiveReturnRefusedLines', {
      pattern: '{ $.message = "webhook-flooded" }',
    }),
    // A line stands for many: a flood has one in ten seconds.
    change('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'ReceiveGatewayRefusedLines', (inputs) => ({
      ...inputs,
      metricTransformation: { ...(inputs.metricTransformation as Json), value: '1' },
    })),
  ],
  'an alarm hears of every queue’s age and of every dead letter': [
    without(alarm, 'AssessAgeAlarm'),
    without(alarm, 'ExecuteStripeAgeAlarm'),
    without(alarm, 'ExecuteStripeDeadAlarm'),
    without(alarm, 'RelayDeadAlarm'),
    without(alarm, 'NotifyDeadAgeAlarm'),
  ],
  'an alarm hears of every clock that stands still': [
    without(alarm, 'TendSilentAlarm'),
    without(alarm, 'SweepSilentAlarm'),
    without(lambda, 'SweepFunction'),
  ],
  'F141 an alarm hears where entries are written and nobody reads them': [
    without(alarm, 'RelaySilentAlarm'),
    change(alarm, 'RelaySilentAlarm', ({ metricQueries, ...inputs }) => ({
      ...inputs,
      metricQueries: (metricQueries as readonly Json[]).filter(({ id }) => id !== 'read'),
    })),
    change(alarm, 'RelaySilentAlarm', ({ metricQueries, ...inputs }) => ({
      ...inputs,
      metricQueries: (metricQueries as readonly Json[]).map((one) => ({ ...one, expression: 'written' })),
    })),
  ],
  'F28 an alarm hears of those who are turned away before any function runs': [without(alarm, 'ApiRefusalsAlarm')],
  'F90 a function that hints itself may do so for as long as it waits': [
    without('aws:lambda/functionRecursionConfig:FunctionRecursionConfig', 'ExecuteRecursion'),
    set('aws:lambda/functionRecursionConfig:FunctionRecursionConfig', 'ExecuteRecursion', {
      recursiveLoop: 'Terminate',
    }),
    allowed('NotifyRole', ['sqs:*'], ['*']),
  ],
  'a stage’s own metrics are counted and heard apart from other stages’': [
    set(alarm, 'SaidWorkStuckAlarm', { namespace: 'Redress' }),
    set('aws:cloudwatch/logMetricFilter:LogMetricFilter', 'TendAlarmLines', {
      metricTransformation: { namespace: 'Redress/production' },
    }),
    set(lambda, 'ExecuteFunction', { environment: { variables: { REDRESS_METRICS: 'Redress' } } }),
  ],
  'every code of an alarm line has an alarm, and none has one that is never said': [
    without(alarm, 'SaidJournalTamperedAlarm'),
    set(alarm, 'SaidTellFailedAlarm', { dimensions: { Alarm: 'no-such-code' } }),
  ],
  'the dashboard asks for metrics that are counted': [
    set('aws:cloudwatch/dashboard:Dashboard', 'Dashboard', { dashboardBody: '{"widgets":[]}' }),
    change('aws:cloudwatch/dashboard:Dashboard', 'Dashboard', ({ dashboardBody, ...inputs }) => ({
      ...inputs,
      dashboardBody: String(dashboardBody).replace('RefundSuccess', 'RefundSuccesses'),
    })),
  ],
  'each alarm tells somebody, and where the runbook says what to do': [
    set(alarm, 'ApiErrorsAlarm', { alarmActions: [] }),
    set(alarm, 'ApiErrorsAlarm', { alarmDescription: 'docs/runbook.md#nowhere' }),
  ],
  'webhooks come in by their own routes, and everything else needs a token': [
    set('aws:apigatewayv2/route:Route', 'ApiRouteOperatorRoute', { authorizationType: 'NONE' }),
    without('aws:apigatewayv2/route:Route', 'ApiRouteReturnsRoute'),
  ],
  'every route is throttled': [set('aws:apigatewayv2/stage:Stage', 'ApiStage', { routeSettings: [] })],
  'a stage is made after the routes whose bounds it has': [
    (rendered) => ({
      ...rendered,
      resources: rendered.resources.map((each) => (each.name === 'ApiStage' ? { ...each, after: [] } : each)),
    }),
    without('aws:apigatewayv2/route:Route', 'ApiRouteReturnsRoute'),
  ],
  'what runs by the clock runs one at a time': [set(lambda, 'SweepFunction', { reservedConcurrentExecutions: -1 })],
  'F125 the doors and the executor run whatever else does, and no queue is promised more of it': [
    set(lambda, 'ReceiveReturnFunction', { reservedConcurrentExecutions: -1 }),
    set(lambda, 'ExecuteFunction', { reservedConcurrentExecutions: 5 }),
    set(mapping, 'ExecuteStripeMessages', { scalingConfig: { maximumConcurrency: 50 } }),
  ],
  'F125 an alarm hears where a function is turned away, unless the clock comes again': [
    without(alarm, 'AssessThrottledAlarm'),
  ],
  'what runs by the clock and fails is left to the next time': [
    without('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', 'SweepEventInvokeConfig'),
    set('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', 'TendEventInvokeConfig', {
      maximumRetryAttempts: 2,
    }),
  ],
  'secrets reach no function’s settings': [
    set(lambda, 'OperatorFunction', { environment: { variables: { REDRESS_KEY: 'sk_live_x' } } }),
  ],
};

describe.skipIf(!installed())('the stack', () => {
  let rendered: Readonly<Record<'dev' | 'production', Rendered>>;
  beforeAll(async () => {
    const [dev, production] = await Promise.all([render({ stage: 'dev' }), render({ stage: 'production' })]);
    rendered = { dev, production };
  });

  describe.each(['dev', 'production'] as const)('of the stage %s', (stage) => {
    it.each(Object.entries(rules))('%s', (_, rule) => {
      expect(rule(rendered[stage])).toEqual([]);
    });
  });

  it.each(Object.entries(productionRules))('of production: %s', (_, rule) => {
    expect(rule(rendered.production)).toEqual([]);
    expect(rule(rendered.dev)).not.toEqual([]);
  });

  it('has every function that there is a root of', () => {
    expect(all(rendered.dev, lambda)).toHaveLength(10);
  });

  it('is the same each time', async () => {
    const again = await render({ stage: 'dev' });
    const told = ({ resources }: Rendered) =>
      resources.map((each) => JSON.stringify([each.type, each.name, each.inputs])).sort();
    expect(told(again)).toEqual(told(rendered.dev));
  });

  describe('that is broken', () => {
    it('is broken for every rule', () => {
      expect(Object.keys(breaks).sort()).toEqual(Object.keys(rules).sort());
    });

    const cases = Object.entries(breaks).flatMap(([name, all]) =>
      all.map((one, index) => [name, index + 1, one, rules[name] as Rule] as const),
    );
    it.each(cases)('is noticed: not "%s" (%i)', (_, __, breaking, rule) => {
      expect(rule(breaking(rendered.dev))).not.toEqual([]);
    });

    it('lets only the stated role alter the journal’s table, and takes no session for a role', async () => {
      const deployer = 'arn:aws:iam::123456789012:role/deploy';
      const stated = await render({ stage: 'dev', env: { REDRESS_DEPLOYER_ROLE: deployer } });
      const { inputs } = one(stated, 'aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly');
      expect(statementsIn(inputs.policy)).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: ['dynamodb:UpdateTable'],
          Condition: { ArnNotEquals: { 'aws:PrincipalArn': deployer } },
        }),
      );
      const session = 'arn:aws:sts::123456789012:assumed-role/deploy/me';
      const { settings } = (await import(new URL('../../stacks/settings.ts', import.meta.url).href)) as {
        readonly settings: (env: Readonly<Record<string, string>>) => unknown;
      };
      const env = {
        REDRESS_CONNECTIONS: 'stripe-eu=stripe',
        REDRESS_TOKEN_ISSUER: 'https://issuer.example',
        REDRESS_TOKEN_AUDIENCE: 'redress',
        REDRESS_TOKEN_KEYS: '{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}',
      };
      expect(() => settings({ ...env, REDRESS_DEPLOYER_ROLE: session })).toThrow('must be the ARN of an IAM role');
      expect(() => settings({ ...env, REDRESS_CONNECTIONS: 'shopify-eu=shopify' })).toThrow(
        'names no account at a gateway (stripe)',
      );
    });

    it('says what is missing, where it can’t be rendered', async () => {
      const failed = await render({ stage: 'dev', env: { REDRESS_CONNECTIONS: '' } });
      expect(failed.problems.join()).toContain('Set REDRESS_CONNECTIONS before you deploy');
      const unnamed = await render({
        stage: 'dev',
        patches: { 'stacks/operator.ts': (text) => text.replace("fn('operator'", "fn('operators'") },
      });
      expect(unnamed.problems.join()).toContain('there is no functions/wire/operators.handler');
      const whole = await render({
        stage: 'dev',
        patches: {
          'stacks/function.ts': (text) => text.replace('nodejs: bundling', 'nodejs: { ...bundling, splitting: false }'),
        },
      });
      expect(whole.problems.join()).toContain('is not bundled as stacks/bundle.ts says');
    });
  });
});
