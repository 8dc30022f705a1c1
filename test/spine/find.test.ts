import { describe, expect, it } from 'vitest';
import { parseMerchant } from '../../lib/domain/ids.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { shop, stripe, type World } from './world.ts';

const of = returned('RMA-1', '10.00', 'pi_one');

const refundsBy = async (w: World, text: string) =>
  (await w.find(text)).refunds.map(({ return: name, status, by }) => `${name} ${status} by ${by}`);

/** Two returns of one order: the first is refunded, the second held. */
async function two() {
  const w = await ready({ approvalLimit: '50.00' });
  await w.post(of, 'msg_1');
  await w.run(5000);
  await w.post(returned('RMA-2', '60.00', 'pi_one'), 'msg_2');
  await w.run(5000);
  const [first] = (await w.refunds()).filter((one) => one.return === 'RMA-1');
  if (first === undefined) throw new Error('there is no refund');
  return { w, id: first.id };
}

const both = ['RMA-2 held', 'RMA-1 refunded'];

describe('what an id names', () => {
  it('finds a refund by its own id, wherever that stands', async () => {
    const { w, id } = await two();
    for (const text of [id, `demo#refund#${id}`, `${id}-1-1-0123abcd`, `Refund ${id}-told-0123abcd`])
      expect(await refundsBy(w, text)).toEqual(['RMA-1 refunded by refund']);
    expect(await refundsBy(w, `${id}0`)).toEqual([]);
  });

  it('finds it by its return, by the gateway’s name of it, and all of an order by that', async () => {
    const { w } = await two();
    expect(await refundsBy(w, 'RMA-2')).toEqual(['RMA-2 held by return']);
    expect(await refundsBy(w, w.simulator.state.refunds[0]?.id ?? '')).toEqual(['RMA-1 refunded by gateway-refund']);
    expect(await refundsBy(w, '1001')).toEqual(both.map((one) => `${one} by order`));
  });

  it('finds a payment by each of its names, with the refunds of the order that its last one was of', async () => {
    const { w, id } = await two();
    const [payment] = w.simulator.state.payments;
    const named = await w.find('pi_one');
    expect(named.payments).toEqual([
      {
        payment: expect.stringMatching(/^pay_/),
        connection: stripe,
        currency: 'EUR',
        capturedMinor: 10_000n,
        availableMinor: 9000n,
        refundedMinor: 1000n,
        chargedBackMinor: 0n,
        disputes: 0,
        inFlight: null,
      },
    ]);
    for (const text of ['pi_one', String(payment?.charge), String(named.payments[0]?.payment)]) {
      const one = await w.find(text);
      expect(one.payments).toEqual(named.payments);
      expect(one.refunds.map(({ id: each, by }) => [each === id, by])).toEqual([
        [false, 'payment'],
        [true, 'payment'],
      ]);
    }
  });

  it('finds a webhook by its id or its stream, and what came of it', async () => {
    const { w } = await two();
    for (const text of ['msg_1', `demo#notice#${shop}#msg_1`]) {
      expect(await refundsBy(w, text)).toEqual(['RMA-1 refunded by webhook']);
      expect((await w.find(text)).notices).toMatchObject([{ status: 'done', outcome: null, code: null }]);
    }
    await w.post(of, 'msg_3');
    await w.run(5000);
    expect((await w.find('msg_3')).notices).toMatchObject([{ status: 'done', outcome: 'nothing-new' }]);
    const news = w.table
      .dump()
      .state.flatMap(({ pk, kind }) => (kind === 'gateway' ? [String(pk).split('#').at(-1) ?? ''] : []));
    expect((await Promise.all(news.map((text) => refundsBy(w, text)))).flat()).toContain('RMA-1 refunded by webhook');
  });

  it('finds nothing of another merchant’s, and nothing under no name', async () => {
    const { w, id } = await two();
    const other = parseMerchant('other');
    if (other === undefined) throw new Error('no merchant');
    const nothing = { refunds: [], payments: [], notices: [], more: false };
    for (const text of [id, 'RMA-1', '1001', 'pi_one', 'msg_1', 'demo#notice#generic-demo#msg_1'])
      expect(await w.find(text, other)).toEqual(nothing);
    for (const text of ['RMA-9', 'rf_', 'demo#notice#', 'pay_nothing00', '#', '%23'])
      expect(await w.find(text)).toEqual(nothing);
  });
});
