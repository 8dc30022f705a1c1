import { describe, expect, it } from 'vitest';
import { sign } from '../../lib/adapters/sources/generic/sign.ts';
import { openDoor } from '../../lib/app/door.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { embeddedFlood } from '../../lib/domain/flood.ts';
import { parseConnection, parseMerchant } from '../../lib/domain/ids.ts';
import { plus } from '../../lib/domain/time.ts';
import { ready } from './ready.ts';
import { bodyOf, returned } from './returned.ts';
import { merchant, shop, shopSecret, stripe, stripeSecret, type World, world } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const of = returned('RMA-1', '42.00', 'pi_one');
const source = { name: shop, merchant, kind: 'source', platform: 'generic', mode: 'test', settings: {} } as const;
const account = { ...source, name: stripe, kind: 'gateway', platform: 'stripe' } as const;

/** Words of the notices a world has recorded for a connection. */
const recorded = (w: World, connection: string = shop) =>
  w.table.dump().journal.filter((item) => String(item.pk).includes(`#notice#${connection}#`));

describe('secrets in rotation', () => {
  const old = new Secret(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
  const fresh = new Secret(`whsec_${Buffer.alloc(32, 2).toString('base64')}`);
  const verifySecrets = [
    { secret: fresh.reveal(), version: 'fresh', from: '2026-11-21T13:00:00Z' },
    { secret: old.reveal(), version: 'old', until: '2026-11-21T14:00:00Z' },
  ];
  const post = (w: World, by: Secret, id: string) => w.postSigned(bodyOf(of, stripe), id, w.clock.now(), by);

  it('F20 both hold in the overlap, and each only in its time', async () => {
    const w = await ready({ connections: [{ ...source, verifySecrets }] });
    const wrong = { is: 'fault', fault: { code: 'bad-signature' } };
    expect(await post(w, fresh, 'm1')).toMatchObject(wrong);
    expect(await post(w, old, 'm2')).toMatchObject({ is: 'recorded' });
    await w.run(hour);
    expect(await post(w, fresh, 'm3')).toMatchObject({ is: 'recorded' });
    expect(await post(w, old, 'm4')).toMatchObject({ is: 'recorded' });
    await w.run(hour);
    expect(await post(w, old, 'm5')).toMatchObject(wrong);
    expect(await post(w, fresh, 'm6')).toMatchObject({ is: 'recorded' });
    expect(recorded(w).filter((item) => item.sk === 1n || Number(item.sk) === 1)).toHaveLength(4);
  });

  it('F20 the log says which one held, so that one sees when the old one is quiet', async () => {
    const w = await ready({ connections: [{ ...source, verifySecrets }] });
    await w.run(hour);
    for (const [by, id] of [
      [old, 'm1'],
      [fresh, 'm2'],
      [fresh, 'm1'],
    ] as const)
      await post(w, by, id);
    const lines = w.log.lines.flatMap((line) =>
      line.is === 'note' && line.about.connection === shop ? [[line.code, line.about.secretVersion]] : [],
    );
    expect(lines.filter(([code]) => String(code).startsWith('notice-'))).toEqual([
      ['notice-recorded', 'old'],
      ['notice-recorded', 'fresh'],
      ['notice-seen', 'fresh'],
    ]);
  });
});

describe('a store of secrets that does not answer', () => {
  it('F21 has nothing accepted unverified at a cold start, and the repetition recorded', async () => {
    let down = true;
    const w = world({ secretsDown: () => down });
    await expect(w.post(of, 'm1')).rejects.toThrow('connections did not answer');
    expect(w.table.dump()).toMatchObject({ journal: [], state: [] });
    down = false;
    w.pay('pi_one', 10_000, { order: '1001' });
    expect(await w.post(of, 'm1')).toMatchObject({ is: 'recorded' });
    await w.run();
    expect(w.moved()).toHaveLength(1);
  });
});

describe('an event that is not ours', () => {
  const bound = parseConnection('stripe-bound')!;
  const other = { name: parseConnection('stripe-other')!, merchant: parseMerchant('other')! };
  /** One platform signs for all of them: the secret alone does not say whose an event is. */
  const verifySecrets = [stripeSecret.reveal()];
  const connections = [
    { ...account, name: bound, settings: { account: 'acct_1' }, verifySecrets },
    { ...account, ...other, settings: { account: 'acct_2' }, verifySecrets },
  ];
  const charge = {
    id: 'ch_x',
    object: 'charge',
    amount_captured: 10_000,
    captured: true,
    currency: 'eur',
    status: 'succeeded',
    created: 1_700_000_000,
    payment_intent: 'pi_x',
    metadata: { order: '7' },
  };
  const event = (more: object) =>
    JSON.stringify({
      id: 'evt_x',
      object: 'event',
      livemode: false,
      type: 'charge.succeeded',
      data: { object: charge },
      ...more,
    });

  it.each([
    ['F24 of another connected account', bound, { account: 'acct_9' }],
    ["F24 of the platform's own account, at an endpoint of a connected one", bound, {}],
    ['F24 of a connected account, at an endpoint of none', stripe, { account: 'acct_1' }],
    ["F23 F24 of another merchant's account, under the secret both have", other.name, { account: 'acct_1' }],
    ['F25 of the other mode', stripe, { livemode: true }],
    ['F25 of the other mode and the right account', bound, { livemode: true, account: 'acct_1' }],
  ])('%s is answered with success, kept, told, and nothing else happens', async (_what, at, more) => {
    const w = await ready({ connections });
    const before = w.table.dump();
    const body = event(more);
    const headers = w.simulator.sign({ id: 'unused', body, delayMs: 0 }, w.clock.now());
    expect(await w.postTo('gateway', body, headers, at)).toEqual({ is: 'quarantined' });
    await w.run(hour);
    expect(w.log.lines.filter(({ is }) => is === 'alarm')).toMatchObject([
      { code: 'notice-quarantined', about: { code: 'foreign', connection: at } },
    ]);
    const after = w.table.dump();
    expect(after.journal).toHaveLength(before.journal.length + 1);
    expect(after.state).toHaveLength(before.state.length + 1);
    expect(recorded(w, at).at(-1)?.pk).toMatch(new RegExp(`^${at === other.name ? 'other' : 'demo'}#notice#`));
  });

  it('F23 F24 of the right account is taken, and is of that merchant alone', async () => {
    const w = await ready({ connections });
    const body = event({ account: 'acct_2' });
    const headers = w.simulator.sign({ id: 'unused', body, delayMs: 0 }, w.clock.now());
    expect(await w.postTo('gateway', body, headers, other.name)).toMatchObject({ is: 'recorded' });
    const notices = recorded(w, other.name);
    expect(notices.map(({ pk }) => pk)).toEqual(['other#notice#stripe-other#evt_x']);
    expect(w.log.alarms()).toEqual([]);
  });
});

describe('a flood', () => {
  const second = parseConnection('generic-two')!;
  const flood = { connection: { perSecond: 2, burst: 5 }, merchant: { perSecond: 100, burst: 1000 } };
  const connections = [{ ...source, name: second, verifySecrets: [shopSecret.reveal()] }];

  it('F27 of one connection is answered 429 before anything is written, and leaves another one alone', async () => {
    let calls = 0;
    const w = await ready({ flood, connections, store: () => void calls++ });
    w.may.relay = false;
    w.may.sweep = false;
    const ids = Array.from({ length: 500 }, (_, index) => `m${index}`);
    const answers = new Map<string, Awaited<ReturnType<World['post']>>>();
    for (const id of ids) {
      calls = 0;
      answers.set(id, await w.post(of, id));
      expect(calls).toBe(answers.get(id)?.is === 'recorded' ? 1 : 0);
    }
    const refused = ids.filter((id) => answers.get(id)?.is === 'fault');
    expect(refused).toHaveLength(495);
    expect(answers.get('m499')).toMatchObject({ fault: { code: 'flooded', retryAfterMs: 1000 } });
    expect(recorded(w)).toHaveLength(5);
    const body = bodyOf(of, stripe);
    expect(await w.postTo('source', body, signedFor(w, body), second)).toMatchObject({ is: 'recorded' });
    const notes = w.log.lines.filter((line) => line.is === 'note' && line.code === 'webhook-flooded');
    expect(notes).toHaveLength(1);
    w.may.relay = true;
    w.may.sweep = true;
    for (const id of refused) {
      const again = await w.post(of, id);
      if (again.is === 'fault') expect(again).toMatchObject({ fault: { code: 'flooded' } });
      while ((await w.post(of, id)).is === 'fault') await w.run(1000);
    }
    expect(recorded(w).filter((item) => Number(item.sk) === 1)).toHaveLength(500);
    await w.run();
    // Both tell of one order, and one source per order pays: the other one is in front of a person.
    expect((await w.refunds()).map(({ status }) => status).sort()).toEqual(['held', 'refunded']);
    expect(w.moved()).toHaveLength(1);
  });

  it('F27 F28 of forgeries takes nothing from the shop, asks nothing of the store, and writes few lines', async () => {
    let calls = 0;
    const w = await ready({ flood, store: () => void calls++ });
    calls = 0;
    let sealed = 0;
    const { seal } = w.needs.vault;
    w.needs.vault.seal = (...given) => {
      sealed += 1;
      return seal(...given);
    };
    const body = bodyOf(of, stripe);
    const forged = { ...signedFor(w, body), 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` };
    for (let sent = 0; sent < 1000; sent += 1) {
      expect(await w.postTo('source', body, forged)).toMatchObject({ fault: { code: 'bad-signature' } });
    }
    expect([calls, sealed]).toEqual([0, 0]);
    const notes = () =>
      w.log.lines.flatMap((line) => (line.is === 'note' && line.code === 'webhook-rejected' ? [line.about.count] : []));
    expect(notes()).toEqual([1]);
    await w.run(10_000);
    await w.postTo('source', body, forged);
    expect(notes()).toEqual([1, 1000]);
    expect(await w.post(of)).toMatchObject({ is: 'recorded' });
    expect(sealed).toBe(1);
  });
});

describe('a clock that is wrong', () => {
  const tooOld = { is: 'fault', fault: { code: 'bad-signature' } };
  const second = parseConnection('generic-two')!;
  const connections = [{ ...source, name: second, verifySecrets: [shopSecret.reveal()] }];

  it.each([
    ['ahead', -10 * minute],
    ['behind', 10 * minute],
  ])('F26 ours being %s silences nobody for long, and is told once an hour', async (_which, off) => {
    const w = await ready();
    const post = (number: number) =>
      w.post(returned(`RMA-${number}`, '1.00', 'pi_one'), `m${number}`, plus(w.clock.now(), off));
    for (let number = 1; number < 5; number += 1) expect(await post(number)).toMatchObject(tooOld);
    for (let number = 5; number < 20; number += 1) expect(await post(number)).toMatchObject({ is: 'recorded' });
    expect(await post(1)).toMatchObject({ is: 'recorded' });
    expect(await post(1)).toMatchObject({ is: 'seen' });
    await w.run();
    expect(w.moved()).toHaveLength(16);
    const alarms = w.log.lines.filter((line) => line.is === 'alarm' && line.code === 'clock-skewed');
    expect(alarms).toMatchObject([{ about: { connection: shop, code: `${off / 1000}s` } }]);
  });

  it('F3 F26 lets in a replay of what came before as the replay it is', async () => {
    const w = await ready();
    const signedAt = w.clock.now();
    const post = (number: number) => w.post(returned(`RMA-${number}`, '1.00', 'pi_one'), `m${number}`, signedAt);
    for (let number = 1; number <= 8; number += 1) await post(number);
    await w.run(8 * minute);
    // Heard in time, a message says nothing about clocks when it comes again.
    for (let number = 1; number <= 8; number += 1) expect(await post(number)).toMatchObject(tooOld);
    // Another environment has heard none of them.
    w.needs.door = openDoor(embeddedFlood);
    for (let number = 1; number <= 4; number += 1) expect(await post(number)).toMatchObject(tooOld);
    for (let number = 5; number <= 8; number += 1) expect(await post(number)).toMatchObject({ is: 'seen' });
    await w.run(hour);
    expect(w.moved()).toHaveLength(8);
  });

  it('F26 opens nothing for another connection, and closes again when messages come in time', async () => {
    const w = await ready({ connections });
    const post = (number: number, ms: number) =>
      w.post(returned(`RMA-${number}`, '1.00', 'pi_one'), `m${number}`, plus(w.clock.now(), ms));
    for (let number = 1; number <= 6; number += 1) await post(number, 10 * minute);
    const body = bodyOf(of, stripe);
    expect(await w.postTo('source', body, signedFor(w, body, 10 * minute), second)).toMatchObject(tooOld);
    for (let number = 7; number <= 12; number += 1) expect(await post(number, 0)).toMatchObject({ is: 'recorded' });
    expect(await post(13, 10 * minute)).toMatchObject(tooOld);
  });
});

function signedFor(w: World, body: string, ms = 0): Readonly<Record<string, string>> {
  return sign(body, { secret: shopSecret, id: 'm-two', at: plus(w.clock.now(), ms) });
}
