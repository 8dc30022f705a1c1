import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../../lib/adapters/aws/client-limits.ts';
import { sqsDeadLetters } from '../../lib/adapters/aws/dead-letters.ts';
import { type ExecuteAt, sqsQueues } from '../../lib/adapters/aws/queues.ts';
import { quiet } from '../../lib/adapters/aws/quiet-client.ts';
import { type Env, required } from './env.ts';

/** For those that hint at work. */
export const queuesOf = (env: Env) => sqsQueues({ client: client(), urls: urlsOf(env), executeAt: executeAtOf(env) });

/** For those that take up again what was given up: each queue's dead letters lie in one of its name with `-dead` behind it. */
export function deadLettersOf(env: Env) {
  const { assess, execute, reconcile, notify } = urlsOf(env);
  const ofGateways = [...new Set(gatewaysOf(env).values())].map((gateway) => `${execute}-${gateway}`);
  const dead = (url: string) => `${url}-dead`;
  return sqsDeadLetters({
    client: client(),
    urls: {
      assess: [dead(assess)],
      execute: [execute, ...ofGateways].map(dead),
      reconcile: [dead(reconcile)],
      notify: [dead(notify)],
    },
  });
}

/** The queue of a gateway has its name behind that of the common one (`stacks/queues.ts`). */
function executeAtOf(env: Env): ExecuteAt {
  const gateways = gatewaysOf(env);
  const { execute } = urlsOf(env);
  return (connection) => {
    const gateway = gateways.get(connection);
    return gateway === undefined ? undefined : `${execute}-${gateway}`;
  };
}

/** Of each account, by its connection's name. */
function gatewaysOf(env: Env): ReadonlyMap<string, string> {
  const { REDRESS_GATEWAYS: text } = required(env, ['REDRESS_GATEWAYS']);
  return new Map(text.split(',').map((pair) => pair.split('=') as [string, string]));
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
