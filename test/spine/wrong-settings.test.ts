import { describe, expect, it } from 'vitest';
import { lookAgain } from '../../lib/app/look-again.ts';
import { WrongSettings } from '../../lib/app/ports/connections.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { reconcileWork } from '../../lib/app/reconcile.ts';
import { testConnection } from '../../lib/app/test-connection.ts';
import { correlationId, parsePaymentId } from '../../lib/domain/ids.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { merchant, shop, stripe } from './world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const says = "unknown setting 'accuntId' of connection stripe-demo";
const ofStripe = { connection: stripe, field: 'settings.accuntId', says };
const unusable = () =>
  new Unavailable(
    'connections',
    new WrongSettings('the secret', [ofStripe, { connection: 'b', field: 'mode', says: 'x' }]),
  );

/** From now on the settings of the gateway account can't be used; `shut` is for `of`, which all of the secret can shut. */
async function misspelt() {
  const w = await ready({ slow: true });
  const { find, of } = w.needs.connections;
  const wrong = { on: true, all: false };
  w.needs.connections = {
    ...w.needs.connections,
    find: async (name) => {
      if (wrong.on && name === stripe) throw unusable();
      return find(name);
    },
    of: async (owner) => {
      if (wrong.all) throw unusable();
      return of(owner);
    },
  };
  const test = (name: string, isAsked = false) =>
    testConnection(
      { ...w.needs, credentials: w.connections, isAsked: () => isAsked },
      { merchant, name, correlation: correlationId('c') },
    );
  return { w, wrong, test };
}

describe('a connection whose settings can’t be used', () => {
  it('is said to be so by its test, with what is wrong with it and not with another', async () => {
    const { wrong, test } = await misspelt();
    expect(await test(stripe)).toEqual([{ what: 'settings', ok: false, says }]);
    expect((await test(shop))?.every(({ ok }) => ok)).toBe(true);
    expect(await test('no-such')).toBeUndefined();
    wrong.all = true;
    expect(await test(stripe)).toEqual([{ what: 'settings', ok: false, says }]);
    expect(await test(shop)).toEqual([
      { what: 'settings', ok: false, says: 'the settings of another connection shut all of them' },
    ]);
  });

  it('F21 is another thing than a credential that the gateway refuses, and than a gateway that does not answer', async () => {
    const { w, wrong, test } = await misspelt();
    wrong.on = false;
    const asked = async () => (await test(stripe, true))?.find(({ what }) => what === 'asked');
    expect(await asked()).toMatchObject({ ok: true });
    w.faults({ revoked: true });
    expect(await asked()).toMatchObject({ ok: false, says: expect.stringMatching(/^it refuses the credential \(/) });
    w.faults({ down: true });
    expect(await asked()).toMatchObject({ ok: false, says: expect.stringMatching(/^no usable answer \(/) });
  });

  it('sends nothing, and its legs go on when it is mended or are in front of a person in the end', async () => {
    const { w, wrong } = await misspelt();
    wrong.on = false;
    await w.switchSending('stopped');
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(minute);
    wrong.on = true;
    await w.switchSending('running');
    await w.run(day);
    expect(await w.refunds()).toMatchObject([{ status: 'approved' }]);
    await w.run(3 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['cannot-process'] }]);
    expect(w.posts()).toEqual([]);
    wrong.on = false;
    await w.approve((await w.refunds())[0]!.id);
    await w.run(60 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('F77 is asked nothing of the refunds that it has made, and keeps nobody from asking about the rest', async () => {
    const { w } = await misspelt();
    const { connections } = w.needs;
    w.needs.connections = w.connections;
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(minute);
    const { id } = (await w.refunds())[0]!;
    expect(await w.show(id)).toMatchObject({ status: 'refunded' });
    w.needs.connections = connections;
    await w.run(day);
    const reads = w.reads().length;
    expect(await reconcileWork(w.needs, w.workOn(id, 'reconcile'))).toBe('done');
    const [leg] = (await w.show(id))!.legs;
    const author = { actor: 'reconcile', cause: 'test', correlation: correlationId('c') };
    const payment = parsePaymentId(leg!.payment)!;
    expect(await lookAgain(w.needs, { merchant, payment, author })).toBeUndefined();
    expect(w.reads().length).toBe(reads);
  });

  it('has a return on its payment in front of a person in the end, and paid where it is mended before', async () => {
    for (const mendedAfter of [day, 5 * day]) {
      const { w, wrong } = await misspelt();
      await w.post(returned('RMA-1', '10.00', 'pi_one'));
      await w.run(mendedAfter);
      wrong.on = false;
      await w.run(6 * 60 * minute);
      const status = mendedAfter === day ? 'refunded' : 'held';
      expect(await w.refunds()).toMatchObject([{ status }]);
    }
  });
});
