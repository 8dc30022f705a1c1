import { describe, expect, it } from 'vitest';
import { asGateway } from './as-gateway.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { type TableTrouble, tableTroubles } from './trouble.ts';
import { audited, stripe, type World } from './world.ts';

const hour = 60 * 60_000;
const day = 24 * hour;
const only = async (w: World) => (await w.refunds())[0]!;
const firstKey = (w: World) => w.posts().find((call) => call.key !== null)?.key ?? '';
const eventsOf = (w: World, stream: string) =>
  w.table
    .dump()
    .journal.filter((item) => String(item.pk).includes(stream))
    .flatMap((item) => (JSON.parse(String(item.body)) as { events: { type: string; reason?: string }[] }).events);
const isStopped = (w: World) =>
  w.table.dump().state.some((item) => item.pk === 'demo#control' && item[`stopped.${stripe}`] === true);

/** One refund that is made, and a second one at the gateway under its key. `troubles` are at calls to the store from then on. */
async function surplus(troubles: ReadonlyMap<number, TableTrouble> = new Map()) {
  const calls: boolean[] = [];
  const wrong: string[] = [];
  let armed = false;
  const w: World = await ready({
    store: ({ call }) => {
      if (!armed) return undefined;
      const recorded = eventsOf(w, '#refund#').some(({ type }) => type === 'leg.surplus');
      if (recorded && !isStopped(w)) wrong.push('a surplus is on record and the account goes on');
      return troubles.get(calls.push(call === 'write') - 1);
    },
  });
  w.accepted.add('surplus');
  await w.post(returned('RMA-1', '10.00', 'pi_one'));
  await w.run();
  armed = true;
  w.dashboard('pi_one', 1000, { refundKey: firstKey(w) });
  await w.run(60_000);
  const found = [...calls];
  w.send(returned('RMA-2', '10.00', 'pi_one'));
  await w.run(20_000);
  armed = false;
  return { w, calls: found, wrong };
}

/** What the gateway lists: while it can't be read, nobody is told what is in it. */
function listOf(w: World) {
  const list = { readable: true };
  asGateway(w, (gateway) => ({
    ...gateway,
    find: async (query) => (list.readable ? gateway.find(query) : { is: 'cannot-tell', why: 'too-many-refunds' }),
  }));
  return list;
}

describe('a second refund for one leg', () => {
  it('F103 stops the account by itself, names why, and pages once', async () => {
    const { w, wrong } = await surplus();
    expect(wrong).toEqual([]);
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['held', 'approved']);
    const { id } = await only(w);
    expect(eventsOf(w, '#control')).toEqual([
      { type: 'control.account-stopped', v: 1, connection: stripe, reason: 'two-refunds', by: id },
    ]);
    expect(w.log.alarms().filter((code) => code === 'account-stopped')).toHaveLength(1);
    expect(w.posts().filter((call) => call.key !== null)).toHaveLength(1);
  });

  it('F103 leaves the account stopped until a person resumes it, and stops it no second time for the same', async () => {
    const { w } = await surplus();
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(w.posts().filter((call) => call.key !== null)).toHaveLength(1);
    await w.switchAccount('running');
    for (const one of [...w.hinted]) w.redeliver(one);
    await w.run(hour);
    expect(await w.switches()).toEqual({ sending: 'running', stoppedAccounts: [] });
    expect((await w.refunds()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('F103 is on record only where the account is stopped, whatever goes wrong at any one call', async () => {
    const { calls } = await surplus();
    await audited();
    const wrong: string[] = [];
    for (const [call, isWrite] of calls.entries()) {
      for (const trouble of isWrite ? tableTroubles : (['lost-request', 'kill-before'] as const)) {
        const run = await surplus(new Map([[call, trouble]]));
        const stops = eventsOf(run.w, '#control').length;
        const found = eventsOf(run.w, '#refund#').filter(({ type }) => type === 'leg.surplus').length;
        const sent = run.w.posts().filter(({ key }) => key !== null).length;
        if (run.wrong.length > 0 || stops !== 1 || found !== 1 || sent !== 1 || !isStopped(run.w)) {
          wrong.push(`${trouble} at ${call}: ${run.wrong.join()} stops ${stops}, found ${found}, sent ${sent}`);
        }
        await audited();
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['settled', 'failed', 9000n, 1000n],
    ['left as it is', 'succeeded', 8000n, 2000n],
  ] as const)(
    'F103 is no failure once a person closes it: %s, the customer has the first one',
    async (_, status, available, refunded) => {
      const { w } = await surplus();
      const { id } = await only(w);
      w.move(w.simulator.refunds()[1]!.id, { status });
      await w.run(60_000);
      expect(await only(w)).toMatchObject({ status: 'held', reasons: ['two-refunds'] });
      await w.deny(id);
      await w.run(hour);
      expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['closed-by-person'] });
      const ended = w.log.lines.flatMap((said) => (said.is === 'ended' ? [said.line.status] : []));
      expect(ended).toEqual(['refunded', 'refunded']);
      // What RMA-2 waits for stays promised.
      expect(w.balance()).toMatchObject({ available: available - 1000n, refunded });
      expect(w.posts().filter((call) => call.key !== null)).toHaveLength(1);
    },
  );

  it('F76 F103 is not paid beside, where the first one failed and nobody told us of the second', async () => {
    const w: World = await ready({ slow: true });
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(hour);
    const [first] = w.simulator.state.refunds;
    w.simulator.state.refunds.push({ ...first!, id: 're_second' });
    w.move(first!.id, { status: 'failed' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    await w.approve((await only(w)).id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.posts().filter((call) => call.key !== null)).toHaveLength(1);
    expect(w.balance()).toMatchObject({ available: 9000n, refunded: 1000n });
  });

  it('F79 F103 is not made on a person’s word while a list can’t be read, though an earlier one has failed', async () => {
    let posts = 0;
    const lost = (method: string) => (method === 'POST' && ++posts === 2 ? 'lost-reply' : undefined);
    const w: World = await ready({ slow: true, network: ({ method }) => lost(method) });
    const list = listOf(w);
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(hour);
    w.move(w.simulator.refunds()[0]!.id, { status: 'failed' });
    await w.run(hour);
    const { id } = await only(w);
    Object.assign(w.may, { relay: false, sweep: false });
    w.faults({ dropWebhooks: 1 });
    await w.approve(id);
    await w.lookAt(id);
    list.readable = false;
    Object.assign(w.may, { relay: true, sweep: true });
    await w.run(4 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['no-answer'] });
    expect(await w.approveAsAbsent(id)).toEqual({ is: 'done' });
    await w.run(4 * day);
    expect(w.moved()).toHaveLength(1);
    expect(await only(w)).toMatchObject({ status: 'held' });
    list.readable = true;
    await w.approve(id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });

  it('F76 F103 is not made after a failure while a list can’t be read: one that nobody was told of may stand in it', async () => {
    const w: World = await ready({ slow: true });
    const list = listOf(w);
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(hour);
    const { id } = await only(w);
    const [first] = w.simulator.refunds();
    w.accepted.add('surplus');
    w.faults({ dropWebhooks: 1 });
    w.dashboard('pi_one', 1000, { refundKey: first?.key ?? '' });
    w.faults({ dropWebhooks: 0 });
    w.move(first!.id, { status: 'failed' });
    list.readable = false;
    await w.run(hour);
    await w.approve(id);
    await w.run(4 * day);
    expect(w.moved()).toHaveLength(1);
    expect(await only(w)).toMatchObject({ status: 'held' });
    list.readable = true;
    await w.approve(id);
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    expect(w.moved()).toHaveLength(1);
  });

  it('F103 F135 leaves evidence for whoever compares: every fact with its digest, and no name of a payment', async () => {
    const { w } = await surplus();
    const { id } = await only(w);
    const bundle = (await w.evidence(id))!;
    const theirs = w.simulator.refunds().map((refund) => refund.id);
    expect(bundle).toMatchObject({
      refund: { id, status: 'held' },
      legs: [
        {
          leg: 1,
          connection: stripe,
          keys: [firstKey(w)],
          gatewayRefunds: { [theirs[0]!]: 'succeeded', [theirs[1]!]: 'surplus' },
        },
      ],
      payments: [{ balance: { capturedMinor: 10_000n, availableMinor: 7000n, refundedMinor: 2000n } }],
      switches: [{ events: [{ type: 'control.account-stopped' }] }],
    });
    for (const { digest, body } of bundle.entries) expect(w.needs.hash(body)).toBe(digest);
    const digests = w.table.dump().journal.map((item) => item.digest);
    for (const payment of bundle.payments) for (const { digest } of payment.entries) expect(digests).toContain(digest);
    const text = JSON.stringify(bundle, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    expect(text).not.toMatch(/pi_one|ch_one|"sealed"/);
    for (const { sealed } of w.table.dump().state) if (sealed !== undefined) expect(text).not.toContain(String(sealed));
    expect(await w.evidence('rf_0123456789abcdef0123')).toBeUndefined();
  });
});
