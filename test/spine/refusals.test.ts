import { describe, expect, it } from 'vitest';
import type { WireRequest } from '../../lib/adapters/kit/exchange.ts';
import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

const inTurn = (...troubles: readonly (NetworkTrouble | undefined)[]) => {
  let turn = 0;
  return (request: WireRequest) => (request.method === 'POST' ? troubles[turn++] : undefined);
};
const instead = (status: number, body: string, headers = {}): NetworkTrouble => ({
  instead: { status, headers, body },
});

async function one(options: Parameters<typeof world>[0] = {}, price = '42.00') {
  const w = world(options);
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5000);
  await w.post(returned('RMA-1', price, 'pi_one'));
  return w;
}

const only = async (w: World) => (await w.refunds())[0]!;
const eventsOf = async (w: World) => w.events((await only(w)).id);
const keys = (w: World) => new Set(w.posts().map((call) => call.key)).size;

describe('answers that are no success', () => {
  it('F60 asks after a 500 and never leaves a key that replays it, whether it took effect or not', async () => {
    const ends = new Set<number>();
    for (const seed of ['a', 'b', 'k', 'l']) {
      let first = true;
      const w: World = await one({
        seed,
        slow: true,
        network: (request) => {
          if (request.method === 'POST') w.faults({ errorRate: first ? 1 : 0, dropWebhooks: 1 });
          else w.faults({ dropWebhooks: 1 });
          if (request.method === 'POST') first = false;
          return undefined;
        },
      });
      await w.run(2 * hour);
      expect(await only(w)).toMatchObject({ status: 'refunded' });
      expect(w.moved()).toHaveLength(1);
      const spoiled = (await eventsOf(w)).some((event) => event.type === 'leg.unknown' && event.spoiled);
      expect(keys(w)).toBe(spoiled ? 2 : 1);
      expect(w.posts()).toHaveLength(spoiled ? 3 : 1);
      ends.add(keys(w));
    }
    expect(ends).toEqual(new Set([1, 2]));
  });

  it('F60 tries again after a failure that comes with a status of refusals: nobody said no', async () => {
    const failure = JSON.stringify({ error: { type: 'api_error', message: 'Something failed.' } });
    const w = await one({ network: inTurn(instead(424, failure)) });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
    expect(keys(w)).toBe(1);
  });

  it('F61 waits under the same key while the gateway says not now', async () => {
    const w = await one();
    w.faults({ rateLimit: 1 });
    await w.run(10 * minute);
    expect(await only(w)).toMatchObject({ status: 'approved' });
    expect(w.posts().length).toBeLessThan(40);
    w.faults({});
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(keys(w)).toBe(1);
    expect(w.moved()).toHaveLength(1);
  });

  it('F61 stands in front of a person when it is not now for three days', async () => {
    const w = await one({ slow: true });
    w.faults({ rateLimit: 1 });
    await w.run(3 * 24 * hour + 2 * hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-answer'] });
    expect(w.balance()).toMatchObject({ available: 5800n, inFlight: undefined });
    w.faults({});
    await w.approve((await only(w)).id);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(keys(w)).toBe(1);
  });

  it.each([
    ['30', 30_000],
    ['999999999', 3_600_000],
    ['0', 0],
    ['-5', 0],
    ['soon', 0],
  ])('F61 honours Retry-After %s within bounds', async (value, atLeast) => {
    const limited = instead(429, '{"error":{"type":"invalid_request_error","code":"rate_limit"}}', {
      'retry-after': value,
    });
    const w = await one({ slow: true, network: inTurn(limited) });
    const start = w.clock.now();
    await w.run(1000);
    const deferred = (await eventsOf(w)).find((event) => event.type === 'leg.deferred')!;
    expect(deferred.until - start).toBeGreaterThanOrEqual(atLeast);
    expect(deferred.until - start).toBeLessThanOrEqual(hour + minute);
    await w.run(2 * hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(keys(w)).toBe(1);
  });

  it('F62 stops where the key was used for something else', async () => {
    const w = await one({ network: inTurn('lost-request') });
    await w.run(1000);
    const sent = (await eventsOf(w)).find((event) => event.type === 'leg.sending')!;
    w.dashboard('pi_one', 1, { header: sent.key });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['key-reused'] });
    expect(w.moved()).toMatchObject([{ amountMinor: 1, reference: null }]);
    expect(await w.deny((await only(w)).id)).toEqual({ is: 'done' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'failed' });
    expect(w.balance()).toEqual({ available: 5799n, refunded: 1n, inFlight: undefined });
  });

  it.each([
    ['F80', 'an HTML page', { answered: () => '<html>ok</html>' }],
    ['F80', 'half of the body', { answered: (body: string) => body.slice(0, body.length / 2) }],
    ['F80', 'no body', { answered: () => '' }],
    ['F80', 'another object', { answered: () => '{"object":"charge","id":"ch_1"}' }],
    ['F81', 'a redirect', instead(307, '', { location: 'http://127.0.0.1:1/v1/refunds' })],
    ['F80', "a proxy's 404", instead(404, '<html>not found</html>')],
    ['F80', "a proxy's 502", instead(502, '')],
  ] as const)('%s takes %s for silence, asks, and refunds once', async (_, __, trouble) => {
    const w = await one({ network: inTurn(trouble) });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
    expect(keys(w)).toBe(1);
    expect((await eventsOf(w)).map((event) => event.type)).toContain('leg.unknown');
  });

  it.each([401, 403])('F82 waits while the credential is refused (%i), and goes on by itself', async (status) => {
    const refusal = instead(status, '{"error":{"type":"invalid_request_error"}}');
    const w = await one({ network: inTurn(refusal) });
    await w.run(500);
    expect(await only(w)).toMatchObject({ status: 'approved' });
    expect(w.balance()).toMatchObject({ available: 5800n, inFlight: undefined });
    expect((await eventsOf(w)).map((event) => event.type)).toContain('leg.deferred');
    await w.run(minute);
    expect(w.log.alarms()).toEqual(['credential-refused']);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
  });

  it('F45 believes "already refunded" only after it asked, and gives the amount back', async () => {
    const w = await one({}, '60.00');
    w.faults({ dropWebhooks: 1 });
    w.accepted.add('unheard');
    w.dashboard('pi_one', 10_000);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'failed', reasons: ['charge_already_refunded'] });
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
    expect(w.reads().length).toBeGreaterThan(0);
  });

  it('F43 F47 ends as failed where the gateway does not know the payment any more', async () => {
    const gone = instead(404, '{"error":{"type":"invalid_request_error","code":"resource_missing"}}');
    const w = await one({ network: inTurn(gone) });
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'failed', reasons: ['resource_missing'] });
    expect(w.balance()).toMatchObject({ available: 10_000n });
  });
});
