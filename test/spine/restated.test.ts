import { describe, expect, it } from 'vitest';
import { assessWork } from '../../lib/app/assess.ts';
import { correlationId } from '../../lib/domain/ids.ts';
import { noticeStream } from '../../lib/domain/streams.ts';
import { ready } from './ready.ts';
import { line, type Returned, returned } from './returned.ts';
import { merchant, shop } from './world.ts';

const minute = 60_000;
const two = returned('RMA-1', '', 'pi_one', { lines: [line('10.00', 'l1'), line('20.00', 'l2')] });
const one: Returned = { ...two, lines: [line('10.00', 'l1')] };

/** What the return stated first is asked for, and nobody knows what came of that; the gateway says it once it is reached. */
async function inDoubt(network: 'lost-request' | 'lost-reply') {
  let lose = true;
  const w = await ready({ network: ({ url }) => (lose && url.includes('/v1/refunds') ? network : undefined) });
  w.faults({ dropWebhooks: network === 'lost-reply' ? 1 : 0 });
  await w.post(two, 'msg_1');
  await w.run(4000);
  expect(await w.refunds()).toMatchObject([{ status: 'unknown' }]);
  const reach = () => {
    lose = false;
  };
  return { w, reach };
}

type World = Awaited<ReturnType<typeof ready>>;
const amounts = (w: World) => w.moved().map(({ amountMinor }) => amountMinor);
const first = async (w: World) => (await w.refunds())[0]!;

/** While a request for it has no answer, the return says something else. */
describe('a return that changes while its refund is in doubt', () => {
  const changes = [
    ['F41 F59', 'states less', 'return-shrank', one, 'msg_2'],
    ['F53 F59', 'is cancelled', 'return-cancelled', { ...two, trigger: 'cancelled' }, 'msg_2'],
    ['F10 F59', 'has a notice with two contents', 'notice-conflict', one, 'msg_1'],
  ] as const;

  it.each(changes)(
    '%s is not asked for again where it %s and the gateway has nothing',
    async (...[, , why, said, id]) => {
      const { w, reach } = await inDoubt('lost-request');
      await w.post(said, id);
      await w.assess();
      await w.assess();
      reach();
      await w.run(10 * minute);
      expect(amounts(w)).toEqual([]);
      expect(await first(w)).toMatchObject({ status: 'held', reasons: [why] });
      // Whoever says yes knows it.
      await w.approve((await first(w)).id);
      await w.run(10 * minute);
      expect(amounts(w)).toEqual([3000]);
    },
  );

  it.each(changes)('%s is found where it %s and the gateway has it', async (...[, , , said, id]) => {
    const { w, reach } = await inDoubt('lost-reply');
    await w.post(said, id);
    reach();
    await w.run(10 * minute);
    expect(amounts(w)).toEqual([3000]);
    expect(await first(w)).toMatchObject({ status: 'refunded' });
  });

  it('F41 F76 is shown as such to whoever is asked about a refund that failed later', async () => {
    const w = await ready();
    await w.post(two);
    await w.run();
    await w.post(one);
    await w.run();
    w.move(w.moved()[0]!.id, { status: 'failed' });
    await w.run(10 * minute);
    expect(await first(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway', 'return-shrank'] });
    await w.approve((await first(w)).id);
    await w.run(10 * minute);
    expect(await first(w)).toMatchObject({ status: 'refunded' });
  });
});

const whole = returned('RMA-1', '600.00', 'pi_big');
const statuses = async (w: World) => (await w.refunds()).map(({ status }) => status);

/** A refund that waits for a person, and nothing else to do. */
async function held(): Promise<World> {
  const w = await ready();
  w.pay('pi_big', 100_000, { order: '1001' });
  await w.run(5000);
  await w.post(whole, 'msg_1');
  await w.run(minute);
  expect(await statuses(w)).toEqual(['held']);
  return w;
}

/** One worker looks at this notice now. */
const lookAt = (w: World, id: string) =>
  assessWork(w.needs, {
    queue: 'assess',
    merchant,
    stream: noticeStream(merchant, shop, id),
    correlation: correlationId('c'),
  });

/** Nobody loses the shop's last word, whichever worker is faster. */
describe('a return that is cancelled and approved again', () => {
  /** Both are on record before anybody looks at either. */
  async function both(again: Returned) {
    const w = await held();
    w.may.relay = false;
    await w.post({ ...whole, trigger: 'cancelled' }, 'msg_2');
    await w.run(1);
    await w.post(again, 'msg_3');
    return w;
  }
  const more: Returned = { ...whole, lines: [...whole.lines, line('50.00', 'l2')] };

  it('F53 is in front of a person where one is worked on after the other', async () => {
    const w = await held();
    await w.post({ ...whole, trigger: 'cancelled' }, 'msg_2');
    await w.run(minute);
    expect(await statuses(w)).toEqual(['cancelled']);
    await w.post(whole, 'msg_3');
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['cancelled', 'held']);
  });

  it.each([
    ['the same', whole],
    ['more', more],
  ])('F53 is in front of a person where %s is looked at while it is being cancelled', async (_, again) => {
    const w = await both(again);
    await lookAt(w, 'msg_2');
    await lookAt(w, 'msg_3');
    w.may.relay = true;
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['cancelled', 'held']);
  });

  it('F53 is in front of a person where what was said last is looked at first', async () => {
    const w = await both(whole);
    await lookAt(w, 'msg_3');
    w.may.relay = true;
    await w.run(10 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['over-limit', 'return-cancelled'] }]);
  });

  it('F53 stays cancelled where that was said last', async () => {
    const w = await held();
    await w.post(whole, 'msg_2');
    await w.run(minute);
    await w.post({ ...whole, trigger: 'cancelled' }, 'msg_3');
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['cancelled']);
  });

  it('F10 F53 is not cancelled once more by other content under the id of that cancellation', async () => {
    const w = await held();
    await w.post({ ...whole, trigger: 'cancelled' }, 'msg_2');
    await w.run(minute);
    await w.post(whole, 'msg_3');
    await w.run(minute);
    await w.post({ ...whole, trigger: 'cancelled', lines: [line('599.00')] }, 'msg_2');
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['cancelled', 'held']);
  });
});

describe('a return of more than was captured that is corrected', () => {
  const slip = returned('RMA-1', '', 'pi_one', { lines: [line('120.00', 'l1', 2)] });
  const corrected: Returned = { ...slip, lines: [line('60.00', 'l1')] };
  const said = async (w: World, of: Returned) => {
    await w.post(of);
    await w.run(minute);
  };

  it('F41 is paid by a person for what it states now', async () => {
    const w = await ready();
    await said(w, slip);
    expect(await w.refunds()).toMatchObject([{ status: 'denied', reasons: ['exceeds-capture'] }]);
    await said(w, corrected);
    const [, second] = await w.refunds();
    expect(second).toMatchObject({ status: 'held', reasons: ['return-shrank'], amountMinor: 6000n });
    expect(await w.approve(second!.id)).toEqual({ is: 'done' });
    await w.run(5 * minute);
    // What it states now is promised, and no more: the slip does not come back, nor the correction twice.
    await said(w, corrected);
    expect(amounts(w)).toEqual([6000]);
    expect(await statuses(w)).toEqual(['denied', 'refunded']);
    await said(w, { ...slip, lines: [line('30.00', 'l1')] });
    expect((await w.refunds())[2]).toMatchObject({ status: 'held', amountMinor: 0n });
  });

  it('F41 is not paid where a person said no', async () => {
    const w = await ready({ approvalLimit: '1.00' });
    const large = { ...slip, lines: [line('90.00', 'l1', 2)] };
    await said(w, large);
    await w.deny((await first(w)).id);
    await said(w, { ...slip, lines: [line('45.00', 'l1')] });
    expect((await w.refunds())[1]).toMatchObject({ status: 'held', amountMinor: 0n });
  });
});
