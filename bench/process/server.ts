import { once } from 'node:events';
import { startFront } from '../../local/front.ts';
import { lambda } from '../../local/lambda.ts';
import { bareHandler } from '../baseline/bare.ts';
import { withEnvironment } from '../environment.ts';

/** One server in a process of its own: `ours` or `bare`. Tells its address and the webhooks' secret, and serves until it is told anything. */
export interface Serving {
  readonly url: string;
  readonly secret: string;
}

const [which] = process.argv.slice(2);
const stopping = once(process, 'message');
await withEnvironment('INFO', async ({ aws, secret, ours }) => {
  const handler = which === 'ours' ? ours : bareHandler({ dynamo: aws.dynamo, secret });
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
});
process.disconnect?.();
