import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { sqsDeadLetters } from '../../lib/adapters/aws/dead-letters.ts';
import { sqsQueues } from '../../lib/adapters/aws/queues.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { type Env, required } from './env.ts';

/** For those that hint at work. */
export const queuesOf = (env: Env) => sqsQueues({ client: client(), urls: urlsOf(env) });

/** For those that take up again what was given up: each queue's dead letters lie in one of its name with `-dead` behind it. */
export function deadLettersOf(env: Env) {
  const { assess, execute, reconcile, notify } = urlsOf(env);
  return sqsDeadLetters({
    client: client(),
    urls: {
      assess: `${assess}-dead`,
      execute: `${execute}-dead`,
      reconcile: `${reconcile}-dead`,
      notify: `${notify}-dead`,
    },
  });
}

const client = () => quiet(new SQSClient({ ...clientLimits() }));

function urlsOf(env: Env) {
  const urls = required(env, [
    'REDRESS_ASSESS_QUEUE',
    'REDRESS_EXECUTE_QUEUE',
    'REDRESS_RECONCILE_QUEUE',
    'REDRESS_NOTIFY_QUEUE',
  ]);
  return {
    assess: urls.REDRESS_ASSESS_QUEUE,
    execute: urls.REDRESS_EXECUTE_QUEUE,
    reconcile: urls.REDRESS_RECONCILE_QUEUE,
    notify: urls.REDRESS_NOTIFY_QUEUE,
  };
}
