import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  atATime,
  client,
  dataFolder,
  type Ready,
  type Running,
  removeFolder,
  settled,
  signed,
  start,
} from './process.ts';

/** The kills come after so many returns were accepted since the last start, in every run alike. */
const killAfter = [2, 9, 17, 30];

describe('kill -9 under load', () => {
  const data = dataFolder();
  let stack: Running | undefined;
  afterEach(async () => {
    await stack?.stop();
    removeFolder(data);
  });

  it('F66 F88 refunds, holds or denies every accepted return once, whoever is killed and whenever', async () => {
    stack = await start(data);
    const payments = Array.from({ length: 8 }, (_, index) => `pi_kill${index}`);
    for (const payment of payments) await stack.pay(payment, 100_000);
    const accepted = new Set<string>();
    let next = 0;
    for (const [round, count] of killAfter.entries()) {
      const before = accepted.size;
      await stack.faults({ lostReplies: 2 });
      const running: Running = stack;
      const load = loadOn(running.ready, accepted, () => {
        const number = next++;
        return { name: `RMA-kill-${number}`, payment: payments[number % payments.length] ?? '' };
      });
      while (accepted.size < before + count) await wait(5);
      if (round % 2 === 0) await running.kill();
      else await running.killGroup();
      await load;
      stack = await start(data);
    }
    expect(accepted.size).toBeGreaterThan(20);
    await stack.faults({});
    // What was recorded without an answer is refunded too, so counting refunds would not say that each accepted return has its own.
    const each = (found: readonly { readonly return: string }[]) => {
      const names = new Set(found.map((one) => one.return));
      return [...accepted].every((name) => names.has(name));
    };
    const refunds = await stack.until((found) => each(found) && settled(found));
    const byReturn = new Map(refunds.map((refund) => [refund.return, refund]));
    for (const name of accepted) expect(byReturn.get(name)?.status, name).toBe('refunded');
    const truth = await stack.truth();
    const perReturn = new Map<string | null, number>();
    for (const one of truth) perReturn.set(one.reference, (perReturn.get(one.reference) ?? 0) + 1);
    expect([...perReturn.values()].every((count) => count === 1)).toBe(true);
    // Both ways: each refund of the journal is at the gateway once, and the gateway has none that the journal does not know.
    expect(refunds.map((one) => perReturn.get(one.id))).toEqual(refunds.map(() => 1));
    const known = new Set((await stack.refunds()).map((one) => one.id));
    expect(truth.filter((one) => !known.has(one.reference ?? ''))).toEqual([]);
  });
});

/** Posts returns until the stack is gone; remembers which were answered with 202. */
async function loadOn(
  ready: Ready,
  accepted: Set<string>,
  make: () => { name: string; payment: string },
): Promise<void> {
  const { secret, url } = client(ready);
  const one = async (): Promise<void> => {
    for (let more = 0; more < 40; more += 1) {
      const { name, payment } = make();
      const { body, headers } = signed({ return: name, payment, lines: [{ id: '1', price: '1.00' }] }, secret);
      try {
        const response = await fetch(`${url}/webhooks/returns/generic-demo`, { method: 'POST', body, headers });
        if (response.status === 202) accepted.add(name);
      } catch {
        return; // killed: what had no answer may or may not have been recorded
      }
    }
  };
  await atATime(4, [one, one, one, one]);
}
