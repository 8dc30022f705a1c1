import { describe, expect, it } from 'vitest';
import { readWeather } from '../../lib/app/accounts.ts';
import { executeWork } from '../../lib/app/execute.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { reconcileWork } from '../../lib/app/reconcile.ts';
import { plus } from '../../lib/domain/time.ts';
import { asGateway } from './as-gateway.ts';
import type { NetworkTrouble } from './network.ts';
import { returned } from './returned.ts';
import { stripe, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

const refused = { status: 401, headers: {}, body: '{"error":{"type":"invalid_request_error"}}' };

/** One approved refund, on which function environments work whose clocks are not the same. Requests for money meet these troubles in turn. */
async function one(troubles: readonly (NetworkTrouble | undefined)[]) {
  let posts = 0;
  const w = world({ slow: true, network: (request) => (request.method === 'POST' ? troubles[posts++] : undefined) });
  w.pay('pi_one', 10_000, { order: '1001' });
  w.pay('pi_two', 10_000, { order: '1002' });
  await w.run(5000);
  w.may.hints = 0;
  w.may.sweep = false;
  await w.post(returned('RMA-1', '42.00', 'pi_one'));
  await w.assess();
  const [refund] = await w.refunds();
  const id = refund!.id;
  /** Whoever comes first sees what is there, and the next one goes on. */
  const turn = (by: number | ReturnType<typeof w.environment>) =>
    executeWork(typeof by === 'number' ? w.environment(by) : by, w.workOn(id, 'execute'));
  const types = async () => (await w.events(id)).map((event) => event.type);
  const alarms = () => w.log.alarms().filter((code) => code === 'clock-wrong');
  /** Another return, of another payment. */
  const another = async () => {
    await w.post(returned('RMA-2', '42.00', 'pi_two', { order: '1002' }));
    await w.assess();
    const found = async () => (await w.refunds()).find((refund) => refund.return === 'RMA-2');
    return { work: w.workOn((await found())!.id, 'execute'), status: async () => (await found())?.status };
  };
  return { w, turn, another, types, alarms };
}

describe('F26 F144 a clock of ours that is wrong', () => {
  it('proves nothing: the last request is still on its way, by everybody else', async () => {
    const { w, turn, types, alarms } = await one(['lost-request', { arrivesAfterMs: 9 * minute }]);
    await turn(0);
    w.clock.set(plus(w.clock.now(), 23 * hour + 40 * minute));
    await turn(0);
    await turn(0);
    expect((await types()).filter((type) => type === 'leg.sending')).toHaveLength(2);
    w.clock.set(plus(w.clock.now(), 2 * minute));
    for (const ahead of [10 * minute, hour, hour, hour, hour]) await turn(ahead);
    await w.run(20 * minute);
    expect(w.moved()).toHaveLength(1);
    expect(await types()).not.toContain('leg.renewed');
    expect(alarms().length).toBeGreaterThan(0);
    expect(w.log.lines).toContainEqual(
      expect.objectContaining({ code: 'clock-wrong', about: expect.objectContaining({ code: '-599s' }) }),
    );
    w.may.hints = 1;
    w.may.sweep = true;
    await w.run();
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(w.moved()).toHaveLength(1);
  });

  it('that is behind what is written sends nothing, and the next one does', async () => {
    const { w, turn, types, alarms } = await one([]);
    await turn(-10 * minute);
    expect(await types()).not.toContain('leg.sending');
    expect(alarms()).toHaveLength(1);
    await turn(0);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('is believed again once it is right: who knows asks before it goes on', async () => {
    const { w, turn, another, alarms } = await one(['lost-reply']);
    let aheadMs = 0;
    const clock = { now: () => plus(w.clock.now(), aheadMs) };
    const environment = w.environment(clock);
    await turn(environment);
    aheadMs = hour;
    await turn(environment);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    const { work } = await another();
    const posts = w.posts().length;
    await executeWork(environment, work);
    expect(alarms()).toHaveLength(1);
    expect(w.posts()).toHaveLength(posts);
    aheadMs = 0;
    await executeWork(environment, work);
    await executeWork(environment, work);
    expect(alarms()).toHaveLength(1);
    expect(w.posts()).toHaveLength(posts + 1);
  });

  it('that is an hour ahead keeps no account waiting for an hour', async () => {
    const { w, turn, another, alarms } = await one([{ instead: refused }]);
    await turn(hour);
    const { breaker } = (await readWeather(w.table, { merchant: w.merchant, connection: stripe }, w.clock.now()))
      .weather;
    expect(breaker).toMatchObject({ is: 'open', reason: 'credential', until: w.clock.now() });
    const { work, status } = await another();
    await executeWork(w.environment(0), work);
    expect(await status()).toBe('refunded');
    // What a clock wrote that was ahead is worked on once everybody else's has come to there.
    await turn(0);
    expect(alarms()).toHaveLength(1);
    w.clock.set(plus(w.clock.now(), hour + minute));
    await turn(0);
    expect((await w.refunds()).map((refund) => refund.status)).toEqual(['refunded', 'refunded']);
  });

  it('that is wrong for days keeps nobody from hearing of what has no answer', async () => {
    const { w, turn, alarms } = await one(['lost-request']);
    const wrong = w.environment(hour);
    await turn(0);
    for (let day = 0; day < 4; day += 1) {
      w.clock.set(plus(w.clock.now(), 20 * hour));
      await turn(wrong);
    }
    expect(alarms().length).toBeGreaterThan(0);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['no-answer'] }]);
  });

  it('within half a minute is no clock that is wrong', async () => {
    const { w, turn, alarms } = await one(['lost-reply']);
    await turn(-25_000);
    await turn(25_000);
    await turn(25_000);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
    expect(alarms()).toHaveLength(0);
  });

  it.each(['authoritative', 'eventual', 'none'] as const)(
    'that is wrong for days keeps nothing that was never sent from a person, where the lookup is %s',
    async (lookup) => {
      const { w, turn, alarms } = await one([]);
      asGateway(w, (gateway) => ({
        ...gateway,
        capabilities: { ...gateway.capabilities, lookup },
        find: async (query) => {
          const found = await gateway.find(query);
          return lookup === 'none' ? { is: 'cannot-tell', why: 'lists nothing' } : found;
        },
        apartMs: () => -10 * minute,
      }));
      for (let half = 0; half < 10; half += 1) {
        await turn(w.needs);
        w.clock.set(plus(w.clock.now(), 12 * hour));
      }
      expect(alarms().length).toBeGreaterThan(0);
      expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['not-sent'] }]);
      expect(w.posts()).toEqual([]);
    },
  );

  it('says to nobody when to come: the sweep finds what it left, though its hint is lost', async () => {
    const { w, turn } = await one([]);
    const wrong = w.environment(30 * 24 * hour);
    const gateway = await wrong.gateways.open((await w.connections.find(stripe))!);
    await gateway.look({ reference: 'pi_one', limitMs: 1000 });
    await turn(wrong);
    await w.run(1);
    w.may.sweep = true;
    w.may.hints = 1;
    await w.run(hour);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('that is set back while the gateway is asked dates no absence after it', async () => {
    const { w, turn, types } = await one(['lost-request']);
    let aheadMs = 0;
    const environment = w.environment({ now: () => plus(w.clock.now(), aheadMs) });
    const { open } = environment.gateways;
    environment.gateways = {
      open: async (connection) => {
        const gateway = await open(connection);
        return {
          ...gateway,
          find: (query) => {
            aheadMs = 0;
            return gateway.find(query);
          },
        };
      },
    };
    await turn(environment);
    w.clock.set(plus(w.clock.now(), 2 * minute));
    aheadMs = 20 * minute;
    await turn(environment);
    expect(await types()).not.toContain('leg.absent');
    await turn(environment);
    expect(await types()).toContain('leg.absent');
  });

  it('calls nothing lost that a gateway has no more', async () => {
    const { w, turn, types, alarms } = await one([]);
    w.accepted.add('vanished');
    await turn(0);
    const [refund] = await w.refunds();
    w.simulator.state.refunds.splice(0);
    const look = (by: number) => reconcileWork(w.environment(by), w.workOn(refund!.id, 'reconcile'));
    await look(2 * 24 * hour);
    expect(await types()).not.toContain('leg.lost');
    expect(alarms()).toHaveLength(1);
    w.may.sweep = true;
    w.may.hints = 1;
    await w.run(9 * 24 * hour);
    expect(await types()).toContain('leg.lost');
  });

  it('that is hours behind repeats nothing under a key that its gateway has forgotten since', async () => {
    const { w, turn, types } = await one([{ arrivesAfterMs: 5 * minute }]);
    w.faults({ dropWebhooks: 1 });
    await turn(0);
    w.clock.set(plus(w.clock.now(), minute));
    await turn(0);
    expect((await types()).at(-1)).toBe('leg.absent');
    await w.run(30 * hour);
    // Nobody has answered this process yet, and by its clock the key has fourteen hours left.
    await turn(-20 * hour);
    expect(w.moved()).toHaveLength(1);
    expect(w.posts()).toHaveLength(1);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded' }]);
  });

  it('does not make everybody else’s patience longer, where nobody can send', async () => {
    const { w, turn } = await one([]);
    const wrong = w.environment(365 * 24 * hour);
    const gateway = await wrong.gateways.open((await w.connections.find(stripe))!);
    await gateway.look({ reference: 'pi_one', limitMs: 1000 });
    await turn(wrong);
    await w.run(1);
    w.needs.gateways = { open: () => Promise.reject(new Unavailable('connections')) };
    w.may.sweep = true;
    w.may.hints = 1;
    await w.run(5 * 24 * hour);
    expect(await w.refunds()).toMatchObject([{ status: 'held', reasons: ['cannot-process'] }]);
  });
});
