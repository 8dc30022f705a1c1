import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableSchemas } from '../../lib/adapters/aws/table-schemas.ts';
import { gatewayPlatforms } from '../../lib/adapters/gateways/platforms.ts';
import { alarm, all, lambda, mapping, one, queue, role, statements, statementsIn, table, whoMay } from './query.ts';
import type { Rendered, Resource } from './render/rendered.ts';
import { root } from './render/root.ts';

/** What must hold of any stage: a sentence, and what breaks it in a rendered program, each as a line that names the resource. */
export type Rule = (rendered: Rendered) => readonly string[];

type Json = Readonly<Record<string, unknown>>;

const arnOf = (rendered: Rendered, type: string, name: string) => String(one(rendered, type, name).outputs.arn);
const json = (value: unknown): Json =>
  typeof value === 'string' ? (JSON.parse(value) as Json) : ((value ?? {}) as Json);
const isDead = ({ name }: Resource) => name.endsWith('Dead');
const changing = ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete'].map(
  (action) => `dynamodb:${action}`,
);
const put = 'dynamodb:PutItem';
const callers = ['Assess', 'Execute', 'Notify', 'Reconcile', 'Tend'];
const appending = [...callers, 'Operator', 'ReceiveGateway', 'ReceiveReturn'];

/** Those that store payment references, or may have to. */
const sealing = ['Assess', 'Execute', 'Operator', 'ReceiveGateway', 'ReceiveReturn', 'Reconcile', 'Tend'];

/** Nobody but these, and each of them: a rule that nothing is allowed to would hold of an empty stack. */
const exactly = (who: readonly string[], expected: readonly string[], what: string): readonly string[] => {
  const roles = expected.map((name) => `${name}Role`);
  return [
    ...who.filter((name) => !roles.includes(name)).map((name) => `${name} may ${what}`),
    ...roles.filter((name) => !who.includes(name)).map((name) => `${name} may not ${what}`),
  ];
};

const readers = (rendered: Rendered, secret: string) =>
  whoMay(rendered, ['secretsmanager:GetSecretValue'], arnOf(rendered, 'aws:secretsmanager/secret:Secret', secret));

const withAlarm = (rendered: Rendered, metric: string, dimension: string, value: unknown): boolean =>
  all(rendered, alarm).some(
    ({ inputs }) => inputs.metricName === metric && (inputs.dimensions as Json | undefined)?.[dimension] === value,
  );

const sameAsSchema = (made: Resource, schema: ReturnType<typeof tableSchemas>['journal']): readonly string[] => {
  const { inputs } = made;
  const attributes = (inputs.attributes as readonly Json[]).map(({ name, type }) => `${name} ${type}`).sort();
  const expected = (schema.AttributeDefinitions ?? []).map((one) => `${one.AttributeName} ${one.AttributeType}`).sort();
  const keys = [inputs.hashKey, inputs.rangeKey].filter((key) => key !== undefined);
  const indexes = ((inputs.globalSecondaryIndexes ?? []) as readonly Json[])
    .map((index) => `${index.name} ${index.hashKey} ${index.rangeKey} ${index.projectionType}`)
    .sort();
  const expectedIndexes = (schema.GlobalSecondaryIndexes ?? [])
    .map((index) => {
      const [hash, range] = index.KeySchema ?? [];
      return `${index.IndexName} ${hash?.AttributeName} ${range?.AttributeName} ${index.Projection?.ProjectionType}`;
    })
    .sort();
  const stream = schema.StreamSpecification?.StreamViewType;
  return [
    ...(String(attributes) === String(expected) ? [] : [`${made.name} has the attributes ${attributes}`]),
    ...(String(keys) === String(schema.KeySchema?.map((key) => key.AttributeName))
      ? []
      : [`${made.name} has the keys ${keys}`]),
    ...(String(indexes) === String(expectedIndexes) ? [] : [`${made.name} has the indexes ${indexes}`]),
    ...(inputs.streamViewType === stream ? [] : [`${made.name} streams ${inputs.streamViewType}`]),
  ];
};

export const rules: Readonly<Record<string, Rule>> = {
  'the program renders without a problem': ({ problems }) => problems,

  'tables are what the code expects': (rendered) => {
    const schemas = tableSchemas({ journal: 'journal', state: 'state' });
    return [
      ...sameAsSchema(one(rendered, table, 'Journal'), schemas.journal),
      ...sameAsSchema(one(rendered, table, 'State'), schemas.state),
    ];
  },

  'F112 tables can be restored to any second, and nothing in them expires': (rendered) =>
    all(rendered, table).flatMap(({ name, inputs }) => [
      ...(json(inputs.pointInTimeRecovery).enabled === true ? [] : [`${name} can't be restored`]),
      ...(json(inputs.ttl).enabled === true ? [`${name} forgets`] : []),
    ]),

  'F118 tables are in one region: there is no replica that lags behind': (rendered) =>
    all(rendered, table).flatMap(({ name, inputs }) =>
      Array.isArray(inputs.replicas) && inputs.replicas.length > 0 ? [`${name} is replicated`] : [],
    ),

  'F141 no role may change or take away what is in the journal': (rendered) =>
    whoMay(rendered, changing, arnOf(rendered, table, 'Journal')).map((name) => `${name} may change the journal`),

  'those that append may append': (rendered) =>
    exactly(whoMay(rendered, [put], arnOf(rendered, table, 'Journal')), appending, 'append to the journal'),

  'F141 the journal itself denies to be changed': (rendered) => {
    const { inputs } = one(rendered, 'aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly');
    const denied = statementsIn(inputs.policy)
      .filter(({ Effect, Principal }) => Effect === 'Deny' && Principal === '*')
      .flatMap(({ Action }) => Action as readonly string[]);
    return changing.filter((action) => !denied.includes(action)).map((action) => `${action} is not denied`);
  },

  // A put without a condition replaces what is there, and IAM knows nothing of conditions: nobody else may put at all.
  'F141 the journal itself lets only those that append put': (rendered) => {
    const { inputs } = one(rendered, 'aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly');
    const spared = statementsIn(inputs.policy)
      .filter(({ Effect, Principal, Action }) => Effect === 'Deny' && Principal === '*' && String(Action) === put)
      .flatMap(({ Condition }) => json(json(Condition).ArnNotEquals)['aws:PrincipalArn'] as string | readonly string[])
      .map((arn) => String(arn).split('/').at(-1) ?? '');
    return exactly(spared, appending, 'put, by the journal');
  },

  'the journal itself denies to be deleted or to forget': (rendered) => {
    const { inputs } = one(rendered, 'aws:dynamodb/resourcePolicy:ResourcePolicy', 'JournalIsAppendOnly');
    const denied = statementsIn(inputs.policy)
      .filter(({ Effect, Principal, Condition }) => Effect === 'Deny' && Principal === '*' && Condition === undefined)
      .flatMap(({ Action }) => Action as readonly string[]);
    return ['DeleteTable', 'UpdateTimeToLive', 'UpdateContinuousBackups']
      .map((action) => `dynamodb:${action}`)
      .filter((action) => !denied.includes(action))
      .map((action) => `${action} is not denied to everybody`);
  },

  'F141 no statement has a wildcard, but for traces': (rendered) =>
    statements(rendered).flatMap(({ role: who, actions, resources }) => [
      ...actions.filter((action) => action.includes('*')).map((action) => `${who} may ${action}`),
      ...resources
        .filter((resource) => resource.includes('*') && !actions.every((action) => action.startsWith('xray:Put')))
        .map((resource) => `${who} may ${actions} on ${resource}`),
    ]),

  'only its service assumes a role': (rendered) =>
    all(rendered, role).flatMap(({ name, inputs }) =>
      statementsIn(
        typeof inputs.assumeRolePolicy === 'string' ? inputs.assumeRolePolicy : JSON.stringify(inputs.assumeRolePolicy),
      )
        .filter(({ Principal }) => Object.keys(json(Principal)).join() !== 'Service')
        .map(() => `${name} may be assumed by others than a service`),
    ),

  'F141 each function has a role of its own': (rendered) => {
    const roles = all(rendered, lambda).map(({ inputs }) => String(inputs.role));
    return roles.filter((one, index) => roles.indexOf(one) !== index).map((one) => `${one} is shared`);
  },

  'F141 only those that call gateways read their API credentials': (rendered) =>
    exactly(
      readers(rendered, 'Credential-stripe-eu'),
      // The operator asks one harmless question, for `connections test`.
      ['Assess', 'Execute', 'Reconcile', 'Operator'],
      'read the credential of a gateway',
    ),

  'F141 only those that ask shops read their API credentials': (rendered) =>
    exactly(
      readers(rendered, 'Credential-shopify-eu'),
      ['Assess', 'Notify', 'Tend', 'Operator'],
      'read the credential of a shop',
    ),

  'only assess, execute and reconcile decrypt': (rendered) =>
    exactly(
      whoMay(rendered, ['kms:Decrypt'], arnOf(rendered, 'aws:kms/key:Key', 'References')),
      ['Assess', 'Execute', 'Reconcile'],
      'decrypt',
    ),

  'only those that store references encrypt': (rendered) =>
    exactly(
      whoMay(rendered, ['kms:GenerateDataKey'], arnOf(rendered, 'aws:kms/key:Key', 'References')),
      sealing,
      'encrypt',
    ),

  'the key says so too, lets those that store encrypt, and nobody else use it': (rendered) => {
    const { inputs } = one(rendered, 'aws:kms/keyPolicy:KeyPolicy', 'ReferencesPolicy');
    const rolesOf = (action: string) =>
      statementsIn(inputs.policy)
        .filter(({ Action }) => (Action as readonly string[]).some((one) => one === action || one.includes('*')))
        .flatMap(({ Principal }) => json(Principal).AWS as string | readonly string[])
        .map((arn) => arn.split('/').at(-1) ?? '');
    return [
      ...exactly(rolesOf('kms:Decrypt'), ['Assess', 'Execute', 'Reconcile'], 'decrypt by the key'),
      ...exactly(rolesOf('kms:GenerateDataKey'), sealing, 'encrypt by the key'),
    ];
  },

  // Of what a deployment asks of a key that has this policy already; without the last it could never be mended.
  'the key lets the account manage it, name it and change its policy': (rendered) => {
    const { inputs } = one(rendered, 'aws:kms/keyPolicy:KeyPolicy', 'ReferencesPolicy');
    const managed = statementsIn(inputs.policy)
      .filter(({ Principal }) => String(json(Principal).AWS).endsWith(':root'))
      .flatMap(({ Action }) => Action as readonly string[]);
    return [
      'DescribeKey',
      'GetKeyPolicy',
      'GetKeyRotationStatus',
      'ListResourceTags',
      'CreateAlias',
      'DeleteAlias',
      'PutKeyPolicy',
    ]
      .filter((action) => !managed.includes(`kms:${action}`))
      .map((action) => `the account may not kms:${action}`);
  },

  'the key is turned': (rendered) =>
    all(rendered, 'aws:kms/key:Key').flatMap(({ name, inputs }) =>
      inputs.enableKeyRotation === true ? [] : [`${name} is never turned`],
    ),

  'every queue has a dead-letter queue that keeps for fourteen days': (rendered) =>
    all(rendered, queue).flatMap((made) => {
      if (isDead(made))
        return made.inputs.messageRetentionSeconds === 1_209_600 ? [] : [`${made.name} keeps too short`];
      const { deadLetterTargetArn } = json(made.inputs.redrivePolicy);
      const dead = all(rendered, queue).find(({ outputs }) => outputs.arn === deadLetterTargetArn);
      // The operator finds it by this name.
      return dead?.inputs.name === `${made.inputs.name}-dead` ? [] : [`${made.name} has no dead-letter queue`];
    }),

  'a message is hidden for six times as long as its function may take': (rendered) =>
    all(rendered, mapping).flatMap(({ name, inputs }) => {
      const from = all(rendered, queue).find(({ outputs }) => outputs.arn === inputs.eventSourceArn);
      if (from === undefined) return [];
      const to = all(rendered, lambda).find((made) => made.inputs.name === inputs.functionName);
      const hidden = Number(from.inputs.visibilityTimeoutSeconds ?? 30);
      return hidden >= 6 * Number(to?.inputs.timeout ?? Number.NaN) ? [] : [`${name} hides messages for ${hidden} s`];
    }),

  'every queue of work is read, in parts, by a bounded number of functions': (rendered) =>
    all(rendered, queue)
      .filter((made) => !isDead(made))
      .flatMap(({ name, outputs }) => {
        const reading = all(rendered, mapping).find(({ inputs }) => inputs.eventSourceArn === outputs.arn);
        if (reading === undefined) return [`nobody reads ${name}`];
        const { functionResponseTypes, scalingConfig } = reading.inputs;
        return [
          ...(String(functionResponseTypes) === 'ReportBatchItemFailures' ? [] : [`${name} is failed as a whole`]),
          ...(Number(json(scalingConfig).maximumConcurrency) > 0 ? [] : [`${name} has no bound`]),
        ];
      }),

  'each gateway has a queue for what calls it, with its own share of the same function': (rendered) => {
    const common = one(rendered, queue, 'ExecuteQueue');
    const execute = one(rendered, lambda, 'ExecuteFunction').inputs.name;
    return gatewayPlatforms.flatMap((platform) => {
      const own = all(rendered, queue).find(({ inputs }) => inputs.name === `${common.inputs.name}-${platform}`);
      if (own === undefined) return [`${platform} has no queue`];
      const [reading, ...more] = all(rendered, mapping).filter(
        ({ inputs }) => inputs.eventSourceArn === own.outputs.arn,
      );
      return [
        ...(reading?.inputs.functionName === execute && more.length === 0
          ? []
          : [`${own.name} is not read by execute`]),
        ...exactly(
          whoMay(rendered, ['sqs:SendMessage'], String(own.outputs.arn)),
          ['Execute', 'Operator', 'Relay', 'Sweep'],
          `send to ${own.name}`,
        ),
      ];
    });
  },

  'those that send are told which gateway each account is at, and each of these has a queue': (rendered) =>
    all(rendered, lambda).flatMap(({ name, inputs }) => {
      const told = json(json(inputs.environment).variables);
      if (told.REDRESS_EXECUTE_QUEUE === undefined) return [];
      const pairs = String(told.REDRESS_GATEWAYS ?? '').split(',');
      return [
        ...(pairs.some((pair) => pair.startsWith('stripe-eu=')) ? [] : [`${name} does not know where stripe-eu is`]),
        ...pairs
          .map((pair) => pair.split('=')[1])
          .filter((platform) => !gatewayPlatforms.some((known) => known === platform))
          .map((platform) => `${name} sends to a queue of ${platform}`),
      ];
    }),

  'those that call gateways are told which gateway each account is at, for their traces': (rendered) =>
    [...callers, 'Operator'].flatMap((name) => {
      const told = json(json(one(rendered, lambda, `${name}Function`).inputs.environment).variables);
      return String(told.REDRESS_GATEWAYS ?? '').includes('stripe-eu=stripe')
        ? []
        : [`traces of ${name} name no gateway`];
    }),

  'the journal’s stream is read from its beginning, in parts, five times, and given up aloud': (rendered) => {
    const { inputs } = one(rendered, mapping, 'RelayRecords');
    const dead = arnOf(rendered, queue, 'RelayDead');
    const wanted: Json = {
      startingPosition: 'TRIM_HORIZON',
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 5,
      functionResponseTypes: 'ReportBatchItemFailures',
    };
    const onFailure = json(json(inputs.destinationConfig).onFailure).destinationArn;
    return [
      ...Object.entries(wanted)
        .filter(([name, value]) => String(inputs[name]) !== String(value))
        .map(([name]) => `relay: ${name} is ${inputs[name]}`),
      ...(onFailure === dead ? [] : ['relay: what is given up is lost']),
      ...(inputs.eventSourceArn === one(rendered, table, 'Journal').outputs.streamArn ? [] : ['relay: another stream']),
    ];
  },

  'every function is traced, on arm64 and Node 24, and its log kept for a while': (rendered) =>
    all(rendered, lambda).flatMap(({ name, inputs }) => {
      const { logGroup } = json(inputs.loggingConfig);
      const group = all(rendered, 'aws:cloudwatch/logGroup:LogGroup').find((one) => one.inputs.name === logGroup);
      return [
        ...(json(inputs.tracingConfig).mode === 'Active' ? [] : [`${name} is not traced`]),
        ...(String(inputs.architectures) === 'arm64' && inputs.runtime === 'nodejs24.x'
          ? []
          : [`${name} runs elsewhere`]),
        ...(Number(group?.inputs.retentionInDays) > 0 ? [] : [`${name} has no log that ends`]),
      ];
    }),

  'an alarm hears of every function’s errors and of what its log calls an alarm': (rendered) =>
    all(rendered, lambda).flatMap(({ name, inputs }) => {
      const group = json(inputs.loggingConfig).logGroup;
      const heard = all(rendered, 'aws:cloudwatch/logMetricFilter:LogMetricFilter').some(
        (filter) => filter.inputs.logGroupName === group && String(filter.inputs.pattern).includes('$.alarm'),
      );
      return [
        ...(withAlarm(rendered, 'Errors', 'FunctionName', inputs.name) ? [] : [`nobody hears of errors of ${name}`]),
        ...(heard ? [] : [`nobody counts the alarm lines of ${name}`]),
      ];
    }),

  'an alarm hears of every queue’s age and of every dead letter': (rendered) =>
    all(rendered, queue).flatMap((made) => {
      const metrics = isDead(made)
        ? ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage']
        : ['ApproximateAgeOfOldestMessage'];
      return metrics
        .filter((metric) => !withAlarm(rendered, metric, 'QueueName', made.inputs.name))
        .map((metric) => `nobody hears of ${metric} of ${made.name}`);
    }),

  'F1 an alarm hears where signatures do not hold, at whichever door': (rendered) => {
    const source = readFileSync(join(root, 'lib/app/verify-webhook.ts'), 'utf8');
    const [, said] = /note\('([a-z-]+)', \{ \.\.\.about, code: why, count \}\)/.exec(source) ?? [];
    const heard = all(rendered, alarm).filter(({ inputs }) => Object.keys(json(inputs.dimensions)).length === 0);
    const counted = all(rendered, 'aws:cloudwatch/logMetricFilter:LogMetricFilter').filter(({ inputs }) => {
      const { namespace, name, value, dimensions } = json(inputs.metricTransformation);
      return (
        inputs.pattern === `{ $.message = "${said}" }` &&
        value === '$.count' &&
        dimensions === undefined &&
        heard.some(({ inputs: on }) => on.namespace === namespace && on.metricName === name)
      );
    });
    return ['ReceiveReturnFunction', 'ReceiveGatewayFunction'].filter((name) => {
      const { logGroup } = json(one(rendered, lambda, name).inputs.loggingConfig);
      return !counted.some(({ inputs }) => inputs.logGroupName === logGroup);
    });
  },

  // What does not run has no errors.
  'an alarm hears of every clock that stands still': (rendered) => {
    const clocks = all(rendered, 'aws:scheduler/schedule:Schedule').map(({ inputs }) =>
      String(json(inputs.target).arn),
    );
    const run = all(rendered, lambda).filter(({ outputs }) => clocks.includes(String(outputs.arn)));
    return [
      ...(run.length === clocks.length && run.length > 0 ? [] : ['nobody knows what the clocks run']),
      ...run
        .filter(({ inputs }) => !withAlarm(rendered, 'Invocations', 'FunctionName', inputs.name))
        .map(({ name }) => `nobody hears that ${name} does not run`),
    ];
  },

  // One that nobody invokes has no errors and no age either.
  'F141 an alarm hears where entries are written and nobody reads them': (rendered) => {
    const asked = all(rendered, alarm).flatMap(({ inputs }) => (inputs.metricQueries ?? []) as readonly Json[]);
    const about = (name: string, dimension: string, value: unknown) =>
      asked.find(({ metric }) => {
        const { metricName, dimensions } = json(metric);
        return metricName === name && json(dimensions)[dimension] === value;
      });
    const journal = one(rendered, table, 'Journal').inputs.name ?? one(rendered, table, 'Journal').outputs.name;
    const written = about('ConsumedWriteCapacityUnits', 'TableName', journal);
    const read = about('Invocations', 'FunctionName', one(rendered, lambda, 'RelayFunction').inputs.name);
    const silent = asked.find(({ returnData }) => returnData === true)?.expression;
    return written !== undefined && read !== undefined && String(silent).includes(`FILL(${read.id}, 0) < 1`)
      ? []
      : ['a relay that does not run is noticed by nobody'];
  },

  'F28 an alarm hears of those who are turned away before any function runs': (rendered) => {
    const { apiId } = one(rendered, 'aws:apigatewayv2/stage:Stage', 'ApiStage').inputs;
    return apiId !== undefined && withAlarm(rendered, '4xx', 'ApiId', apiId)
      ? []
      : ['nobody hears of what the API refuses'];
  },

  // Lambda ends a loop through its own queue after sixteen rounds: a wait of an hour behind a kill switch has sixty.
  'F90 a function that hints itself may do so for as long as it waits': (rendered) => {
    const loops = all(rendered, 'aws:lambda/functionRecursionConfig:FunctionRecursionConfig')
      .filter(({ inputs }) => inputs.recursiveLoop === 'Allow')
      .map(({ inputs }) => inputs.functionName);
    return all(rendered, mapping)
      .filter(({ inputs }) => {
        const reads = all(rendered, lambda).find((each) => each.inputs.name === inputs.functionName);
        const sends = whoMay(rendered, ['sqs:SendMessage'], String(inputs.eventSourceArn));
        return sends.includes(`${reads?.name.replace(/Function$/, '')}Role`) && !loops.includes(inputs.functionName);
      })
      .map(({ name }) => `${name} ends among the dead letters after sixteen rounds`);
  },

  // With one for all, a line in a stage for trying things would wake whoever answers for production.
  'a stage’s own metrics are counted and heard apart from other stages’': (rendered) => {
    const stage = String(one(rendered, 'aws:sns/topic:Topic', 'AlarmTopic').inputs.name).replace(
      /^redress-|-alarms$/g,
      '',
    );
    const counted = all(rendered, 'aws:cloudwatch/logMetricFilter:LogMetricFilter').map(
      ({ name, inputs }) => [name, json(inputs.metricTransformation).namespace] as const,
    );
    const heard = all(rendered, alarm).flatMap(({ name, inputs }) => {
      const metrics = ((inputs.metricQueries ?? [{ metric: inputs }]) as readonly Json[]).filter(
        ({ metric }) => metric,
      );
      return metrics.map(({ metric }) => [name, json(metric).namespace] as const);
    });
    const told = all(rendered, lambda).map(
      ({ name, inputs }) => [name, json(json(inputs.environment).variables).REDRESS_METRICS] as const,
    );
    return [...counted, ...heard, ...told]
      .filter(([, namespace]) => !String(namespace).startsWith('AWS/') && namespace !== `Redress/${stage}`)
      .map(([name, namespace]) => `${name} is about ${namespace}`);
  },

  'every code of an alarm line has an alarm, and none has one that is never said': (rendered) => {
    const port = readFileSync(join(root, 'lib/app/ports/log.ts'), 'utf8');
    const [, type = ''] = /export type AlarmCode =([\s\S]*?);\n\nexport/.exec(port) ?? [];
    const said = [...type.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code ?? '');
    const heard = all(rendered, alarm).flatMap(({ inputs }) => {
      const code = (inputs.dimensions as Json | undefined)?.Alarm;
      return code === undefined ? [] : [String(code)];
    });
    return [
      ...(said.length > 10 ? [] : ['the codes were not found']),
      ...said.filter((code) => !heard.includes(code)).map((code) => `nobody hears of ${code}`),
      ...heard.filter((code) => !said.includes(code)).map((code) => `nobody says ${code}`),
    ];
  },

  // Names that nobody writes would draw empty pictures and say that all is well.
  'the dashboard asks for metrics that are counted': (rendered) => {
    const source = readFileSync(join(root, 'lib/adapters/powertools/measured-log.ts'), 'utf8').replace(
      /`\$\{whose\}(\w+)`/g,
      "'Gateway$1' 'Shop$1'",
    );
    const counted = new Set([...source.matchAll(/'([A-Z]\w+)'/g)].map(([, name]) => name));
    const { inputs } = one(rendered, 'aws:cloudwatch/dashboard:Dashboard', 'Dashboard');
    const asked = [...String(inputs.dashboardBody).matchAll(/MetricName=\\"(\w+)\\"/g)].map(([, name]) => name ?? '');
    return [
      ...(asked.length > 5 ? [] : ['the dashboard asks for nothing of ours']),
      ...asked.filter((name) => !counted.has(name)).map((name) => `nobody counts ${name}`),
    ];
  },

  'each alarm tells somebody, and where the runbook says what to do': (rendered) => {
    const topic = arnOf(rendered, 'aws:sns/topic:Topic', 'AlarmTopic');
    return all(rendered, alarm).flatMap(({ name, inputs }) => [
      ...(String(inputs.alarmActions) === topic ? [] : [`${name} tells nobody`]),
      ...(anchors().has(String(inputs.alarmDescription)) ? [] : [`${name} leads to ${inputs.alarmDescription}`]),
    ]);
  },

  'webhooks come in by their own routes, and everything else needs a token': (rendered) => {
    const routes = all(rendered, 'aws:apigatewayv2/route:Route').map(
      ({ inputs }) => `${inputs.routeKey} ${inputs.authorizationType}`,
    );
    const wanted = [
      'ANY /v1/{proxy+} JWT',
      'POST /webhooks/gateways/{connection} NONE',
      'POST /webhooks/returns/{connection} NONE',
    ];
    return [
      ...routes.filter((route) => !wanted.includes(route)).map((route) => `${route} is open`),
      ...wanted.filter((route) => !routes.includes(route)).map((route) => `${route} is missing`),
    ];
  },

  'every route is throttled': (rendered) => {
    const { inputs } = one(rendered, 'aws:apigatewayv2/stage:Stage', 'ApiStage');
    const settings = (inputs.routeSettings ?? []) as readonly Json[];
    return all(rendered, 'aws:apigatewayv2/route:Route')
      .filter((route) => {
        const own = settings.find(({ routeKey }) => routeKey === route.inputs.routeKey);
        return !(Number(own?.throttlingRateLimit) > 0 && Number(own?.throttlingBurstLimit) > 0);
      })
      .map(({ inputs: { routeKey } }) => `${routeKey} has no bound`);
  },

  // AWS refuses a stage with settings of a route that does not exist.
  'a stage is made after the routes whose bounds it has': (rendered) => {
    const { inputs, after } = one(rendered, 'aws:apigatewayv2/stage:Stage', 'ApiStage');
    const bounded = ((inputs.routeSettings ?? []) as readonly Json[]).map(({ routeKey }) => routeKey);
    return bounded.flatMap((key) => {
      const route = all(rendered, 'aws:apigatewayv2/route:Route').find((each) => each.inputs.routeKey === key);
      return route !== undefined && after.includes(route.name) ? [] : [`the stage may be made before ${key}`];
    });
  },

  'what runs by the clock runs one at a time': (rendered) =>
    ['SweepFunction', 'TendFunction'].flatMap((name) =>
      one(rendered, lambda, name).inputs.reservedConcurrentExecutions === 1 ? [] : [`${name} may run twice at once`],
    ),

  // More than it reserved would be turned away, and count as tries of messages that nobody tried.
  'F125 the doors and the executor run whatever else does, and no queue is promised more of it': (rendered) => {
    const reserved = (name: string) => Number(one(rendered, lambda, name).inputs.reservedConcurrentExecutions ?? 0);
    const promised = all(rendered, mapping)
      .filter(({ inputs }) => inputs.functionName === one(rendered, lambda, 'ExecuteFunction').inputs.name)
      .map(({ inputs }) => Number(json(inputs.scalingConfig).maximumConcurrency))
      .reduce((sum, each) => sum + each, 0);
    return [
      ...['ReceiveReturnFunction', 'ReceiveGatewayFunction']
        .filter((name) => reserved(name) < 10)
        .map((name) => `nothing is kept for ${name}`),
      ...(reserved('ExecuteFunction') === promised ? [] : ['what is kept for execute is not what its queues may take']),
    ];
  },

  'F125 an alarm hears where a function is turned away, unless the clock comes again': (rendered) =>
    all(rendered, lambda)
      .filter(({ inputs }) => inputs.reservedConcurrentExecutions !== 1)
      .filter(({ inputs }) => !withAlarm(rendered, 'Throttles', 'FunctionName', inputs.name))
      .map(({ name }) => `nobody hears that ${name} is turned away`),

  // The clock's own retries end where Lambda has taken the event, and Lambda has retries of its own.
  'what runs by the clock and fails is left to the next time': (rendered) =>
    ['SweepFunction', 'TendFunction'].flatMap((name) => {
      const { inputs } = one(rendered, lambda, name);
      const told = all(rendered, 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig').find(
        (each) => each.inputs.functionName === inputs.name,
      );
      return told?.inputs.maximumRetryAttempts === 0 && Number(told.inputs.maximumEventAgeInSeconds) <= 60
        ? []
        : [`${name} is run again for what failed long ago`];
    }),

  'secrets reach no function’s settings': (rendered) =>
    all(rendered, lambda).flatMap(({ name, inputs }) =>
      Object.entries(json(json(inputs.environment).variables))
        // SST's own: the key of its links, of which there are none.
        .filter(([key]) => !key.startsWith('SST_'))
        .filter(([, value]) => /whsec_|sk_(?:test|live)_|shp[a-z]{2}_|-----BEGIN/.test(String(value)))
        .map(([key]) => `${name} has a secret in ${key}`),
    ),
};

/** What holds of production beside all of that. */
export const productionRules: Readonly<Record<string, Rule>> = {
  'tables can’t be deleted, and stay when the stack goes': (rendered) =>
    all(rendered, table).flatMap(({ name, inputs, retain }) =>
      inputs.deletionProtectionEnabled === true && retain ? [] : [`${name} can be lost`],
    ),

  'a deployment that would take away a key or a secret is refused': (rendered) =>
    ['aws:kms/key:Key', 'aws:secretsmanager/secret:Secret']
      .flatMap((type) => all(rendered, type))
      .flatMap(({ name, protect }) => (protect ? [] : [`${name} can be lost`])),
};

/** Headings of the runbook, as GitHub links to them. */
function anchors(): ReadonlySet<string> {
  const path = join(root, 'docs/runbook.md');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => `docs/runbook.md#${slug(heading)}`));
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replace(/ /g, '-');
