import { describe, expect, it } from 'vitest';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import type { World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const of = returned('RMA-1', '42.00', 'pi_one');
const only = async (w: World) => (await w.refunds())[0]!;
const keyOf = async (w: World) =>
  (await w.events((await only(w)).id)).find((event) => event.type === 'leg.sending')!.key;

/** The gateway made another amount of it, a person compared, and closed it as what the customer has. */
const settledByPerson = async () => {
  const w = await ready({ slow: true, network: ({ method }) => (method === 'POST' ? 'lost-request' : undefined) });
  await w.post(of);
  await w.run(2000);
  const made = w.dashboard('pi_one', 4000, { refundKey: await keyOf(w) })!;
  await w.run(hour);
  expect(await only(w)).toMatchObject({ status: 'held', reasons: ['echo-mismatch'] });
  await w.deny((await only(w)).id);
  await w.run(minute);
  expect(await only(w)).toMatchObject({ status: 'partly-refunded', reasons: ['closed-by-person'] });
  return { w, made };
};

/** Two refunds of one leg; a person had the first taken back at the gateway, and closed it with the second as what the customer has. */
const settledWithSecond = async () => {
  const w = await ready({ slow: true });
  w.accepted.add('surplus');
  await w.post(of);
  await w.run(hour);
  const second = w.dashboard('pi_one', 4200, { refundKey: await keyOf(w) })!;
  await w.run(hour);
  const first = w.simulator.refunds().find(({ id }) => id !== second)!;
  w.move(first.id, { status: 'failed' });
  await w.run(hour);
  await w.deny((await only(w)).id);
  await w.run(minute);
  expect(await only(w)).toMatchObject({ status: 'refunded', reasons: ['closed-by-person'] });
  return { w, second };
};

describe('a success that a person has closed', () => {
  it('F76 F78 is in front of a person again when it fails later', async () => {
    const { w, made } = await settledByPerson();
    const before = w.log.alarms().length;
    w.move(made, { status: 'failed' });
    await w.run(hour);
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
    expect(w.log.alarms().slice(before)).toContain('refund-held');
  });

  it('F5 F76 is not tried again as it was where its return states less by then, before a person has seen that', async () => {
    const { w, made } = await settledByPerson();
    await w.post(returned('RMA-1', '20.00', 'pi_one'));
    await w.run(minute);
    w.move(made, { status: 'failed' });
    await w.run(hour);
    const first = (await w.refunds()).find(({ amountMinor }) => amountMinor === 4200n);
    expect(first).toMatchObject({ status: 'held', reasons: ['failed-at-gateway', 'return-shrank'] });
  });

  it('F76 F103 that was the second of two tells somebody when it fails later, too', async () => {
    const { w, second } = await settledWithSecond();
    const before = w.log.alarms().length;
    w.move(second, { status: 'failed' });
    await w.run(hour);
    expect(w.balance()).toEqual({ available: 10_000n, refunded: 0n, inFlight: undefined });
    expect([(await only(w)).status, w.log.alarms().slice(before)]).not.toEqual(['failed', []]);
  });

  it('F5 F76 F103 that was the second of two is not tried again as it was, either, where its return states less by then', async () => {
    const { w, second } = await settledWithSecond();
    await w.post(returned('RMA-1', '20.00', 'pi_one'));
    await w.run(minute);
    w.move(second, { status: 'failed' });
    await w.run(hour);
    const first = (await w.refunds()).find(({ amountMinor }) => amountMinor === 4200n);
    expect(first).toMatchObject({ status: 'held', reasons: ['failed-at-gateway', 'return-shrank'] });
  });

  it('F76 F91 is looked for at the ages of every success, though no webhook comes', async () => {
    const { w, made } = await settledByPerson();
    w.accepted.add('unheard');
    await w.run(20 * day);
    w.move(made, { status: 'failed' }, { silent: true });
    await w.run(60 * day);
    expect(await only(w)).not.toMatchObject({ status: 'partly-refunded' });
  });

  it('F76 F91 F103 that was the second of two is looked for again, though no webhook comes', async () => {
    const { w, second } = await settledWithSecond();
    w.accepted.add('unheard');
    w.move(second, { status: 'failed' }, { silent: true });
    await w.run(40 * day);
    expect(await only(w)).not.toMatchObject({ status: 'refunded' });
  });
});

describe('two refunds that a person has closed as they are', () => {
  it('F76 F91 F103 are the customer’s until the second fails, too, though no webhook comes', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('surplus');
    w.accepted.add('unheard');
    await w.post(of);
    await w.run(hour);
    const second = w.dashboard('pi_one', 4200, { refundKey: await keyOf(w) })!;
    await w.run(hour);
    await w.deny((await only(w)).id);
    await w.run(minute);
    w.move(w.simulator.refunds().find(({ id }) => id !== second)!.id, { status: 'failed' });
    await w.run(hour);
    expect(await only(w)).toMatchObject({ status: 'refunded' });
    w.move(second, { status: 'failed' }, { silent: true });
    await w.run(40 * day);
    expect(await only(w)).toMatchObject({ status: 'held', reasons: ['failed-at-gateway'] });
  });
});

describe('a refund made elsewhere for which another one was denied', () => {
  it('F41 F76 F93 tells somebody when it fails later', async () => {
    const w = await ready();
    const theirs = w.dashboard('pi_one', 10_000)!;
    await w.run(minute);
    await w.post(of);
    await w.run(minute);
    expect(await only(w)).toMatchObject({ status: 'denied', reasons: ['exceeds-capture'] });
    const before = w.log.alarms().length;
    w.move(theirs, { status: 'failed' });
    await w.run(day);
    expect(w.balance()).toMatchObject({ available: 10_000n, refunded: 0n });
    expect(w.log.alarms().slice(before)).toEqual(['elsewhere-failed']);
  });

  it('F44 F76 F93 tells somebody when it fails after a person said no because of it', async () => {
    const w = await ready({ approvalLimit: '10.00' });
    await w.post(of);
    await w.run(minute);
    const theirs = w.dashboard('pi_one', 4200)!;
    await w.run(minute);
    expect(await w.approve((await only(w)).id)).toMatchObject({ fault: { code: 'changed' } });
    expect((await only(w)).reasons).toContain('refunded-elsewhere');
    await w.deny((await only(w)).id);
    const before = w.log.alarms().length;
    w.move(theirs, { status: 'failed' });
    await w.run(day);
    expect(w.log.alarms().slice(before)).toEqual(['elsewhere-failed']);
  });
});

describe('a return that there is not enough money for', () => {
  it('F41 F103 is denied by nobody while another return of its payment has two refunds: one of them will be settled', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('surplus');
    await w.post(returned('RMA-1', '40.00', 'pi_one'));
    await w.run(hour);
    const second = w.dashboard('pi_one', 4000, { refundKey: await keyOf(w) })!;
    await w.run(hour);
    await w.post(returned('RMA-2', '30.00', 'pi_one'));
    await w.run(hour);
    expect((await w.refunds()).at(-1)).toMatchObject({ status: 'held', reasons: ['exceeds-available'] });
    w.move(second, { status: 'failed' });
    await w.run(hour);
    expect(w.balance()).toMatchObject({ available: 6000n, refunded: 4000n });
    await w.switchAccount('running');
    await w.approve((await w.refunds()).at(-1)!.id);
    await w.run(hour);
    expect((await w.refunds()).at(-1)).toMatchObject({ return: 'RMA-2', status: 'refunded' });
    expect(w.moved().map(({ amountMinor }) => amountMinor)).toEqual([4000, 3000]);
  });
});

describe('a payment that gives back more than it took', () => {
  it('F45 F103 tells somebody, also where it is by a refund of ours that a person had given up', async () => {
    const w = await ready({ slow: true });
    w.accepted.add('overdrawn');
    await w.post(of);
    await w.run(hour);
    w.move(w.simulator.refunds()[0]!.id, { status: 'failed' });
    await w.run(hour);
    const refundKey = await keyOf(w);
    await w.deny((await only(w)).id);
    await w.post(returned('RMA-2', '90.00', 'pi_one'));
    await w.run(hour);
    const before = w.log.alarms().length;
    w.faults({ noCap: true });
    w.dashboard('pi_one', 4200, { refundKey });
    await w.run(hour);
    expect(w.balance()).toMatchObject({ available: -3200n, refunded: 13_200n });
    expect(w.log.alarms().slice(before)).toEqual(['payment-overdrawn']);
  });
});
