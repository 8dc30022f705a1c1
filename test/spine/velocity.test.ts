import { describe, expect, it } from 'vitest';
import type { VelocityLimits } from '../../lib/app/velocity.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import type { World } from './world.ts';

const hour = 60 * 60_000;

const twoAnHour: VelocityLimits = { ofEach: { refunds: 2, amount: '1000.00' }, ofAll: undefined };

const isCount = (pk: string): boolean => pk.endsWith('#velocity');

const post = async (w: World, ...amounts: readonly string[]) => {
  for (const amount of amounts) {
    await w.post(returned(`RMA-${amount}`, amount, 'pi_one'));
    await w.run(5000);
  }
};
const standing = async (w: World) => (await w.refunds()).map(({ status, reasons }) => [status, ...reasons].join(' '));
const paidMinor = (w: World) => w.simulator.state.refunds.reduce((sum, { amount }) => sum + BigInt(amount), 0n);

describe('F50 a policy that approves too much', () => {
  it('approves so many in an hour, shows a person the rest, and goes on with the next hour', async () => {
    const w = await ready({ approvalLimit: '1000000.00', velocity: twoAnHour });
    await post(w, '10.00', '11.00', '12.00', '13.00');
    const held = 'held velocity-limit';
    expect((await standing(w)).sort()).toEqual([held, held, 'refunded', 'refunded']);
    expect(paidMinor(w)).toBe(2100n);
    expect(w.log.alarms()).toContain('refund-held');
    await w.run(hour);
    await post(w, '14.00');
    expect((await standing(w)).sort()).toEqual([held, held, 'refunded', 'refunded', 'refunded']);
  });

  it('approves so much in an hour, and what is less than the rest still', async () => {
    const velocity = { ofEach: { refunds: 100, amount: '30.00' }, ofAll: undefined };
    const w = await ready({ approvalLimit: '1000000.00', velocity });
    await post(w, '20.00', '10.01', '10.00', '0.01');
    expect((await standing(w)).sort()).toEqual(['held velocity-limit', 'held velocity-limit', 'refunded', 'refunded']);
    expect(paidMinor(w)).toBe(3000n);
  });

  it('holds one too many rather than approving one, where a process dies between counting a refund and approving it', async () => {
    let deaths = 0;
    const w = await ready({
      velocity: twoAnHour,
      store: (call) => {
        if (call.call !== 'write' || !call.writes.some((one) => 'update' in one && isCount(one.update.pk)))
          return undefined;
        deaths += 1;
        return deaths === 1 ? 'kill-after' : undefined;
      },
    });
    await post(w, '10.00', '10.00', '11.00');
    await w.run(60_000);
    expect(deaths).toBeGreaterThan(1);
    expect(await standing(w)).toEqual(['refunded', 'held velocity-limit']);
    expect(paidMinor(w)).toBe(1000n);
  });

  it('is no limit of a person’s: their yes is carried out as it was shown, and leaves the machine what it had', async () => {
    const w = await ready({ velocity: { ofEach: { refunds: 1, amount: '1000.00' }, ofAll: undefined } });
    await post(w, '10.00', '11.00');
    const held = (await w.refunds()).find(({ status }) => status === 'held');
    expect(held).toMatchObject({ amountMinor: 1100n, reasons: ['velocity-limit'] });
    expect(await w.approve(held?.id ?? '')).toMatchObject({ is: 'done' });
    await w.run(5000);
    expect(await standing(w)).toEqual(['refunded', 'refunded']);
    expect(paidMinor(w)).toBe(2100n);
  });

  it('F44 shows a person no refund by hand that its plan was made from', async () => {
    const w = await ready({ velocity: { ofEach: { refunds: 0, amount: '1000.00' }, ofAll: undefined } });
    const first = w.dashboard('pi_one', 6000)!;
    await w.run(60_000);
    w.move(first, { status: 'failed' }, { silent: true });
    w.faults({ dropWebhooks: 1 });
    w.dashboard('pi_one', 1000);
    await post(w, '50.00');
    expect(await standing(w)).toEqual(['held velocity-limit']);
    expect(w.balance()).toMatchObject({ available: 9000n, refunded: 1000n });
    expect(await w.approve((await w.refunds())[0]!.id)).toMatchObject({ is: 'done' });
  });

  it('counts a refund that waited for its payment when it is approved', async () => {
    const w = await ready({ velocity: { ofEach: { refunds: 1, amount: '1000.00' }, ofAll: undefined } });
    await w.post(returned('RMA-early', '10.00', 'pi_two', { order: '1002' }));
    await w.run(1000);
    await post(w, '11.00');
    w.pay('pi_two', 10_000, { order: '1002' });
    await w.run(60_000);
    expect((await standing(w)).sort()).toEqual(['held velocity-limit', 'refunded']);
    expect(paidMinor(w)).toBe(1100n);
  });
});
