import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import type { NetworkTrouble } from './network.ts';
import { putBack } from './put-back.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const unauthorised: NetworkTrouble = {
  instead: { status: 401, headers: {}, body: '{"error":{"type":"invalid_request_error"}}' },
};
const of = (number: number) => returned(`RMA-${number}`, '1.00', 'pi_one');
/** So many approved refunds, each on a payment of its own. */
async function posted(w: World, many: number) {
  for (let number = 1; number <= many; number += 1) {
    w.pay(`pi_${number}`, 10_000, { order: `o${number}` });
    await w.post(returned(`RMA-${number}`, '1.00', `pi_${number}`, { order: `o${number}` }));
  }
}
const legs = async (w: World) =>
  (await Promise.all((await w.refunds()).map(({ id }) => w.show(id)))).flatMap((shown) => shown?.legs ?? []);
/** Days in which no function runs: cheap to live through, and the clock counts them all the same. */
async function asleep(w: World, ms: number) {
  const { relay, hints, sweep } = w.may;
  Object.assign(w.may, { relay: false, hints: 0, sweep: false });
  await w.run(minute);
  w.clock.advance(ms);
  Object.assign(w.may, { relay, hints, sweep });
}
const statuses = async (w: World) => (await w.refunds()).map(({ status }) => status);

describe('a leg that was never sent', () => {
  it('F84 F90 waits for its payment’s place after a stop of days, and is not in front of a person at its first try', async () => {
    let deaf = false;
    const w = await ready({ slow: true, network: () => (deaf ? 'lost-request' : undefined) });
    await w.switchSending('stopped');
    await w.post(of(1));
    await w.post(of(2));
    await w.run(minute);
    await asleep(w, 4 * day);
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['approved', 'approved']);
    expect(w.posts()).toEqual([]);
    deaf = true;
    await w.switchSending('running');
    await w.run(hour);
    expect((await statuses(w)).sort()).toEqual(['approved', 'unknown']);
    deaf = false;
    await w.run(4 * hour);
    expect(await statuses(w)).toEqual(['refunded', 'refunded']);
    expect(w.log.alarms()).not.toContain('refund-held');
  });

  it('F84 F90 F145 is sent in its turn after days in which nothing ran, however many wait with it', async () => {
    const w = world({ slow: true });
    await w.switchSending('stopped');
    await posted(w, 60);
    await w.run(minute);
    expect(new Set(await statuses(w))).toEqual(new Set(['approved']));
    await asleep(w, 4 * day);
    await w.switchSending('running');
    await w.run(hour);
    expect(new Set(await statuses(w))).toEqual(new Set(['refunded']));
    expect(w.log.alarms()).not.toContain('refund-held');
  });

  it.each([
    ['', 0],
    [', also once tables were restored', 1],
  ])(
    'F122 is in front of a person where the key service is away for days, and is sent when that is back and they say yes%s',
    async (_, epoch) => {
      const w = await ready({ slow: true });
      if (epoch > 0) {
        await putBack(w, w.table.dump(), w.clock.now());
        expect(await w.restore.end()).toEqual({ is: 'done' });
      }
      const { open } = w.needs.vault;
      await w.switchSending('stopped');
      await w.post(of(1));
      await w.run(minute);
      await w.switchSending('running');
      w.needs.vault.open = () => Promise.reject(new Unavailable('vault'));
      await w.run(2 * day);
      expect(await statuses(w)).toEqual(['approved']);
      await w.run(2 * day);
      expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['not-sent'] }]);
      expect(w.posts()).toEqual([]);
      w.needs.vault.open = open;
      await w.approve((await w.refunds())[0]!.id);
      await w.run(minute);
      expect(await statuses(w)).toEqual(['refunded']);
    },
  );

  it('F82 F90 is not in front of a person because of its account while people have stopped it', async () => {
    const w = world({ slow: true, network: () => unauthorised });
    await posted(w, 12);
    await w.run(minute);
    await w.switchAccount('stopped');
    await asleep(w, 3 * day + hour);
    await w.run(hour);
    const unsent = (await legs(w)).filter(({ sendings }) => sendings === 0);
    expect(unsent.length).toBeGreaterThan(3);
    expect(unsent.map(({ state }) => state)).toEqual(unsent.map(() => 'ready'));
  });

  it('F82 is in front of a person after three days in vain, as not sent, and has three days more once a person let it go', async () => {
    let revoked = true;
    const w = world({ slow: true, network: () => (revoked ? unauthorised : undefined) });
    await posted(w, 12);
    await w.run(3 * day + hour);
    const [unsent] = (await w.refunds()).filter(({ reasons }) => reasons.includes('not-sent'));
    expect(unsent).toMatchObject({ status: 'held' });
    await w.approve(unsent!.id);
    await w.run(2 * hour);
    expect((await w.show(unsent!.id))?.status).not.toBe('held');
    revoked = false;
    await w.run(2 * hour);
    expect(await w.show(unsent!.id)).toMatchObject({ status: 'refunded' });
  });
});
