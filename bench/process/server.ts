import { once } from 'node:events';
import { startFront } from '../../local/front.ts';
import { lambda } from '../../local/lambda.ts';
import { bareHandler } from '../baseline/bare.ts';
import { type Environment, withEnvironment } from '../environment.ts';

/** One server in a process of its own: `ours`, `alone` (ours without shared transactions) or `bare`. Tells its address and the webhooks' secret, and serves until it is told anything. */
export interface Serving {
  readonly url: string;
  readonly secret: string;
}

const [which] = process.argv.slice(2);
const stopping = once(process, 'message');
const grouped = which === 'ours';
async function serve({ aws, secret, ours }: Environment): Promise<void> {
  const handler = which === 'bare' ? bareHandler({ dynamo: aws.dynamo, secret }) : ours;
  const front = await startFront({
    port: 0,
    now: () => Date.now(),
    report: (line) => process.stderr.write(`${line}\n`),
    routes: [
      {
        route: 'POST /webhooks/returns/{connection}',
        invoke: lambda({ name: 'bench', timeoutMs: 10_000 }, handler as typeof ours),
      },
    ],
  });
  process.send?.({ url: front.url, secret } satisfies Serving);
  await stopping;
  await front.close(1000);
}
await withEnvironment('INFO', serve, { grouped });
process.disconnect?.();
