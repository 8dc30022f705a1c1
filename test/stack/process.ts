import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { type Instant, instant } from '../../lib/domain/time.ts';

/** The stack as its users have it: `npm start` in a process of its own, everything over HTTP. */

export const root = resolve(import.meta.dirname, '../..');

export interface Ready {
  readonly ready: string;
  readonly connections: Readonly<Record<string, { readonly kind: string; readonly secret: string }>>;
  readonly tokens: Readonly<Record<string, string>>;
}

export interface RefundView {
  readonly id: string;
  readonly status: string;
  readonly return: string;
  readonly order: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reasons: readonly string[];
  readonly dueAt: number | null;
}

export interface GatewayRefund {
  readonly id: string;
  readonly payment: string;
  readonly amountMinor: number;
  readonly status: string;
  readonly reference: string | null;
  readonly key: string | null;
}

export interface Line {
  readonly id: string;
  readonly price: string;
  readonly quantity?: number;
}

export interface SendReturn {
  readonly return: string;
  readonly payment: string;
  readonly lines: readonly Line[];
  readonly order?: string;
  readonly id?: string;
  readonly type?: string;
  readonly at?: Instant;
}

export const dataFolder = (): string => mkdtempSync(join(tmpdir(), 'redress-test-'));

export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

export type Running = Awaited<ReturnType<typeof start>>;

/** Starts the stack on `data` in a process group of its own and waits for its ready line. `cwd` may be a changed copy of the project. */
export async function start(data: string, cwd = root) {
  const child = spawn(process.execPath, ['local/start.ts', '--json'], {
    cwd,
    detached: true,
    env: { ...process.env, PORT: '0', REDRESS_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logs: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => logs.push(chunk.toString('utf8')));
  const ready = await readyLine(child, logs);
  const api = client(ready);
  return {
    ...api,
    ready,
    data,
    child,
    logs: () => logs.join(''),
    /** A clean stop: SIGTERM, and the exit code. */
    stop: () => end(child, 'SIGTERM'),
    /** `kill -9` of Node alone. */
    kill: () => end(child, 'SIGKILL'),
    /** `kill -9` of the whole process group. */
    killGroup: async () => {
      const exited = once(child, 'exit');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

function readyLine(child: ChildProcess, logs: readonly string[]): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    const line = text.split('\n').find((one) => one.startsWith('{"ready"'));
    if (line !== undefined && text.includes('\n', text.indexOf(line))) resolve(JSON.parse(line) as Ready);
  });
  child.once('exit', () => reject(new Error(`the stack ended before it was ready: ${logs.join('')}`)));
  return promise;
}

/** How long to wait for what must come: it ends a test that hangs with what it saw, before the test's own end. */
export const patienceMs = 240_000;

export type Client = ReturnType<typeof client>;

export function client({ ready: url, connections, tokens }: Ready) {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokens.viewer}` } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return (await response.json()) as T;
  };
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const refunds = async (query = ''): Promise<RefundView[]> => {
    const all: RefundView[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `${query === '' ? '?' : '&'}cursor=${encodeURIComponent(cursor)}`;
      const page: { refunds: RefundView[]; cursor: string | null } = await get(`/v1/refunds${query}${more}`);
      all.push(...page.refunds);
      cursor = page.cursor;
    } while (cursor !== null);
    return all;
  };
  return {
    url,
    get,
    post,
    refunds,
    secret: connections['generic-demo']?.secret ?? '',
    pay: async (id: string, amountMinor: number, order?: string) => {
      const response = await post('/sim/stripe/_payments', {
        id,
        amountMinor,
        currency: 'EUR',
        ...(order === undefined ? {} : { order }),
      });
      if (!response.ok) throw new Error(`payment refused: ${response.status}`);
    },
    faults: async (faults: Readonly<Record<string, number | boolean>>) => {
      await post('/sim/stripe/_faults', faults);
    },
    truth: () => get<GatewayRefund[]>('/sim/stripe/_refunds'),
    calls: () => get<{ method: string; path: string; key: string | null }[]>('/sim/stripe/_calls'),
    operate: (path: string, role: string) =>
      fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${tokens[role]}` } }),
    send: async (of: SendReturn): Promise<number> => {
      const { body, headers } = signed(of, connections['generic-demo']?.secret ?? '');
      return (await fetch(`${url}/webhooks/returns/generic-demo`, { method: 'POST', body, headers })).status;
    },
    /** Waits until `done` holds for the refunds of `query`. */
    until: async (
      done: (refunds: readonly RefundView[]) => boolean,
      { query = '', withinMs = patienceMs } = {},
    ): Promise<RefundView[]> => {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const asked = performance.now();
        const found = await refunds(query);
        if (done(found)) return found;
        if (performance.now() > deadline)
          throw new Error(
            `not within ${withinMs} ms: ${JSON.stringify(found.map(({ id, status, reasons }) => ({ id, status, reasons })))}`,
          );
        // A machine that is slow to answer is not kept busy with being asked.
        await wait(Math.max(40, 3 * (performance.now() - asked)));
      }
    },
  };
}

let deliveries = 0;

/** A signed return webhook, ready to be posted: as often as one likes. */
export function signed(
  of: SendReturn,
  secret: string,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const body = JSON.stringify({
    type: of.type ?? 'return.approved',
    data: {
      return: of.return,
      order: of.order ?? 'order-1',
      currency: 'EUR',
      payments: [{ connection: 'stripe-demo', reference: of.payment }],
      lines: of.lines.map((line) => ({
        id: line.id,
        sku: 'SKU',
        quantity: line.quantity ?? 1,
        price: line.price,
        tax: '0',
        reason: 'size',
        condition: 'new',
      })),
    },
  });
  deliveries += 1;
  const id = of.id ?? `msg_${process.pid}_${deliveries}`;
  return { body, headers: sign(body, { secret: new Secret(secret), id, at: of.at ?? instant(Date.now()) }) };
}

const ended = new Set(['refunded', 'held', 'denied', 'failed', 'partly-refunded', 'cancelled']);
export const settled = (refunds: readonly RefundView[]): boolean => refunds.every((refund) => ended.has(refund.status));

/** At most `width` at a time. */
export async function atATime<T>(width: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = [...tasks.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

export const sum = (refunds: readonly { readonly amountMinor: number }[]): number =>
  refunds.reduce((all, one) => all + one.amountMinor, 0);
