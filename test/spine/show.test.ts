import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../lib/adapters/memory/table.ts';
import { evidenceBundle } from '../../lib/app/evidence-bundle.ts';
import { listRefunds } from '../../lib/app/show.ts';
import { parseRefundId } from '../../lib/domain/ids.ts';
import { returned } from './returned.ts';
import { merchant, world } from './world.ts';

describe('what people are shown', () => {
  it('F58 is every request for a leg, with its key and what became known of it, in order', async () => {
    let posts = 0;
    const w = world({
      network: ({ method }) => (method === 'POST' && ++posts === 1 ? 'lost-request' : undefined),
    });
    w.faults({ dropWebhooks: 1 });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    const [refund] = await w.refunds();
    const [leg] = (await w.show(refund!.id))!.legs;
    expect(leg!.attempts).toMatchObject([
      { sending: 1, epoch: 1, outcomes: [{ is: 'unknown', why: 'timeout' }, { is: 'absent' }] },
      { sending: 2, epoch: 1, outcomes: [{ is: 'accepted', why: 'succeeded', source: 'answer' }] },
    ]);
    expect(new Set(leg!.attempts.map(({ key }) => key))).toEqual(new Set(w.posts().map(({ key }) => key)));
    expect(leg!.attempts[1]!.outcomes[0]!.gatewayRefund).toBe(w.moved()[0]!.id);
  });

  it('F32 is what should have moved by now, while nobody moves it', async () => {
    const w = world();
    w.pay('pi_one', 100_000, { order: '1001' });
    await w.run(5000);
    await w.post(returned('RMA-1', '600.00', 'pi_one'));
    await w.run(5000);
    await w.post(returned('RMA-2', '10.00', 'pi_one'));
    await w.run(5000);
    const due = async () => (await listRefunds(w, { merchant, dueBy: w.clock.now() })).refunds;
    expect(await due()).toEqual([]);
    w.may.sweep = false;
    await w.run(w.needs.tempo.holdLimitMs);
    expect(await due()).toMatchObject([{ status: 'refunded' }, { status: 'held', reasons: ['over-limit'] }]);
    w.may.sweep = true;
    await w.run(5000);
    expect(await due()).toEqual([]);
  });

  it('F137 is, as evidence, each entry under its own number: one that was taken away leaves a gap', async () => {
    let posts = 0;
    const w = world({
      network: ({ method }) => (method === 'POST' && ++posts === 1 ? 'lost-request' : undefined),
    });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run();
    const id = parseRefundId((await w.refunds())[0]!.id)!;
    const { journal, state } = w.table.dump();
    const absent = journal.find(({ body }) => String(body).includes('"leg.absent"'))!;
    const robbed = memoryTable();
    robbed.restore({ state, journal: journal.filter((item) => item !== absent) });
    const { entries } = (await evidenceBundle({ ...w.needs, table: robbed }, merchant, id))!;
    expect(entries.map(({ body }) => JSON.parse(body).number)).toEqual(entries.map(({ number }) => number));
    expect(entries.map(({ number }) => number)).not.toContain(Number(absent.sk));
  });
});
