import { expect, it } from 'vitest';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import { production } from '../../lib/domain/tempo.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const payments = 20;
const fresh = 4990;
const plenty = { perSecond: 10_000, burst: 10_000 };

interface Call {
  readonly at: number;
  readonly method: string;
  /** The refund whose key a request for money carries. */
  readonly refund: string;
}

const refundOf = ({ headers }: WireRequest): string =>
  /rf_[0-9a-f]{20}/.exec(Object.values(headers).join(' '))?.[0] ?? '';

/** The requests in the order of their coming, in groups that are at most `gap` apart. */
function groups(calls: readonly Call[], gap: number): Call[][] {
  const all: Call[][] = [];
  for (const call of calls) {
    const last = all.at(-1);
    if (last === undefined || call.at - (last.at(-1)?.at ?? 0) > gap) all.push([call]);
    else last.push(call);
  }
  return all;
}

it('F84 F85 F145 a gateway that is down for six hours, with five thousand refunds due', async () => {
  const calls: Call[] = [];
  const w: World = world({
    slow: true,
    // They come in faster than the door of one process lets a shop; that is another test's matter.
    flood: { connection: plenty, merchant: plenty },
    network: (request) => {
      calls.push({ at: w.clock.now(), method: request.method, refund: refundOf(request) });
      return undefined;
    },
  });
  w.pay('pi_old', 100_000, { order: 'old' });
  for (let n = 1; n <= 5; n += 1) w.pay(`pi_sent${n}`, 10_000, { order: `sent${n}` });
  for (let n = 1; n <= payments; n += 1) w.pay(`pi_${n}`, 1_000_000, { order: `${n}` });
  await w.run(5 * second);

  // The oldest waits for a person; some are sent while the gateway goes down; the person says yes; the others come.
  await w.post(returned('RMA-old', '501.00', 'pi_old', { order: 'old' }));
  await w.run(minute);
  const [old] = await w.refunds();
  expect(old?.status).toBe('held');
  const down = w.clock.now();
  w.faults({ down: true, dropWebhooks: 1 });
  for (let n = 1; n <= 5; n += 1) {
    await w.post(returned(`RMA-sent${n}`, '1.00', `pi_sent${n}`, { order: `sent${n}` }));
    await w.run(400);
  }
  await w.approve(old!.id);
  for (let n = 1; n <= fresh; n += 1) {
    const payment = (n % payments) + 1;
    await w.post(returned(`RMA-${n}`, '1.00', `pi_${payment}`, { order: `${payment}` }));
    if (n % 10 === 0) await w.run(10);
  }
  await w.run(6 * hour - (w.clock.now() - down));
  expect(w.moved()).toEqual([]);
  const probes = calls.splice(0);
  // Five that opened the breaker, then half a minute, a minute, two … ten minutes.
  expect(probes.length).toBeGreaterThan(5 + 30);
  expect(probes.length).toBeLessThan(5 + 6 + (6 * hour) / production.mostOpenMs);
  const waits = probes.slice(5).map((call, n) => call.at - (probes[n + 4]?.at ?? 0));
  expect(Math.max(...waits)).toBeGreaterThan(production.mostOpenMs - minute);

  const hintsBefore = w.hinted.length;
  w.faults({ dropWebhooks: 1 });
  await w.run(hour);

  // Each is paid exactly once: the books are audited after every test, and what moved is what was asked for.
  const refunds = await w.refunds();
  expect(refunds).toHaveLength(fresh + 6);
  expect(new Set(refunds.map(({ status }) => status))).toEqual(new Set(['refunded']));
  expect(w.moved()).toHaveLength(fresh + 6);

  // In the order of their key windows, and then of their age. Of those that were sent before, a question comes first, beside which the
  // next one may go out: so nobody is more than one place from its own, and behind the ramp nobody at all.
  const sent = calls.filter(({ method }) => method === 'POST').map(({ refund }) => refund);
  const byName = new Map(refunds.map((refund) => [refund.return, refund]));
  const windows = [...new Set(probes.filter(({ method }) => method === 'POST').map(({ refund }) => refund))];
  expect(windows).toEqual([1, 2, 3, 4].map((n) => byName.get(`RMA-sent${n}`)?.id));
  const byAge = refunds
    .filter(({ id }) => !windows.includes(id))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
  expect(byAge[0]).toBe(old!.id);
  const expected = [...windows, ...byAge];
  const places = new Map(expected.map((id, place) => [id, place]));
  expect(sent).toHaveLength(expected.length);
  expect(Math.max(...sent.map((id, place) => Math.abs(place - (places.get(id) ?? -1))))).toBeLessThanOrEqual(1);
  expect(sent.slice(10)).toEqual(expected.slice(10));

  // One request, then 2, 4, 8, 16, 32, then as fast as the vendor allows and no faster. The answer to a question may be followed at once
  // by the request in the first of the next places; so what has gone out after a sweep lies between this phase's sum and the next one's.
  const phases = groups(calls, 20 * second).slice(0, 6);
  const outAfter = phases.map((_, n) => phases.slice(0, n + 1).flat().length);
  outAfter.forEach((count, n) => {
    expect(count).toBeGreaterThanOrEqual(2 ** (n + 1) - 1);
    expect(count).toBeLessThan(2 ** (n + 2) - 1);
  });
  expect(outAfter.at(-1)).toBe(1 + 2 + 4 + 8 + 16 + 32);
  const perSecond = new Map<number, number>();
  for (const { at } of calls) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
  expect(Math.max(...[...perSecond.values()].slice(6))).toBeLessThanOrEqual(25);
  const hints = w.hinted.length - hintsBefore;
  expect(hints).toBeLessThanOrEqual(1.2 * (fresh + 6));
  expect(w.log.alarms()).toEqual(['refund-held', 'breaker-opened']);
  expect(w.log.lines.filter((line) => line.is === 'note' && line.code === 'breaker-closed')).toHaveLength(1);
});
