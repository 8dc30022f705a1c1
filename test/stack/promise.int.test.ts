import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atATime, dataFolder, type Running, removeFolder, settled, signed, start, sum } from './process.ts';

describe('the embedded stack, from outside', () => {
  const data = dataFolder();
  let stack: Running;
  beforeAll(async () => {
    stack = await start(data);
  });
  afterAll(async () => {
    await stack.stop();
    removeFolder(data);
  });

  const post = async ({ body, headers }: ReturnType<typeof signed>) =>
    (await fetch(`${stack.url}/webhooks/returns/generic-demo`, { method: 'POST', body, headers })).status;

  const of = async (payment: string) => (await stack.truth()).filter((refund) => refund.payment === payment);

  it('F3 F9 answers one of 50 deliveries of the same return, 20 at a time, with 202 and the others with 200, and refunds once', async () => {
    await stack.pay('pi_fifty', 10_000);
    const webhook = signed(
      { return: 'RMA-fifty', payment: 'pi_fifty', lines: [{ id: '1', price: '12.34' }] },
      stack.secret,
    );
    const answers = await atATime(
      20,
      Array.from({ length: 50 }, () => () => post(webhook)),
    );
    expect(answers.filter((status) => status === 202)).toHaveLength(1);
    expect(answers.filter((status) => status === 200)).toHaveLength(49);
    await stack.until((refunds) => refunds[0]?.status === 'refunded', { query: '?return=RMA-fifty' });
    expect(await of('pi_fifty')).toMatchObject([{ amountMinor: 1234, status: 'succeeded' }]);
  });

  it('F36 makes no second refund of the same return under a new delivery id', async () => {
    expect(await stack.send({ return: 'RMA-fifty', payment: 'pi_fifty', lines: [{ id: '1', price: '12.34' }] })).toBe(
      202,
    );
    // A later return on the same payment passes the same queues: when it is refunded, the repetition has been looked at.
    await stack.send({ return: 'RMA-fifty-after', payment: 'pi_fifty', lines: [{ id: '1', price: '1.00' }] });
    await stack.until((refunds) => refunds[0]?.status === 'refunded', { query: '?return=RMA-fifty-after' });
    expect(await stack.refunds('?return=RMA-fifty')).toHaveLength(1);
    expect(sum(await of('pi_fifty'))).toBe(1334);
  });

  it('F10 answers 409 to the same id with another body, and keeps the other one as evidence', async () => {
    await stack.pay('pi_conflict', 10_000);
    const id = 'msg_conflict';
    expect(
      await stack.send({ return: 'RMA-conflict', payment: 'pi_conflict', lines: [{ id: '1', price: '10.00' }], id }),
    ).toBe(202);
    await stack.until((refunds) => refunds[0]?.status === 'refunded', { query: '?return=RMA-conflict' });
    expect(
      await stack.send({ return: 'RMA-conflict', payment: 'pi_conflict', lines: [{ id: '1', price: '90.00' }], id }),
    ).toBe(409);
    expect(
      await stack.send({ return: 'RMA-conflict', payment: 'pi_conflict', lines: [{ id: '1', price: '10.00' }], id }),
    ).toBe(200);
    expect(sum(await of('pi_conflict'))).toBe(1000);
    expect(stack.logs()).toContain('"alarm":"notice-conflict"');
  });

  it('pays each of two parcels of one return for its own part, and holds a notice that shrinks', async () => {
    await stack.pay('pi_parcels', 10_000);
    const parcel = (lines: readonly { id: string; price: string }[]) =>
      stack.send({ return: 'RMA-parcels', payment: 'pi_parcels', lines });
    await parcel([{ id: 'shoe', price: '30.00' }]);
    await stack.until((refunds) => refunds[0]?.status === 'refunded', { query: '?return=RMA-parcels' });
    await parcel([
      { id: 'shoe', price: '30.00' },
      { id: 'sock', price: '4.50' },
    ]);
    await stack.until((refunds) => refunds.length === 2 && settled(refunds), { query: '?return=RMA-parcels' });
    expect((await of('pi_parcels')).map((refund) => refund.amountMinor).sort()).toEqual([3000, 450]);
    await parcel([{ id: 'sock', price: '4.50' }]);
    const refunds = await stack.until((found) => found.length === 3, { query: '?return=RMA-parcels' });
    expect(refunds[0]).toMatchObject({
      status: 'held',
      amountMinor: 0,
      reasons: expect.arrayContaining(['return-shrank']),
    });
    expect(await of('pi_parcels')).toHaveLength(2);
  });

  it('F35 refunds exactly 20 of 40 concurrent returns of 5.00 on a capture of 100.00, at a gateway without a cap', async () => {
    await stack.faults({ noCap: true });
    await stack.pay('pi_forty', 10_000);
    const names = Array.from({ length: 40 }, (_, index) => `RMA-forty-${index}`);
    await Promise.all(
      names.map((name) =>
        stack.send({ return: name, payment: 'pi_forty', lines: [{ id: '1', price: '5.00' }], order: 'order-forty' }),
      ),
    );
    const refunds = await stack.until((found) => found.length === 40 && settled(found), {
      query: '?order=order-forty',
    });
    const truth = await of('pi_forty');
    expect(truth).toHaveLength(20);
    expect(sum(truth)).toBe(10_000);
    expect(refunds.filter((refund) => refund.status === 'refunded')).toHaveLength(20);
    const others = refunds.filter((refund) => refund.status !== 'refunded');
    expect(
      others.every((refund) => (refund.status === 'held' || refund.status === 'denied') && refund.reasons.length > 0),
    ).toBe(true);
    await stack.faults({});
  });

  it('F57 sends one POST per refund when ten answers are lost, then reads, and never uses a second key', async () => {
    await stack.faults({ lostReplies: 10 });
    const before = (await stack.calls()).length;
    const names = Array.from({ length: 10 }, (_, index) => `lost-${index}`);
    for (const name of names) await stack.pay(`pi_${name.replace('-', '')}`, 5_000);
    await Promise.all(
      names.map((name) =>
        stack.send({
          return: `RMA-${name}`,
          payment: `pi_${name.replace('-', '')}`,
          lines: [{ id: '1', price: '7.00' }],
          order: 'order-lost',
        }),
      ),
    );
    const refunds = await stack.until((found) => found.length === 10 && settled(found), { query: '?order=order-lost' });
    expect(refunds.map((refund) => refund.status)).toEqual(Array(10).fill('refunded'));
    const calls = (await stack.calls()).slice(before);
    const posts = calls.filter((call) => call.method === 'POST');
    expect(posts).toHaveLength(10);
    expect(new Set(posts.map((call) => call.key)).size).toBe(10);
    expect(calls.filter((call) => call.method === 'GET' && call.path === '/v1/refunds').length).toBeGreaterThanOrEqual(
      1,
    );
    for (const name of names) expect(await of(`pi_${name.replace('-', '')}`)).toHaveLength(1);
    await stack.faults({});
  });

  it('F1 F6 F7 F13 F14 answers 401, 413, 415, 404 without recording anything', async () => {
    const good = { return: 'RMA-bad', payment: 'pi_fifty', lines: [{ id: '1', price: '1.00' }] };
    const hour = 3_600_000;
    expect(await stack.send({ ...good, at: (Date.now() - hour) as never })).toBe(401);
    expect(await stack.send({ ...good, at: (Date.now() + hour) as never })).toBe(401);
    const { body, headers } = signed(good, stack.secret);
    expect(await post({ body: body.replace('1.00', '9.00'), headers })).toBe(401);
    expect(await post({ body: body + ' '.repeat(1024 * 1024), headers })).toBe(413);
    expect(await post({ body, headers: { ...headers, 'content-type': 'text/plain' } })).toBe(415);
    const elsewhere = await fetch(`${stack.url}/webhooks/returns/nobody`, { method: 'POST', body, headers });
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.headers.get('content-type')).toBe('application/problem+json');
    expect(await stack.refunds('?return=RMA-bad')).toEqual([]);
  });

  it('holds a return over the limit until an approver approves, and lets nobody else', async () => {
    await stack.pay('pi_large', 100_000);
    await stack.send({ return: 'RMA-large', payment: 'pi_large', lines: [{ id: '1', price: '500.01' }] });
    const [held] = await stack.until((found) => found[0]?.status === 'held', { query: '?return=RMA-large' });
    const approve = `/v1/refunds/${held?.id}/approve`;
    expect((await stack.operate(approve, 'viewer')).status).toBe(403);
    expect((await fetch(`${stack.url}${approve}`, { method: 'POST' })).status).toBe(401);
    expect(await of('pi_large')).toEqual([]);
    expect((await stack.operate(approve, 'approver')).status).toBe(200);
    await stack.until((found) => found[0]?.status === 'refunded', { query: '?return=RMA-large' });
    expect((await stack.operate(approve, 'approver')).status).toBe(409);
    expect(sum(await of('pi_large'))).toBe(50_001);
  });

  it('shows a refund, its history and its list by the outside contract', async () => {
    const [refund] = await stack.refunds('?return=RMA-large');
    expect(refund).toMatchObject({
      status: 'refunded',
      return: 'RMA-large',
      order: 'order-1',
      amountMinor: 50_001,
      currency: 'EUR',
      // A success is looked for again; what is due is that check.
      dueAt: expect.any(Number),
    });
    const { events } = await stack.get<{ events: { type: string; actor: string }[] }>(
      `/v1/refunds/${refund?.id}/events`,
    );
    // It waits first where the return was faster than the news of its payment.
    const told = events.filter(({ type }) => type !== 'refund.waiting');
    expect(told.map(({ type }) => type)).toEqual([
      'refund.requested',
      'refund.held',
      'refund.approved',
      'leg.sending',
      'leg.accepted',
    ]);
    expect(told[2]?.actor).toBe('person:dev-approver');
    expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
    const missing = await fetch(`${stack.url}/v1/refunds/rf_00000000000000000000`, {
      headers: { authorization: `Bearer ${stack.ready.tokens.viewer}` },
    });
    expect(missing.status).toBe(404);
  });

  it('follows one correlation id from the webhook through every entry to the one line of each request to the gateway', async () => {
    const [refund] = await stack.refunds('?return=RMA-large');
    const { events } = await stack.get<{ events: { correlation: string; actor: string }[] }>(
      `/v1/refunds/${refund?.id}/events`,
    );
    const ours = new Set(
      events.filter((event) => !event.actor.startsWith('person:')).map((event) => event.correlation),
    );
    expect(ours.size).toBe(1);
    const [correlation] = [...ours];
    const lines = stack
      .logs()
      .split('\n')
      .filter((line) => line.includes(`"correlation":"${correlation}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const recorded = lines.find((line) => line.message === 'notice-recorded');
    expect(recorded?.function_name).toBe('receive-return');
    const [attempt, ...more] = lines.filter((line) => line.message === 'gateway.attempt' && line.call === 'refund');
    expect(more).toEqual([]);
    expect(attempt).toMatchObject({
      function_name: 'execute',
      call: 'refund',
      connection: 'stripe-demo',
      merchant: 'demo',
      refund: refund?.id,
      leg: 1,
      epoch: 1,
      sending: 1,
      outcome: 'accepted',
    });
  });

  it('stops cleanly on SIGTERM, with exit code 0', async () => {
    expect(await stack.stop()).toBe(0);
    stack = await start(data);
    expect(await stack.refunds('?return=RMA-large')).toHaveLength(1);
  });
});
