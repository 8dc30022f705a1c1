/// <reference path="../.sst/platform/config.d.ts" />

import { bundling } from './bundle.ts';
import { title } from './queues.ts';
import { named, production } from './settings.ts';

type Input<T> = $util.Input<T>;

export interface Permission {
  readonly actions: string[];
  readonly resources: Input<string>[];
}

export interface Of {
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, Input<string>>>;
  readonly permissions: readonly Permission[];
  /** So many at once are kept for it, whatever else runs in the account, and it never takes more. */
  readonly reserved?: number;
  /** An event that failed, or found it at work for a minute, is not given to it again: without this Lambda tries twice more, and for six hours. */
  readonly once?: true;
}

/**
 * One function and its own role, which only Lambda may assume and which may do what is listed and nothing else: names and permissions
 * are written out, since a link would grant every action of a service.
 */
export function fn(name: string, of: Of): sst.aws.Function {
  return new sst.aws.Function(title(name), {
    name: named(name),
    handler: `functions/wire/${name}.handler`,
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    memory: '512 MB',
    timeout: `${of.timeoutSeconds} seconds`,
    nodejs: bundling,
    logging: { format: 'json', retention: production() ? '1 year' : '1 month' },
    environment: { NODE_OPTIONS: '--enable-source-maps', ...of.environment },
    permissions: [
      ...of.permissions.map(({ actions, resources }) => ({ actions, resources })),
      // X-Ray knows no resources.
      { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
    ],
    ...(of.reserved !== undefined && { concurrency: { reserved: of.reserved } }),
    ...(of.once && { retries: 0 }),
    transform: {
      ...(of.once && { eventInvokeConfig: { maximumEventAgeInSeconds: 60 } }),
      function: { tracingConfig: { mode: 'Active' } },
      role: (role) => {
        role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: 'lambda.amazonaws.com' });
      },
    },
  });
}

export const roleOf = (made: sst.aws.Function) => made.nodes.role.arn;
