import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { end } from './child.ts';
import { returnAmountMinor, returnWebhook } from './webhook.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm start` in a process of its own, and what a shop and a gateway's log tell about it. */
export interface StackProcess {
  readonly url: string;
  readonly secret: string;
  /** From starting the process to its ready line. */
  readonly readyMs: number;
  /** Posts one new return; resolves with when that was, before it was sent. */
  send(name: string): Promise<{ readonly payment: string; readonly sentAt: number }>;
  /** Captured payments for returns of these names, at the stack's own gateway or at another simulator. */
  pay(names: readonly string[], gateway?: string): Promise<void>;
  /** When the gateway was asked for a refund, by the name of the return it was for. */
  refundCalls(): readonly GatewayCall[];
  refundsMade(): Promise<number>;
  /** As many as the lists show, of a status or of all; NaN where the stack is too busy to say. */
  refundsKnown(status?: string): Promise<number>;
  stop(): Promise<void>;
}

export interface GatewayCall {
  readonly atMs: number;
  readonly payment: string;
}

export async function startStackProcess(
  data: string,
  env: Readonly<Record<string, string>> = {},
): Promise<StackProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['local/start.ts', '--json'], {
    cwd: root,
    env: { ...process.env, PORT: '0', REDRESS_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Should we be ended before it is stopped: it ends its own engines.
  process.once('exit', () => child.kill('SIGTERM'));
  const { ready: url, connections, tokens } = await readyLine(child);
  const readyMs = performance.now() - startedAt;
  const secret = connections['generic-demo']?.secret ?? '';
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokens.viewer}` } });
    return (await response.json()) as T;
  };
  return {
    url,
    secret,
    readyMs,
    send: async (name) => {
      const payment = paymentOf(name);
      const webhook = returnWebhook({ name, payment, secret });
      const sentAt = Date.now();
      await post(`${url}/webhooks/returns/generic-demo`, webhook.body, webhook.headers);
      return { payment, sentAt };
    },
    pay: async (names, gateway = `${url}/sim/stripe`) => {
      for (const name of names)
        await post(
          `${gateway}/_payments`,
          JSON.stringify({
            id: paymentOf(name),
            amountMinor: returnAmountMinor,
            currency: 'EUR',
            order: `order-${name}`,
          }),
          { 'content-type': 'application/json' },
        );
    },
    refundCalls: () => refundCalls(join(data, 'sim', 'stripe.jsonl')),
    refundsMade: async () => (await get<unknown[]>('/sim/stripe/_refunds')).length,
    refundsKnown: async (status) => {
      let known = 0;
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({ ...(status && { status }), ...(cursor && { cursor }) });
        const page: Page = await get(`/v1/refunds?${query}`);
        if (page.refunds === undefined) return Number.NaN;
        known += page.refunds.length;
        cursor = page.cursor;
      } while (cursor !== null);
      return known;
    },
    stop: () => end(child),
  };
}

export const paymentOf = (name: string): string => `pi_${name}`;

interface Page {
  /** Not in a problem. */
  readonly refunds?: readonly unknown[];
  readonly cursor: string | null;
}

interface Ready {
  readonly ready: string;
  readonly connections: Readonly<Record<string, { readonly secret: string }>>;
  readonly tokens: Readonly<Record<string, string>>;
}

async function readyLine(child: ChildProcess): Promise<Ready> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString('utf8')}`.slice(-2000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    const line = text.split('\n').find((one) => one.startsWith('{"ready"'));
    if (line !== undefined && text.includes('\n', text.indexOf(line))) resolve(JSON.parse(line) as Ready);
  });
  void once(child, 'exit').then(() => reject(new Error(`the stack ended before it was ready: ${errors}`)));
  return promise;
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { host: _, ...others } = headers;
  const response = await fetch(url, { method: 'POST', body, headers: others });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`POST was answered with ${response.status}`);
}

/** The simulator writes down every request before it answers it: that log, not our journal, says when it was asked. */
function refundCalls(file: string): readonly GatewayCall[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (!line.includes('"/v1/refunds"') || !line.includes('"POST"')) return [];
      const { at, request } = JSON.parse(line) as { at: number; request: { body: string } };
      return [{ atMs: at, payment: new URLSearchParams(request.body).get('payment_intent') ?? '' }];
    });
}

/** Waits until `done`, looking every so often; throws when that takes too long. */
export async function until(done: () => boolean | Promise<boolean>, withinMs: number, everyMs = 250): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await wait(everyMs);
  }
}
