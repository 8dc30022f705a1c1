import { describe, expect, it } from 'vitest';
import { returned } from './returned.ts';
import { world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('a refund that waits for the one place of its payment', () => {
  it('F77 is in front of a person after three days, where the leg that has the place is', async () => {
    let deaf = true;
    const w = world({ slow: true, network: () => (deaf ? 'lost-request' : undefined) });
    w.pay('pi_one', 9000, { order: '1001', silent: true });
    await w.run(5000);
    deaf = false;
    await w.post(returned('RMA-0', '1.00', 'pi_one'));
    await w.run(minute);
    deaf = true;
    w.faults({ dropWebhooks: 1 });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(74 * hour);
    deaf = false;
    const held = async () => (await w.refunds()).filter(({ status }) => status === 'held').length;
    expect(await held()).toBe(1);
    const before = w.reads().length;
    await w.post(returned('RMA-2', '10.00', 'pi_one'));
    await w.run(74 * hour);
    expect(await held()).toBe(2);
    expect(w.posts()).toHaveLength(1);
    expect(w.reads().length - before).toBeLessThan(10);
  });
});

describe('a hold that nobody looks at', () => {
  it('F91 is alarmed once a day, and does not make every sweep poll the leg beside it', async () => {
    const w = world({ slow: true });
    w.pay('pi_fails', 3000, { order: '1001' });
    w.pay('pi_slow', 2000, { order: '1001', needsAction: true });
    await w.run(5000);
    w.faults({ failLater: 1 });
    await w.post(returned('RMA-1', '42.00', ['pi_fails', 'pi_slow']));
    await w.run(minute);
    const refund = (await w.refunds())[0];
    const shown = await w.show(refund?.id ?? '');
    expect(shown?.legs.map((leg) => leg.state)).toEqual(['held', 'pending']);
    await w.run(23 * hour);
    const readsBefore = w.reads().length;
    await w.run(3 * hour);
    expect(w.reads().length - readsBefore).toBeLessThanOrEqual(1);
    expect(w.log.alarms().filter((code) => code === 'hold-overdue')).toHaveLength(1);
    await w.run(24 * hour);
    expect(w.log.alarms().filter((code) => code === 'hold-overdue')).toHaveLength(2);
  });
});
