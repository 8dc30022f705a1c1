import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LimitedGateway, limitedGateway, type Seen } from '../limited-gateway.ts';
import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { type StackProcess, startStackProcess, until } from '../stack-client.ts';
import { withFolder } from '../temporary.ts';

/** Stripe's limit in test mode, and of one endpoint in live mode (https://docs.stripe.com/rate-limits). */
const perSecond = 25;
const refundEndpoint = 'POST /v1/refunds';
/** Enough answers that a thousandth of them is more than one. */
const backlog = 3000;

/**
 * How near to a gateway's limit a backlog is worked off, and how often the gateway had to say no. The gateway is down while the returns
 * come in, so that all of the backlog is there when it is up again, and nothing but its drain is measured.
 */
export const pace: Measure = ({ quick, progress }) =>
  withFolder(async (data) => {
    const secret = (prefix: string) => `${prefix}_${randomBytes(24).toString('hex')}`;
    const secrets = { credential: secret('sk_test'), webhookSecret: secret('whsec') };
    const gateway = await limitedGateway({ folder: data, perSecond, ...secrets });
    const connections = connectionsFile(data, { ...secrets, baseUrl: gateway.url });
    const stack = await startStackProcess(data, { REDRESS_CONNECTIONS: connections });
    try {
      gateway.deliverTo(`${stack.url}/webhooks/gateways/stripe-demo`);
      const names = Array.from({ length: quick ? 10 : backlog }, (_, index) => `pace${index}`);
      await stack.pay(names, gateway.url);
      gateway.setDown(true);
      await sendAll(stack, names);
      const decided = async () =>
        (await stack.refundsKnown()) >= names.length && (await stack.refundsKnown('waiting')) === 0;
      await until(decided, 600_000, 2000);
      progress('pace: the backlog is there, and the gateway up again');
      gateway.setDown(false);
      await until(() => gateway.refundsMade() >= names.length, 300_000);
      return rows(gateway, progress);
    } finally {
      await stack.stop();
      await gateway.close();
    }
  });

/** The development gateway is elsewhere. */
function connectionsFile(
  data: string,
  of: { readonly baseUrl: string; readonly credential: string; readonly webhookSecret: string },
): string {
  const path = join(data, 'bench-connections.json');
  const connection = {
    kind: 'gateway',
    platform: 'stripe',
    settings: { baseUrl: of.baseUrl },
    verifySecrets: [of.webhookSecret],
    credential: of.credential,
  };
  writeFileSync(path, JSON.stringify({ connections: { 'stripe-demo': connection } }), { mode: 0o600 });
  return path;
}

async function sendAll(stack: StackProcess, names: readonly string[]): Promise<void> {
  const queue = [...names];
  const worker = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) await stack.send(name);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

function rows({ seen }: LimitedGateway, progress: (line: string) => void) {
  const asked = seen.filter(({ endpoint }) => endpoint === refundEndpoint);
  const rate = middleRate(asked);
  const limited = seen.filter(({ status }) => status === 429).length;
  progress(
    `pace: ${rate.toFixed(1)} requests per second of ${perSecond}, ${limited} of ${seen.length} answers were 429`,
  );
  const firstMs = asked[0]?.atMs ?? 0;
  for (const { atMs, endpoint, status } of seen)
    if (status === 429)
      progress(`pace: ${endpoint} was refused ${((atMs - firstMs) / 1000).toFixed(2)} s after the first refund`);
  const against = { name: `${perSecond} per second`, value: perSecond };
  return [
    row({ name: 'pace.rate', value: rate, unit: 'per second', n: asked.length, against, goal: '>= 0.95' }),
    row({
      name: 'pace.refused',
      value: limited / seen.length,
      unit: 'of all answers',
      n: seen.length,
      goal: '<= 0.001',
    }),
  ];
}

/** Requests per second between a quarter and three quarters of the time from the first to the last. */
function middleRate(asked: readonly Seen[]): number {
  const first = asked[0]?.atMs ?? 0;
  const span = (asked.at(-1)?.atMs ?? 0) - first;
  const [from, to] = [first + span / 4, first + (span * 3) / 4];
  return (asked.filter(({ atMs }) => atMs >= from && atMs < to).length * 1000) / (to - from);
}
