import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../adapters/memory/log.ts';
import { memoryTable, type TableCall, type TableFault } from '../adapters/memory/table.ts';
import { seededIds, settableClock } from '../adapters/memory/world.ts';
import { parseMerchant } from '../domain/ids.ts';
import { connection, t0 } from '../domain/refund/given.ts';
import { production } from '../domain/tempo.ts';
import { minute, plus, second } from '../domain/time.ts';
import { accountGate, type Gate, type Heard } from './account-gate.ts';

const merchant = parseMerchant('demo')!;
const rates = { perEndpoint: 25, perAccount: 25 };
const of = { merchant, connection: connection('stripe-demo'), rates };

/** A process that can't do anything for `forMs`, again and again. */
interface Stalls {
  readonly everyMs: number;
  readonly forMs: number;
}

/** Virtual time in which many wait at once: the next instant comes when nobody has anything to do in this one. */
function virtualTime(stalls?: Stalls) {
  const clock = settableClock(t0);
  const sleeping: { readonly at: number; readonly wake: () => void }[] = [];
  const pause = (ms: number) =>
    new Promise<void>((wake) => {
      sleeping.push({ at: clock.now() + ms, wake });
      sleeping.sort((a, b) => a.at - b.at);
    });
  const run = async (ms: number) => {
    const end = plus(clock.now(), ms);
    for (;;) {
      await setImmediate();
      const next = sleeping[0];
      if (next === undefined || next.at > end) return clock.set(end);
      clock.set(plus(clock.now(), Math.max(0, Math.ceil(next.at - clock.now()))));
      const into = stalls === undefined ? 0 : (clock.now() - t0) % stalls.everyMs;
      if (stalls !== undefined && into < stalls.forMs) clock.set(plus(clock.now(), stalls.forMs - into));
      while (sleeping[0] !== undefined && sleeping[0].at <= clock.now()) sleeping.shift()?.wake();
    }
  };
  /** Lets time pass until `work` is done. */
  const through = async <T>(work: Promise<T>): Promise<T> => {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    for (await setImmediate(); !ended; ) await run(10);
    return work;
  };
  return { clock, pause, run, through };
}

function gates(count: number, fault: (call: TableCall) => TableFault | undefined = () => undefined, stalls?: Stalls) {
  const time = virtualTime(stalls);
  const log = memoryLog();
  let writes = 0;
  const table = memoryTable((call) => {
    if (call.call === 'write') writes += 1;
    return fault(call);
  });
  const { clock, pause } = time;
  const all = Array.from({ length: count }, (_, n) =>
    accountGate({ table, clock, pause, log, tempo: production, ids: seededIds(`process ${n}`) }),
  );
  return { all, log, writes: () => writes, ...time };
}

const good: Heard = { verdict: 'good' };

/** Works on, one request after the other, as long as time goes on; what is put off comes back a little later. */
async function works(gate: Gate, pause: (ms: number) => Promise<void>, request: () => Promise<Heard>) {
  for (;;) {
    const entered = await gate.enter(of, 'refund', production.gateWaitMs);
    if (entered.is === 'in') await gate.leave(entered.pass, await request());
    else await pause(200);
  }
}

describe('the gate of an account', () => {
  it.each([
    [1, 40],
    [3, 20],
    [12, 2],
    [12, 4],
    [12, 1],
  ])(
    'F61 asks at 0.95 of the limit, and hardly ever above it, from %i processes with %i at once',
    async (processes, workers) => {
      const { all, clock, pause, run, writes } = gates(processes);
      const taken: number[] = [];
      let refused = 0;
      let drawn = 0;
      /** A request arrives a little late, and the gateway counts any second. */
      const request = async (): Promise<Heard> => {
        drawn += 1;
        await pause(5 + ((drawn * 7919) % 20));
        const now = clock.now();
        if (taken.filter((at) => at > now - second).length >= 25) {
          refused += 1;
          return { verdict: 'good', limited: { retryAfterMs: undefined } };
        }
        taken.push(now);
        await pause(150);
        return good;
      };
      for (const gate of all) for (let n = 0; n < workers; n += 1) void works(gate, pause, request);
      await run(2 * minute);
      expect(taken.length / 120).toBeGreaterThanOrEqual(0.95 * 25);
      expect(refused / taken.length).toBeLessThanOrEqual(0.001);
      expect(writes() / taken.length).toBeLessThan(processes === 1 ? 0.3 : 2.1);
    },
  );

  it.each([
    [50, 400, 0.95],
    [120, 700, 0.94],
    [300, 1900, 0.9],
  ])(
    'F61 stays within the limit though the process stalls for %i ms every %i ms, and at %d of it: who was held up does not go out in a bunch',
    async (forMs, everyMs, share) => {
      const { all, clock, pause, run } = gates(1, () => undefined, { forMs, everyMs });
      const sent: number[] = [];
      const work = async (gate: Gate) => {
        for (let n = 0; ; n += 1) {
          const entered = await gate.enter(of, 'refund', production.gateWaitMs);
          if (entered.is === 'later') await pause(200);
          else {
            // What is done between the gate and the request: now quick, now slow.
            await pause(5 + ((n * 7919) % 40));
            await gate.start(entered.pass);
            sent.push(clock.now());
            await pause(150);
            await gate.leave(entered.pass, good);
          }
        }
      };
      for (let n = 0; n < 40; n += 1) void work(all[0]!);
      await run(2 * minute);
      const inASecond = sent.map((at, n) => sent.slice(n).filter((other) => other < at + second).length);
      expect(Math.max(...inASecond)).toBeLessThanOrEqual(25);
      expect(sent.length / 120).toBeGreaterThanOrEqual(share * 25);
    },
  );

  it('writes nothing for a success, and one item for a request that comes alone', async () => {
    const { all, run, writes, clock } = gates(1);
    for (let n = 1; n <= 5; n += 1) {
      clock.set(plus(clock.now(), 10 * second));
      const entered = await all[0]!.enter(of, 'refund', second);
      if (entered.is !== 'in') throw new Error('not in');
      await all[0]!.leave(entered.pass, good);
      expect(writes()).toBe(n);
    }
    await run(1);
  });

  it('F107 lets in, evenly, while each write takes longer than a slot is good for', async () => {
    const time = virtualTime();
    const { clock, pause, through } = time;
    const inner = memoryTable();
    const table: typeof inner = {
      ...inner,
      write: async (writes) => {
        await pause(400);
        return inner.write(writes);
      },
    };
    const gate = accountGate({ ...time, table, log: memoryLog(), tempo: production, ids: seededIds('slow') });
    const sent: number[] = [];
    const one = async () => {
      const entered = await gate.enter(of, 'refund', production.gateWaitMs);
      if (entered.is === 'in') sent.push(clock.now());
    };
    await through(Promise.all([one(), one(), one(), one()]));
    expect(sent).toHaveLength(4);
    const gaps = sent.slice(1).map((at, n) => at - (sent[n] ?? at));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(40);
  });

  it('F85 lets one in of many processes that come at once when a breaker may be tried', async () => {
    const { all, clock, through } = gates(6);
    for (let n = 0; n < 5; n += 1) {
      const entered = await through(all[0]!.enter(of, 'refund', second));
      if (entered.is === 'in') await all[0]!.leave(entered.pass, { verdict: 'bad' });
      clock.set(plus(clock.now(), second / 2));
    }
    expect(await all[1]!.enter(of, 'find', second)).toMatchObject({ is: 'later' });
    clock.set(plus(clock.now(), minute));
    const come = await through(Promise.all(all.map((gate) => gate.enter(of, 'find', second))));
    expect(come.filter(({ is }) => is === 'in')).toHaveLength(1);
  });

  it('F71 takes a write whose reply was lost for its own, and lets in', async () => {
    let repeats = true;
    const table = memoryTable();
    const time = virtualTime();
    const twice = {
      ...table,
      write: async (writes: Parameters<typeof table.write>[0]) => {
        const first = await table.write(writes);
        const again = repeats ? table.write(writes) : first;
        repeats = false;
        return again;
      },
    };
    const gate = accountGate({ ...time, table: twice, log: memoryLog(), tempo: production, ids: seededIds('p') });
    expect(await gate.enter(of, 'refund', second)).toMatchObject({ is: 'in' });
  });

  it('F82 alarms a refused credential once, however often the probe is refused', async () => {
    const { all, clock, log, through } = gates(2);
    for (let n = 0; n < 6; n += 1) {
      const entered = await through(all[n % 2]!.enter(of, 'refund', second));
      if (entered.is !== 'in') throw new Error('not in');
      const until = await all[n % 2]!.leave(entered.pass, { verdict: 'credential' });
      expect(until).toBeGreaterThan(clock.now());
      clock.set(until!);
    }
    expect(log.alarms()).toEqual(['credential-refused']);
  });

  it('F26 F144 keeps nobody waiting for a slot that was taken before a clock was set back', async () => {
    const { all, clock, through } = gates(2);
    clock.set(plus(t0, 60 * minute));
    const others = Array.from({ length: 5 }, () => all[0]!.enter(of, 'refund', second));
    const patient = all[1]!.enter(of, 'refund', second);
    const hasty = all[1]!.enter(of, 'refund', 45);
    const come = await through(Promise.all([patient, hasty, ...others]));
    expect(come.slice(0, 2).map(({ is }) => is)).toEqual(['in', 'later']);
    clock.set(t0);
    expect(await through(all[1]!.enter(of, 'refund', second))).toMatchObject({ is: 'in' });
  });

  it('puts off who would wait for longer than a function has', async () => {
    const { all, through } = gates(1);
    const come = Promise.all(Array.from({ length: 60 }, () => all[0]!.enter(of, 'refund', second)));
    const entered = (await through(come)).map(({ is }) => is);
    expect(entered.filter((is) => is === 'in').length).toBeGreaterThanOrEqual(24);
    expect(entered.filter((is) => is === 'later').length).toBeGreaterThanOrEqual(33);
  });
});
