import { describe, expect, it } from 'vitest';
import { memoryTable } from '../adapters/memory/table.ts';
import { seededIds, settableClock } from '../adapters/memory/world.ts';
import type { MerchantId, RefundId } from '../domain/ids.ts';
import type { Currency } from '../domain/money.ts';
import { hour, instant, plus } from '../domain/time.ts';
import { Unavailable } from './ports/unavailable.ts';
import { type VelocityLimits, velocity } from './velocity.ts';

const start = instant(Date.UTC(2026, 10, 27, 12, 30));
const eur = 'EUR' as Currency;
const usd = 'USD' as Currency;

function processes(limits: VelocityLimits) {
  const clock = settableClock(start);
  const memory = memoryTable();
  let [writes, busy] = [0, false];
  const table: typeof memory = {
    ...memory,
    write: async (all) => {
      if (busy) return { is: 'busy' };
      writes += 1;
      return memory.write(all);
    },
  };
  const ids = seededIds('velocity');
  return {
    clock,
    writes: () => writes,
    shut: () => {
      busy = true;
    },
    started: () => velocity({ table, clock, ids, pause: async () => {} }, limits),
  };
}

let made = 0;
const of = (amountMinor: bigint, merchant = 'demo', refund = `rf_${++made}`) => ({
  merchant: merchant as MerchantId,
  refund: refund as RefundId,
  currency: eur,
  amountMinor,
});

describe('F50 a limit that no policy knows', () => {
  it('is one for all processes', async () => {
    const w = processes({ ofEach: { refunds: 3, amount: '50.00' }, ofAll: undefined });
    const [one, other] = [w.started(), w.started()];
    expect(await one.allows(of(2000n))).toBe(true);
    expect(await other.allows(of(2000n))).toBe(true);
    expect(await one.allows(of(1001n))).toBe(false);
    expect(await w.started().allows(of(1000n))).toBe(true);
    expect(await other.allows(of(0n))).toBe(false);
    w.clock.set(plus(start, hour));
    expect(await one.allows(of(5000n))).toBe(true);
  });

  it('is each merchant’s own, beside one for all of them', async () => {
    const w = processes({ ofEach: { refunds: 9, amount: '50.00' }, ofAll: { refunds: 9, amount: '80.00' } });
    const one = w.started();
    expect(await one.allows(of(5000n, 'demo'))).toBe(true);
    expect(await one.allows(of(1n, 'demo'))).toBe(false);
    expect(await one.allows(of(4000n, 'other'))).toBe(false);
    // What was not approved for the sake of all is not counted as the merchant's.
    expect(await one.allows(of(3000n, 'other'))).toBe(true);
    expect(await one.allows(of(1n, 'third'))).toBe(false);
  });

  it('counts a refund once that is asked for again because somebody else wrote first', async () => {
    const one = processes({ ofEach: { refunds: 2, amount: '50.00' }, ofAll: undefined }).started();
    const asked = of(3000n);
    expect(await one.allows(asked)).toBe(true);
    expect(await one.allows(asked)).toBe(true);
    expect(await one.allows({ ...asked, amountMinor: 3001n })).toBe(false);
    expect(await one.allows(of(2000n))).toBe(true);
  });

  it('counts no refund that no currency was approved in', async () => {
    const one = processes({ ofEach: { refunds: 400, amount: '1000.00' }, ofAll: undefined }).started();
    const all = [];
    for (let n = 0; n < 210; n += 1) all.push(await one.allows({ ...of(501n), currency: n % 2 === 0 ? eur : usd }));
    expect(all).not.toContain(false);
  });

  it('costs no write without a limit, and one for several refunds below a large one', async () => {
    const free = processes({ ofEach: undefined, ofAll: undefined });
    expect(await free.started().allows(of(10n ** 12n))).toBe(true);
    expect(free.writes()).toBe(0);
    const w = processes({ ofEach: { refunds: 2000, amount: '20000.00' }, ofAll: undefined });
    const one = w.started();
    for (let n = 0; n < 20; n += 1) expect(await one.allows(of(1000n))).toBe(true);
    expect(w.writes()).toBe(2);
  });

  it('approves nothing while the store is busy', async () => {
    const w = processes({ ofEach: { refunds: 2, amount: '50.00' }, ofAll: undefined });
    w.shut();
    await expect(w.started().allows(of(1n))).rejects.toThrow(Unavailable);
  });
});
