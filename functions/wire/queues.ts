import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { sqsQueues } from '../../lib/adapters/aws/queues.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { type Env, required } from './env.ts';

/** For those that hint at work. */
export function queuesOf(env: Env) {
  const urls = required(env, [
    'REDRESS_ASSESS_QUEUE',
    'REDRESS_EXECUTE_QUEUE',
    'REDRESS_RECONCILE_QUEUE',
    'REDRESS_NOTIFY_QUEUE',
  ]);
  return sqsQueues({
    client: quiet(new SQSClient({ ...clientLimits() })),
    urls: {
      assess: urls.REDRESS_ASSESS_QUEUE,
      execute: urls.REDRESS_EXECUTE_QUEUE,
      reconcile: urls.REDRESS_RECONCILE_QUEUE,
      notify: urls.REDRESS_NOTIFY_QUEUE,
    },
  });
}
