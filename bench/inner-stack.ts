import { setTimeout as wait } from 'node:timers/promises';
import type { DataFolder } from '../local/data-folder.ts';
import { openDataFolder } from '../local/data-folder.ts';
import { signingSecret } from '../local/dev-connections.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { type Meter, meterOf } from './meter.ts';
import { paymentOf } from './stack-client.ts';
import { returnAmountMinor, returnWebhook } from './webhook.ts';

/** The embedded stack in this process, with a meter on its clients. */
export interface InnerStack {
  readonly stack: Stack;
  readonly folder: DataFolder;
  readonly meter: Meter;
  /** Whole refunds, from capture to the last news of them, `width` returns at a time. Answers how long they took, in ms. */
  refund(names: readonly string[], width: number): Promise<number>;
}

export async function startInnerStack(path: string): Promise<InnerStack> {
  const opened = openDataFolder(path);
  if (opened.is === 'in-use') throw new Error(`process ${opened.pid} runs on this folder`);
  const { folder } = opened;
  const stack = await startStack({ folder, port: 0, logLevel: 'SILENT', alone: true });
  const meter = meterOf(stack.aws);
  const secret = signingSecret(stack.connections['generic-demo'], Date.now()) ?? '';
  const post = async (path: string, body: string, headers: Readonly<Record<string, string>>) => {
    const { host: _, ...others } = headers;
    const response = await fetch(`${stack.url}${path}`, { method: 'POST', body, headers: others });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`POST was answered with ${response.status}`);
  };
  const made = async (): Promise<number> =>
    ((await (await fetch(`${stack.url}/sim/stripe/_refunds`)).json()) as unknown[]).length;
  return {
    stack,
    folder,
    meter,
    refund: async (names, width) => {
      const before = await made();
      const startedAt = performance.now();
      const queue = [...names];
      const one = async (name: string) => {
        const payment = {
          id: paymentOf(name),
          amountMinor: returnAmountMinor,
          currency: 'EUR',
          order: `order-${name}`,
        };
        await post('/sim/stripe/_payments', JSON.stringify(payment), { 'content-type': 'application/json' });
        const { body, headers } = returnWebhook({ name, payment: payment.id, secret });
        await post('/webhooks/returns/generic-demo', body, headers);
      };
      const worker = async () => {
        for (let name = queue.pop(); name !== undefined; name = queue.pop()) await one(name);
      };
      await Promise.all(Array.from({ length: width }, worker));
      await quiet(meter, async () => (await made()) >= before + names.length);
      return meter.lastAt() - startedAt;
    },
  };
}

/** Everything that follows has followed: what was wanted is there, and nothing has been asked of AWS for a while. */
async function quiet(meter: Meter, done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    await wait(100);
    if (performance.now() - meter.lastAt() > 1500 && (await done())) return;
    if (performance.now() > deadline) throw new Error('the refunds did not come to an end within two minutes');
  }
}
