import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stripeSimulator } from '../lib/adapters/gateways/stripe/simulator.ts';
import { chanceFrom } from '../lib/adapters/kit/simulator.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { instant } from '../lib/domain/time.ts';
import { hostSimulator } from './simulator-host.ts';

const now = instant(Date.UTC(2026, 10, 21, 12));

/** A simulator on a file, as it is after a start; nobody takes its webhooks. */
function started(file = join(mkdtempSync(join(tmpdir(), 'redress-sim-')), 'stripe.jsonl')) {
  const simulator = stripeSimulator({ webhookSecret: new Secret('whsec_1'), chance: chanceFrom('seed') });
  const told: string[] = [];
  const host = hostSimulator({
    prefix: '/sim/stripe',
    simulator,
    file,
    deliver: async (body) => {
      const { type } = JSON.parse(body) as { type: string };
      told.push(type);
      return true;
    },
    now: () => now,
    report: () => {},
  });
  const ask = async (method: string, path: string, body: unknown = {}, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const request = { method, path: `/sim/stripe${path}`, query: '', headers, body: Buffer.from(text), parameters: {} };
    const { reply } = await host.plain(request);
    if (reply === 'lost') throw new Error('no answer');
    return { status: reply.status, body: JSON.parse(String(reply.body)) };
  };
  const post = (path: string, body: unknown) => ask('POST', path, body);
  return { simulator, told, file, host, ask, post };
}

const payment = { id: 'pi_1', amountMinor: 10_000, currency: 'EUR', order: '1001' };

describe('the admin paths of a simulator', () => {
  it('F46 open and close a dispute, tell of it, and know it after a restart', async () => {
    const { post, host, told, file } = started();
    expect(await post('/_payments', payment)).toEqual({ status: 201, body: payment });
    const opened = await post('/_disputes', { payment: 'pi_1', amountMinor: 4000, kind: 'formal' });
    expect(opened.status).toBe(201);
    await new Promise(setImmediate);
    expect(told).toContain('charge.dispute.created');
    const again = started(file);
    expect(again.simulator.state.disputes).toMatchObject([{ id: opened.body.id, amount: 4000 }]);
    expect(await again.post(`/_disputes/${opened.body.id}`, { status: 'lost' })).toMatchObject({ status: 201 });
    expect(started(file).simulator.state.disputes).toMatchObject([{ status: 'lost' }]);
    expect(await again.post(`/_disputes/${opened.body.id}`, { status: 'won' })).toMatchObject({
      status: 400,
      body: { problem: 'the dispute has ended' },
    });
    await Promise.all([host.stop(), again.host.stop()]);
  });

  it('F77 F101 move a refund by hand', async () => {
    const { ask, post, simulator, file } = started();
    await post('/_payments', { ...payment, refundsPending: 'insufficient_funds' });
    const headers = { authorization: 'Bearer sk_test_1', 'idempotency-key': 'k1' };
    const made = await ask('POST', '/v1/refunds', 'payment_intent=pi_1&amount=100', headers);
    expect(made.body).toMatchObject({ status: 'pending', pending_reason: 'insufficient_funds' });
    expect(await post(`/_refunds/${made.body.id}`, { status: 'succeeded' })).toMatchObject({ status: 201 });
    expect(await post(`/_refunds/${made.body.id}`, { status: 'failed', reason: 'declined' })).toMatchObject({
      status: 201,
    });
    expect(simulator.state.refunds).toMatchObject([{ status: 'failed', failureReason: 'declined' }]);
    expect(started(file).simulator.state.refunds).toEqual(simulator.state.refunds);
  });

  it('F43 seed a payment that is authorised only, or captured in part', async () => {
    const { post, simulator } = started();
    await post('/_payments', { ...payment, captured: false });
    await post('/_payments', { ...payment, id: 'pi_2', capturedMinor: 2500 });
    expect(simulator.state.payments.map(({ captured }) => captured)).toEqual([0, 2500]);
  });

  it.each([
    ['/_disputes', { payment: 'pi_none' }, 'there is no such payment'],
    ['/_disputes', { payment: 'pi_1', kind: 'warning' }, 'kind is "inquiry" or "formal"'],
    ['/_disputes', { payment: 'pi_1', amountMinor: 10_001 }, 'the amount is not one that was captured'],
    ['/_disputes', { pament: 'pi_1' }, 'there is no field of that name; send {payment, amountMinor?, kind?}'],
    ['/_disputes/du_none', { status: 'won' }, 'there is no such dispute'],
    ['/_disputes/du_none', {}, 'send {"status": "won" | "lost"}'],
    ['/_refunds/re_none', { status: 'failed' }, 'there is no such refund'],
    ['/_refunds/re_none', { status: 'gone' }, 'status is one of pending, succeeded, failed, canceled'],
    ['/_payments', { id: 'pi_1' }, expect.stringContaining('amountMinor is a number')],
  ])('say what is wrong with %s %o', async (path, body, problem) => {
    const { post } = started();
    await post('/_payments', payment);
    expect(await post(path, body)).toEqual({ status: 400, body: { problem } });
  });

  it('are no more than these', async () => {
    const { ask } = started();
    expect(await ask('POST', '/_dispute')).toMatchObject({ status: 404 });
    expect(await ask('DELETE', '/_refunds/re_1')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/_refunds')).toEqual({ status: 200, body: [] });
  });
});
