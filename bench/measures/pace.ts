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
const backlog = 1500;
/** Where the webhooks come in between, for comparison. */
const mixedBacklog = 600;

/**
 * How near to a gateway's limit a backlog is worked off, and how often the gateway had to say no. The gateway is down while the returns
 * come in, so that all of the backlog is there when it is up again, and nothing but its drain is measured. Twice: the executor for
 * itself, to whose gateway's webhooks the others have other processors on AWS; and with the webhooks of each refund worked on
 * meanwhile by the same process.
 */
export const pace: Measure = async ({ quick, progress }) => {
  const alone = await drain('alone', quick ? 10 : backlog, progress);
  const mixed = await drain('mixed', quick ? 10 : mixedBacklog, progress);
  return [...rows('pace', alone, true), ...rows('pace.with-webhooks', mixed, false)];
};

/** On a stack and at a gateway of its own: what went before would be looked at again meanwhile. */
const drain = (kind: 'alone' | 'mixed', count: number, progress: (line: string) => void): Promise<readonly Seen[]> =>
  withFolder(async (data) => {
    const secret = (prefix: string) => `${prefix}_${randomBytes(24).toString('hex')}`;
    const secrets = { credential: secret('sk_test'), webhookSecret: secret('whsec') };
    const gateway = await limitedGateway({ folder: data, perSecond, ...secrets });
    const connections = connectionsFile(data, { ...secrets, baseUrl: gateway.url });
    const stack = await startStackProcess(data, { REDRESS_CONNECTIONS: connections });
    try {
      gateway.deliverTo(`${stack.url}/webhooks/gateways/stripe-demo`);
      return await drained({ gateway, stack }, kind, count, progress);
    } finally {
      await stack.stop();
      await gateway.close();
    }
  });

/** Lays down a backlog, lets it go, and answers what the gateway saw meanwhile. */
async function drained(
  { gateway, stack }: { readonly gateway: LimitedGateway; readonly stack: StackProcess },
  kind: 'alone' | 'mixed',
  count: number,
  progress: (line: string) => void,
): Promise<readonly Seen[]> {
  const names = Array.from({ length: count }, (_, index) => `${kind}${index}`);
  await stack.pay(names, gateway.url);
  gateway.setDown(true);
  await sendAll(stack, names);
  const decided = async () => (await stack.refundsKnown()) >= count && (await stack.refundsKnown('waiting')) === 0;
  await until(decided, 600_000, 2000);
  progress(`pace: a backlog of ${count} is there, and the gateway up again`);
  const before = gateway.seen.length;
  if (kind === 'alone') gateway.holdWebhooks();
  gateway.setDown(false);
  await until(() => gateway.refundsMade() >= count, 300_000);
  gateway.sendWebhooks();
  return gateway.seen.slice(before);
}

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

function rows(name: string, seen: readonly Seen[], promised: boolean) {
  const asked = seen.filter(({ endpoint }) => endpoint === refundEndpoint);
  const limited = seen.filter(({ status }) => status === 429).length;
  const against = { name: `${perSecond} per second`, value: perSecond };
  const rate = { name: `${name}.rate`, value: middleRate(asked), unit: 'per second', n: asked.length, against };
  const refused = { name: `${name}.refused`, value: limited / seen.length, unit: 'of all answers', n: seen.length };
  const window = { name: `${name}.most`, value: mostInASecond(seen), unit: 'requests in any second', n: seen.length };
  return promised
    ? [row({ ...rate, goal: '>= 0.95' }), row({ ...refused, goal: '<= 0.001' }), row(window)]
    : [row(rate), row(refused), row(window)];
}

/** Of those that were let in. */
function mostInASecond(seen: readonly Seen[]): number {
  const at = seen.filter(({ status }) => status !== 429).map(({ atMs }) => atMs);
  return Math.max(0, ...at.map((from) => at.filter((one) => one >= from && one < from + 1000).length));
}

/** Requests per second between a quarter and three quarters of the time from the first to the last. */
function middleRate(asked: readonly Seen[]): number {
  const first = asked[0]?.atMs ?? 0;
  const span = (asked.at(-1)?.atMs ?? 0) - first;
  const [from, to] = [first + span / 4, first + (span * 3) / 4];
  return (asked.filter(({ atMs }) => atMs >= from && atMs < to).length * 1000) / (to - from);
}
