import { describe, expect, it } from 'vitest';
import { listQuarantined } from '../../lib/app/quarantine.ts';
import { plus } from '../../lib/domain/time.ts';
import { ready } from './ready.ts';
import { line, returned } from './returned.ts';
import { world } from './world.ts';

const minute = 60_000;
const of = returned('RMA-1', '42.00', 'pi_one');

describe('the door', () => {
  it('F1 answers a signature that is wrong, missing or cut with 401 and asks nothing of the store', async () => {
    let calls = 0;
    const w = await ready({ store: () => void calls++ });
    calls = 0;
    const body = '{"type":"return.approved"}';
    const headers = { 'webhook-id': 'm1', 'webhook-timestamp': String(w.clock.now() / 1000) };
    const signatures = ['', 'v1,', 'v1,AAAA', `v1,${Buffer.alloc(32).toString('base64')}`, `v1,${'A'.repeat(45)}`];
    for (const signature of signatures) {
      const answer = await w.postTo('source', body, { ...headers, 'webhook-signature': signature });
      expect(answer).toMatchObject({ is: 'fault', fault: { code: 'bad-signature' } });
    }
    const gateway = await w.postGateway('{}', { 'stripe-signature': `t=${w.clock.now() / 1000},v1=00` });
    expect(gateway).toMatchObject({ is: 'fault', fault: { code: 'bad-signature' } });
    expect(calls).toBe(0);
    expect(w.table.dump().journal.filter((item) => String(item.pk).includes('generic-demo'))).toEqual([]);
  });

  it.each([
    ['F6', -5 * minute - 1000, 'fault'],
    ['F6', -5 * minute, 'recorded'],
    ['F7', 5 * minute + 1000, 'fault'],
    ['F7', 5 * minute, 'recorded'],
  ])('%s answers a message signed %i ms from now: %s', async (_, ms, is) => {
    const w = await ready();
    const answer = await w.post(of, 'm1', plus(w.clock.now(), ms));
    expect(answer).toMatchObject(is === 'fault' ? { is, fault: { code: 'bad-signature' } } : { is });
    await w.run();
    expect(w.moved()).toHaveLength(is === 'fault' ? 0 : 1);
  });

  it('F3 F9 F31 records one delivery of fifty, twenty at a time, and refunds once', async () => {
    const w = await ready({ crowd: true });
    const answers: string[] = [];
    for (let sent = 0; sent < 50; sent += 20) {
      const batch = await Promise.all(Array.from({ length: Math.min(20, 50 - sent) }, () => w.post(of, 'm1')));
      answers.push(...batch.map((answer) => answer.is));
      await w.run(1000);
    }
    expect(answers.filter((is) => is === 'recorded')).toHaveLength(1);
    expect(answers.filter((is) => is === 'seen')).toHaveLength(49);
    await w.run();
    expect(w.moved()).toHaveLength(1);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('F4 F36 finds nothing new in the same return under twenty new delivery ids at once', async () => {
    const w = await ready({ crowd: true });
    const answers = await Promise.all(Array.from({ length: 20 }, () => w.post(of)));
    expect(answers.every((answer) => answer.is === 'recorded')).toBe(true);
    await w.run();
    await w.post(of);
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4200n }]);
    expect(w.posts()).toHaveLength(1);
  });

  it('F10 keeps another body under the same id as evidence, and holds what is not sent yet', async () => {
    const w = await ready();
    await w.switchSending('stopped');
    await w.post(of, 'm1');
    await w.run(2000);
    expect(await w.post({ ...of, lines: [line('99.00')] }, 'm1')).toMatchObject({ fault: { code: 'conflict' } });
    await w.run(2000);
    await w.switchSending('running');
    await w.run(5 * minute);
    const [refund] = await w.refunds();
    expect(refund).toMatchObject({ status: 'held', reasons: ['notice-conflict'], amountMinor: 4200n });
    expect(w.posts()).toEqual([]);
    expect(w.log.alarms()).toContain('notice-conflict');
    const kept = w.table.dump().journal.filter((item) => String(item.body).includes('notice.conflicted'));
    expect(kept).toHaveLength(1);
    expect(String(kept[0]?.body)).toContain('"priceMinor":"9900"');
    expect(await w.approve(refund!.id)).toEqual({ is: 'done' });
    await w.run();
    expect(w.moved()).toMatchObject([{ amountMinor: 4200 }]);
  });

  it('F10 holds at once where the conflict came before the decision', async () => {
    const w = await ready();
    await w.post(of, 'm1');
    await w.post({ ...of, lines: [line('99.00')] }, 'm1');
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['notice-conflict'], amountMinor: 4200n }]);
    expect(w.posts()).toEqual([]);
  });

  it('F10 changes nothing where the refund was sent already', async () => {
    const w = await ready();
    await w.post(of, 'm1');
    await w.run();
    for (const price of ['99.00', '98.00', '99.00']) {
      expect(await w.post({ ...of, lines: [line(price)] }, 'm1')).toMatchObject({ fault: { code: 'conflict' } });
    }
    expect(await w.post(of, 'm1')).toMatchObject({ is: 'seen' });
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4200n }]);
    expect(w.posts()).toHaveLength(1);
  });

  it('F10 F22 does not drop a return for another content under its id that nobody can read', async () => {
    const w = await ready();
    w.may.relay = false;
    await w.post(of, 'm1');
    const odd = JSON.stringify({ type: 'return.wondered', data: {} });
    expect(await w.postSigned(odd, 'm1')).toMatchObject({ fault: { code: 'conflict' } });
    w.may.relay = true;
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['notice-conflict'], amountMinor: 4200n }]);
    expect(w.posts()).toEqual([]);
  });

  it('F10 F22 leaves what nobody can read aside, also where a return comes under its id', async () => {
    const w = await ready();
    expect(await w.postSigned(JSON.stringify({ type: 'return.wondered', data: {} }), 'm1')).toEqual({
      is: 'quarantined',
    });
    expect(await w.post(of, 'm1')).toMatchObject({ fault: { code: 'conflict' } });
    await w.run();
    expect(await w.refunds()).toEqual([]);
    expect((await listQuarantined(w.needs, w.merchant)).notices).toHaveLength(1);
  });

  it('F22 answers a type it does not know with success, keeps it and does nothing', async () => {
    const w = await ready();
    await w.tell('review.opened', { object: 'review', id: 'prv_1' }, 'evt_review');
    const odd = JSON.stringify({ type: 'return.wondered', data: {} });
    expect(await w.postSigned(odd, 'm1')).toEqual({ is: 'quarantined' });
    await w.run();
    expect(w.log.alarms()).toEqual(['notice-quarantined', 'notice-quarantined']);
  });

  it('F29 F31 answers nothing but a fault while the store is gone, and records the repetition', async () => {
    let down = true;
    const w = world({ store: () => (down ? 'lost-reply' : undefined) });
    await expect(w.post(of, 'm1')).rejects.toThrow('table did not answer');
    down = false;
    expect(await w.post(of, 'm1')).toMatchObject({ is: 'seen' });
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.run();
    expect(w.moved()).toHaveLength(1);
  });

  it('F30 has the notice in the journal by the time it answers, and never answers before', async () => {
    const w = await ready();
    const answered = w.post(of, 'm1');
    expect(w.table.dump().journal.filter((item) => String(item.pk).includes('#m1'))).toHaveLength(0);
    expect(await answered).toMatchObject({ is: 'recorded' });
    expect(w.table.dump().journal.filter((item) => String(item.pk).includes('#m1'))).toHaveLength(1);
    let lost = true;
    const dies = world({ store: ({ call }) => (lost && call === 'write' ? 'lost-request' : undefined) });
    await expect(dies.post(of, 'm1')).rejects.toThrow('table did not answer');
    expect(dies.table.dump().journal).toEqual([]);
    lost = false;
    expect(await dies.post(of, 'm1')).toMatchObject({ is: 'recorded' });
    dies.pay('pi_one', 10_000, { order: '1001' });
    await dies.run();
    expect(dies.moved()).toHaveLength(1);
  });
});

describe('a repetition that reaches the same environment', () => {
  it('F3 costs one read and no transaction, and is seen only where the read finds it', async () => {
    const calls: string[] = [];
    const w = await ready({ store: ({ call }) => void calls.push(call) });
    const of = returned('RMA-twice', '10.00', 'pi_one');
    w.may.relay = false;
    w.may.sweep = false;
    calls.length = 0;
    expect(await w.post(of, 'twice')).toMatchObject({ is: 'recorded' });
    expect(await w.post(of, 'twice')).toMatchObject({ is: 'seen' });
    expect(calls).toEqual(['write', 'get']);
    expect(await w.post(returned('RMA-twice', '11.00', 'pi_one'), 'twice')).toMatchObject({
      fault: { code: 'conflict' },
    });
    w.may.relay = true;
    w.may.sweep = true;
    await w.run();
    expect(w.moved()).toEqual([]);
  });
});
