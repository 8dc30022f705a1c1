import { describe, expect, it } from 'vitest';
import { world } from './world.ts';

const line = (price: string, id = 'l1', quantity = 1) => ({ id, price, quantity });

describe('one webhook', () => {
  it('becomes one refund at the gateway, and the journal says so', async () => {
    const w = world();
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run(5_000);
    expect(await w.post({ return: 'RMA-1', payment: 'pi_one', lines: [line('42.00')] })).toMatchObject({
      is: 'recorded',
    });
    await w.run();
    expect(await w.refunds()).toMatchObject([
      { status: 'refunded', amountMinor: 4200n, return: 'RMA-1', order: '1001' },
    ]);
    expect(w.moved()).toMatchObject([{ payment: 'pi_one', amountMinor: 4200 }]);
    expect(w.posts()).toHaveLength(1);
    expect(w.log.alarms()).toEqual([]);
  });
});
