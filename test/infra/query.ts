import type { Rendered, Resource } from './render/rendered.ts';

/** Kinds of resources that are asked for again and again. */
export const table = 'aws:dynamodb/table:Table';
export const queue = 'aws:sqs/queue:Queue';
export const lambda = 'aws:lambda/function:Function';
export const mapping = 'aws:lambda/eventSourceMapping:EventSourceMapping';
export const alarm = 'aws:cloudwatch/metricAlarm:MetricAlarm';
export const role = 'aws:iam/role:Role';

/** Questions to a rendered program. */
export const all = ({ resources }: Rendered, type: string): readonly Resource[] =>
  resources.filter((one) => one.type === type);

export function one(rendered: Rendered, type: string, name: string): Resource {
  const found = all(rendered, type).filter((resource) => resource.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`there are ${found.length} ${type} named ${name}`);
  return only;
}

export interface Statement {
  /** The role's logical name. */
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);

/** What each role is allowed by its own inline policies. */
export const statements = (rendered: Rendered): readonly Statement[] =>
  all(rendered, role).flatMap(({ name, inputs }) =>
    ((inputs.inlinePolicies ?? []) as readonly Json[]).flatMap(({ policy }) =>
      statementsIn(policy)
        .filter(({ Effect, effect }) => (Effect ?? effect ?? 'Allow') === 'Allow')
        .map((statement) => ({
          role: name,
          actions: list(statement.Action ?? statement.actions),
          resources: list(statement.Resource ?? statement.resources),
        })),
    ),
  );

export const statementsIn = (policy: unknown): readonly Json[] =>
  ((JSON.parse(String(policy)) as { Statement?: readonly Json[] }).Statement ?? []) as readonly Json[];

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  ).test(text);

/** The roles that may do any of these to anything whose ARN begins so; with IAM's wildcards, and without weighing conditions. */
export function whoMay(rendered: Rendered, actions: readonly string[], arn: string): readonly string[] {
  const able = statements(rendered).filter(
    (statement) =>
      statement.actions.some((pattern) => actions.some((action) => matches(pattern, action))) &&
      statement.resources.some((pattern) => matches(pattern, arn) || pattern.startsWith(arn)),
  );
  return [...new Set(able.map(({ role }) => role))].sort();
}

/** A copy with one resource changed: a stack that is broken in one place. */
export function broken(rendered: Rendered, type: string, name: string, change: (inputs: Json) => Json): Rendered {
  one(rendered, type, name);
  return {
    ...rendered,
    resources: rendered.resources.map((resource) =>
      resource.type === type && resource.name === name ? { ...resource, inputs: change(resource.inputs) } : resource,
    ),
  };
}
