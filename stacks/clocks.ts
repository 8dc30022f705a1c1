/// <reference path="../.sst/platform/config.d.ts" />
import type { Shared } from './deploy.ts';
import { fn } from './function.ts';
import { encrypts } from './keys.ts';
import { sendsTo, title, urlsOf } from './queues.ts';
import { readsCredentials, readsSettings } from './secrets.ts';
import { named } from './settings.ts';
import { appendsTo, readsIndexes, writesState } from './tables.ts';

/** What runs by the clock, one at a time: whatever is due, every minute; what shops deliver to us, every quarter of an hour. */
export function clocks(shared: Shared) {
  const sweep = fn('sweep', {
    timeoutSeconds: 55,
    reserved: 1,
    once: true,
    environment: { ...shared.environment, ...urlsOf(shared.queues, shared.settings) },
    permissions: [...writesState(shared.tables), ...readsIndexes(shared.tables), ...sendsTo(shared.queues)],
  });
  const tend = fn('tend', {
    timeoutSeconds: 300,
    reserved: 1,
    once: true,
    environment: {
      ...shared.environment,
      ...shared.settingsEnvironment,
      ...shared.credentialsEnvironment,
      ...shared.keyEnvironment,
    },
    permissions: [
      ...appendsTo(shared.tables),
      ...writesState(shared.tables),
      ...readsSettings(shared.secrets),
      ...readsCredentials(shared.secrets, 'shop'),
      ...encrypts(shared.keys),
    ],
  });
  every('rate(1 minute)', 'sweep', sweep);
  every('rate(15 minutes)', 'tend', tend);
  return { sweep, tend };
}

/** Once, and not again where it fails (`once` says so to Lambda too): the next one asks for whatever is due. */
function every(schedule: string, name: string, target: sst.aws.Function): void {
  const role = new aws.iam.Role(`${title(name)}Clock`, {
    name: named(`${name}-clock`),
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: 'scheduler.amazonaws.com' }),
    inlinePolicies: [
      {
        name: 'invoke',
        policy: $jsonStringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [target.arn] }],
        }),
      },
    ],
  });
  new aws.scheduler.Schedule(`${title(name)}Schedule`, {
    name: named(name),
    scheduleExpression: schedule,
    flexibleTimeWindow: { mode: 'OFF' },
    target: { arn: target.arn, roleArn: role.arn, retryPolicy: { maximumRetryAttempts: 0 } },
  });
}
