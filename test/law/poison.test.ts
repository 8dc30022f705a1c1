import { runInThisContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryConnections } from '../../lib/adapters/memory/connections.ts';
import { blindIndex } from '../../lib/app/blind.ts';
import type { MerchantId } from '../../lib/domain/ids.ts';
import { world } from '../spine/world.ts';
import { Poisoned, poison, standingIn } from './poison.ts';

let cure = () => {};
afterEach(() => cure());

const poisoned = () => {
  const running = poison();
  cure = running.cure;
  return running;
};

/** Runs code as if it stood in that file. */
const planted = (path: string, code: string): unknown => runInThisContext(`\n${code}`, { filename: standingIn(path) });

const reaches = [
  'Date.now()',
  'new Date()',
  'Date()',
  'Math.random()',
  'crypto.randomUUID()',
  'crypto.getRandomValues(new Uint8Array(1))',
  'performance.now()',
  'setTimeout(() => {}, 0)',
  'setInterval(() => {}, 1000).unref()',
  'setImmediate(() => {})',
  'queueMicrotask(() => {})',
  "fetch('data:,x')",
  'process.env',
  'process.hrtime()',
  'console.assert(true)',
  'globalThis.Date.now()',
];

describe('poison', () => {
  it.each(reaches)('is what domain and app get from %s', (code) => {
    for (const path of ['lib/domain/planted.ts', 'lib/app/ports/planted.ts']) {
      const running = poisoned();
      expect(() => planted(path, code)).toThrow(Poisoned);
      expect(running.taken).toEqual([expect.stringMatching(new RegExp(` in ${path}:2:\\d+$`))]);
      running.cure();
    }
  });

  it.each(reaches)('is not what anybody else gets from %s', (code) => {
    const running = poisoned();
    for (const path of ['lib/adapters/system/planted.ts', 'test/planted.ts', 'elsewhere/lib/domain/planted.ts'])
      expect(() => planted(path, code)).not.toThrow();
    expect(running.taken).toEqual([]);
  });

  it('leaves arithmetic with dates alone', () => {
    poisoned();
    expect(planted('lib/domain/planted.ts', 'new Date(0).toISOString() + Date.UTC(1970, 0)')).toBe(
      '1970-01-01T00:00:00.000Z0',
    );
  });

  it('finds the real files too: a look at the clock that is handed to one of them is that file’s look', async () => {
    const running = poisoned();
    const connections = memoryConnections({ indexKey: { version: 'k1', key: 'key' }, connections: [] });
    const blind = blindIndex(connections, Date.now as () => never);
    await expect(blind('demo' as MerchantId, 'stripe-demo', 'pi_1')).rejects.toThrow(Poisoned);
    expect(running.taken).toEqual([expect.stringMatching(/^Date\.now in lib\/app\/blind\.ts:\d+/)]);
  });

  it('is seen where the error was swallowed, and through a callback of the language', () => {
    const running = poisoned();
    planted('lib/app/planted.ts', 'try { [1].map(() => Date.now()) } catch {}');
    expect(running.taken).toEqual([expect.stringContaining('Date.now in lib/app/planted.ts')]);
  });

  it('is gone when it is cured', () => {
    const running = poisoned();
    running.cure();
    expect(planted('lib/domain/planted.ts', 'Date.now()')).toEqual(expect.any(Number));
  });
});

describe('domain and app', () => {
  it('go from webhook to refund without a look at clock, chance or the outside world', async () => {
    const running = poisoned();
    const w = world();
    w.pay('pi_poison', 10_000, { order: '1001' });
    await w.run(5_000);
    await w.post({ return: 'RMA-1', payment: 'pi_poison', lines: [{ id: 'l1', price: '42.00', quantity: 1 }] });
    await w.run();
    const refunds = await w.refunds();
    running.cure();
    expect(running.taken).toEqual([]);
    expect(refunds).toMatchObject([{ status: 'refunded' }]);
  });
});
