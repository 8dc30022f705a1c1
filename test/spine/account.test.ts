import { describe, expect, it } from 'vitest';
import type { NetworkTrouble } from './network.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { credential, merchant, stripe, stripeSecret, type World } from './world.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const of = (number: number) => returned(`RMA-${number}`, '1.00', 'pi_one');

const stating = (accountId: string) => [
  {
    name: stripe,
    merchant,
    kind: 'gateway',
    platform: 'stripe',
    mode: 'test',
    settings: { baseUrl: 'http://127.0.0.1:1', accountId },
    verifySecrets: [stripeSecret.reveal()],
    credential: credential.reveal(),
  } as const,
];
const asked = (w: World) => w.simulator.calls().filter((call) => call.path === '/v1/account').length;
const statuses = async (w: World) => (await w.refunds()).map(({ status }) => status);

describe('a connection that states its account', () => {
  it('F83 is asked once for all its refunds, and again in another environment', async () => {
    const w = await ready({ connections: stating('acct_sim') });
    for (let number = 1; number <= 5; number += 1) await w.post(of(number));
    await w.run();
    expect(await statuses(w)).toEqual(Array(5).fill('refunded'));
    expect(asked(w)).toBe(1);
    w.needs.confirmed = new WeakSet();
    await w.post(of(6));
    await w.run();
    expect(asked(w)).toBe(2);
    expect(w.moved()).toHaveLength(6);
  });

  it('F83 sends nothing where the credential opens another one: a person is told, and can go on after the repair', async () => {
    const w = await ready({ connections: stating('acct_other') });
    await w.post(of(1));
    await w.run(minute);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['wrong-account'] }]);
    expect(w.log.lines).toContainEqual(
      expect.objectContaining({ code: 'refund-held', about: expect.objectContaining({ code: 'wrong-account' }) }),
    );
    expect(w.posts()).toEqual([]);
    const [{ id } = { id: '' }] = await w.refunds();
    await w.approve(id);
    await w.run(minute);
    expect(await statuses(w)).toEqual(['held']);
    const { find } = w.needs.connections;
    w.needs.connections.find = async (name) => {
      const found = await find(name);
      return found && { ...found, settings: { ...found.settings, accountId: 'acct_sim' } };
    };
    await w.approve(id);
    await w.run(minute);
    expect(await statuses(w)).toEqual(['refunded']);
  });

  it.each<readonly [string, NetworkTrouble]>([
    ['nobody answers', 'lost-request'],
    [
      'the credential is refused',
      { instead: { status: 401, headers: {}, body: '{"error":{"type":"invalid_request_error"}}' } },
    ],
    ['the answer is no account', { answered: () => '{"object":"list"}' }],
    ['the answer can not be read', { answered: () => '<html>' }],
  ])('F83 sends nothing while it can not be told (%s), and goes on when it can', async (_what, trouble) => {
    let on = true;
    const w = await ready({
      connections: stating('acct_sim'),
      network: (request) => (on && request.url.endsWith('/v1/account') ? trouble : undefined),
    });
    await w.post(of(1));
    await w.run(10 * minute);
    expect(await statuses(w)).toEqual(['approved']);
    expect(w.posts()).toEqual([]);
    on = false;
    await w.run(minute);
    expect(await statuses(w)).toEqual(['refunded']);
  });

  it('F83 is in front of a person after three days in which nobody could tell', async () => {
    const w = await ready({
      slow: true,
      connections: stating('acct_sim'),
      network: (request) => (request.url.endsWith('/v1/account') ? 'lost-request' : undefined),
    });
    await w.post(of(1));
    await w.run(4 * day);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['not-sent'] }]);
    expect(w.posts()).toEqual([]);
  });

  it('F83 is not asked where none is stated', async () => {
    const w = await ready();
    await w.post(of(1));
    await w.run();
    expect(asked(w)).toBe(0);
    expect(w.moved()).toHaveLength(1);
  });
});
