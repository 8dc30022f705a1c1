/// <reference path="../.sst/platform/config.d.ts" />
import type { Shared } from './deploy.ts';
import { fn, type Permission } from './function.ts';
import { decrypts, encrypts } from './keys.ts';
import { deadLetters, queuesFor, sendsTo, title, urlsOf, type WorkName, workerSeconds } from './queues.ts';
import { type Counterpart, readsCredentials, readsSettings } from './secrets.ts';
import { appendsTo, readsHeads, readsIndexes, writesState } from './tables.ts';

/**
 * How many of each run at once, for each of its queues. Those that call gateways are few: an account is asked at the vendor's rate by a pace that all of them
 * share, and more of them would only wait for it.
 */
const concurrency: Readonly<Record<WorkName, number>> = { assess: 20, execute: 10, reconcile: 20, notify: 5 };

/** Only these store references and open what was encrypted; to tell a shop nobody needs one. */
export const decrypting: readonly WorkName[] = ['assess', 'execute', 'reconcile'];

/** Whom each of them asks something. */
const calls: Readonly<Record<WorkName, readonly Counterpart[]>> = {
  assess: ['gateway', 'shop'],
  execute: ['gateway'],
  reconcile: ['gateway'],
  notify: ['shop'],
};

export type Workers = Readonly<Record<WorkName, sst.aws.Function>>;

/** One function for each kind of work; for all gateways it is the same code. */
export const workers = (shared: Shared): Workers => ({
  assess: worker('assess', shared),
  execute: worker('execute', shared),
  reconcile: worker('reconcile', shared),
  notify: worker('notify', shared),
});

function worker(name: WorkName, shared: Shared): sst.aws.Function {
  const reading = queuesFor(shared.queues, name);
  const policy = {
    REDRESS_APPROVAL_LIMIT: shared.settings.approvalLimit,
    REDRESS_POLICY_VERSION: shared.settings.policyVersion,
    REDRESS_HOURLY_LIMIT: shared.settings.hourlyLimit,
    REDRESS_HOURLY_LIMIT_OF_ALL: shared.settings.hourlyLimitOfAll,
  };
  const made = fn(name, {
    timeoutSeconds: workerSeconds,
    // Refunds are sent whatever else runs in the account (F125). What all its queues may give it, or one would be turned away for another's sake.
    ...(name === 'execute' && { reserved: reading.length * concurrency.execute }),
    environment: {
      ...shared.environment,
      ...shared.settingsEnvironment,
      ...shared.credentialsEnvironment,
      ...(decrypting.includes(name) && shared.keyEnvironment),
      ...(name === 'assess' && policy),
      ...(name === 'execute' && urlsOf(shared.queues, shared.settings)),
    },
    permissions: [
      ...appendsTo(shared.tables),
      ...writesState(shared.tables),
      ...readsIndexes(shared.tables),
      ...readsSettings(shared.secrets),
      ...readsCredentials(shared.secrets, ...calls[name]),
      ...(decrypting.includes(name) ? [...encrypts(shared.keys), ...decrypts(shared.keys)] : []),
      ...(name === 'execute' ? sendsTo(shared.queues) : []),
      {
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: reading.map(({ queue }) => queue.arn),
      },
    ],
  });
  // Who waits is hinted by its own function through its own queue: behind a kill switch once a minute, for as long as that is pressed. Lambda
  // takes the seventeenth time round for a mistake and puts it among the dead letters; ours ends by what it waits for.
  if (name === 'execute')
    new aws.lambda.FunctionRecursionConfig('ExecuteRecursion', { functionName: made.name, recursiveLoop: 'Allow' });
  for (const { name: of, queue } of reading)
    new aws.lambda.EventSourceMapping(`${title(of)}Messages`, {
      eventSourceArn: queue.arn,
      functionName: made.name,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      // Each queue's own: a gateway that is slow fills its share of the functions and no more.
      scalingConfig: { maximumConcurrency: concurrency[name] },
    });
  return made;
}

/** Reads the journal's stream and says what follows. What it can't read five times lies in a queue for people; the sweep finds what it was about. */
export function relay(shared: Shared) {
  const dead = deadLetters('relay');
  const stream = shared.tables.journal.streamArn;
  const reads: Permission = {
    actions: ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream', 'dynamodb:ListStreams'],
    resources: [stream],
  };
  const made = fn('relay', {
    timeoutSeconds: 30,
    environment: { ...shared.environment, ...urlsOf(shared.queues, shared.settings) },
    permissions: [
      reads,
      ...readsHeads(shared.tables),
      ...sendsTo(shared.queues),
      { actions: ['sqs:SendMessage'], resources: [dead.arn] },
    ],
  });
  new aws.lambda.EventSourceMapping('RelayRecords', {
    eventSourceArn: stream,
    functionName: made.name,
    startingPosition: 'TRIM_HORIZON',
    batchSize: 100,
    parallelizationFactor: 1,
    functionResponseTypes: ['ReportBatchItemFailures'],
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 5,
    maximumRecordAgeInSeconds: -1,
    destinationConfig: { onFailure: { destinationArn: dead.arn } },
  });
  return { relay: made, dead };
}
