import { Agent, request } from 'node:http';
import { returnWebhook, type Webhook } from '../webhook.ts';

/**
 * Sends signed webhooks, each one new, to one server: arguments are its URL, the secret, connections, how many, and a name that no
 * other run has. They are signed before the clock starts.
 */
export interface Load {
  readonly perSecond: number;
  readonly answered: number;
  readonly refused: number;
}

const [url = '', secret = '', connections = '1', count = '0', name = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const webhooks = Array.from({ length: Number(count) }, (_, index) =>
  returnWebhook({ name: `${name}-${index}`, payment: `pi_${name}-${index}`, secret }),
);

function post({ body, headers }: Webhook): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(`${url}/webhooks/returns/generic-demo`, { method: 'POST', agent, headers }, (response) => {
    response.resume();
    response.once('end', () => resolve(response.statusCode ?? 0));
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

let next = 0;
let refused = 0;
const startedAt = performance.now();
const worker = async () => {
  for (let webhook = webhooks[next++]; webhook !== undefined; webhook = webhooks[next++])
    if ((await post(webhook)) !== 202) refused += 1;
};
await Promise.all(Array.from({ length: Number(connections) }, worker));
const seconds = (performance.now() - startedAt) / 1000;
process.send?.({ perSecond: webhooks.length / seconds, answered: webhooks.length, refused } satisfies Load);
agent.destroy();
process.disconnect?.();
