import { describe, expect, it } from 'vitest';
import { shardOf } from '../../lib/app/heads.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { listQuarantined, replayNotice } from '../../lib/app/quarantine.ts';
import { quarantineShards } from '../../lib/app/quarantine-index.ts';
import { correlationId, parseMerchant } from '../../lib/domain/ids.ts';
import { returned } from './returned.ts';
import { merchant, stripe, type World, world } from './world.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const other = parseMerchant('other')!;

const quarantined = async (w: World) => (await listQuarantined(w, merchant)).notices;
const replay = (w: World, notice: string, of = merchant) =>
  replayNotice(w.needs, { id: 'ann', merchant: of, correlation: correlationId('replay00') }, notice);

/** A payment of which two webhooks told while its account was missing from the settings, for longer than anybody waits. */
async function missed() {
  const w = world({ slow: true, neighbours: ['other'] });
  const { connections } = w.needs;
  const { find } = connections;
  // Received, and looked at only when the account is gone.
  w.may.relay = false;
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(second);
  w.may.relay = true;
  connections.find = async (name) => (name === stripe ? undefined : find(name));
  await w.run(4 * day);
  const notices = await quarantined(w);
  const putBack = () => {
    connections.find = find;
  };
  return { w, putBack, notices };
}

describe('a notice that was put aside', () => {
  it('F122 after days without the key service is taken up again when that is back, from the gateway as from a shop', async () => {
    const w = world({ slow: true });
    const { open } = w.needs.vault;
    w.needs.vault.open = () => Promise.reject(new Unavailable('vault'));
    w.pay('pi_one', 10_000, { order: '1001' });
    await w.post(returned('RMA-1', '42.00', 'pi_one'));
    await w.run(2 * day);
    expect([await quarantined(w), await w.refunds()]).toEqual([[], []]);
    await w.run(2 * day);
    const notices = await quarantined(w);
    expect(new Set(notices.map(({ connection }) => connection)).size).toBe(2);
    for (const one of notices) expect(one).toMatchObject({ code: 'too-long', replayable: true });
    w.needs.vault.open = open;
    for (const { notice } of notices) expect(await replay(w, notice)).toEqual({ is: 'done' });
    await w.run(5 * minute);
    expect(await w.refunds()).toMatchObject([{ status: 'refunded', amountMinor: 4200n }]);
  });

  it('F22 is listed with the reason, and once that is mended a person has it taken up again', async () => {
    const { w, putBack, notices } = await missed();
    expect(notices.length).toBeGreaterThan(0);
    for (const one of notices) expect(one).toMatchObject({ connection: stripe, code: 'too-long', replayable: true });
    expect(w.balance()).toMatchObject({ available: undefined });
    putBack();
    const answers = await Promise.all(notices.flatMap(({ notice }) => [replay(w, notice), replay(w, notice)]));
    expect(answers.filter(({ is }) => is === 'done')).toHaveLength(notices.length);
    expect(answers.filter((answer) => answer.is === 'fault' && answer.fault.code === 'not-quarantined')).toHaveLength(
      notices.length,
    );
    expect(await quarantined(w)).toEqual([]);
    await w.run(5 * minute);
    expect(w.balance()).toMatchObject({ available: 10_000n });
    expect(w.table.dump().state.filter(({ dayKey }) => String(dayKey).includes('quarantined'))).toEqual([]);
    const replays = w.table.dump().journal.filter(({ body }) => String(body).includes('notice.replayed'));
    expect(replays.map(({ body }) => JSON.parse(String(body)).actor)).toEqual(notices.map(() => 'person:ann'));
  });

  it('F32 is looked at also where the hint is lost, and is put aside anew no sooner than a new one', async () => {
    const { w, notices } = await missed();
    w.may.hints = 0;
    for (const { notice } of notices) await replay(w, notice);
    await w.run(5 * minute);
    w.may.hints = 1;
    await w.run(2 * day);
    expect(await quarantined(w)).toEqual([]);
    await w.run(2 * day);
    const again = await quarantined(w);
    expect(again).toHaveLength(notices.length);
    expect(again[0]!.quarantinedAt).toBeGreaterThan(notices[0]!.quarantinedAt + 3 * day);
  });

  it('F129 is nobody else’s to list or to take up', async () => {
    const { w, notices } = await missed();
    expect((await listQuarantined(w, other)).notices).toEqual([]);
    const none = { fault: { code: 'not-found' } };
    expect(await replay(w, notices[0]!.notice, other)).toMatchObject(none);
    expect(await replay(w, `${merchant}#refund#rf_1`)).toMatchObject(none);
    expect(await replay(w, `${merchant}#notice#${stripe}#evt_none`)).toMatchObject(none);
    expect(await replay(w, 'nonsense')).toMatchObject(none);
  });

  it('F22 of a kind that nobody reads is listed, newest first and page by page, and stays where it is', async () => {
    const w = world();
    for (let number = 1; number <= 60; number += 1) {
      await w.tell('invoice.celebrated', { id: `in_${number}` }, `evt_${number}`);
      await w.run(second);
    }
    const first = await listQuarantined(w, merchant);
    const next = await listQuarantined(w, merchant, first.cursor);
    expect([first.notices.length, next.notices.length, next.cursor]).toEqual([50, 10, undefined]);
    const all = [...first.notices, ...next.notices];
    const newestFirst = Array.from({ length: 60 }, (_, index) => `${merchant}#notice#${stripe}#evt_${60 - index}`);
    expect(all.map(({ notice }) => notice)).toEqual(newestFirst);
    expect(all[0]).toMatchObject({ code: 'invoice.celebrated', replayable: false });
    expect(await replay(w, all[0]!.notice)).toMatchObject({ fault: { code: 'not-quarantined' } });
  });

  it('F22 is listed to the last one, also where all that are left lie in one shard of the index', async () => {
    const w = world();
    let told = 0;
    for (let number = 1; told < 101; number += 1) {
      const id = `evt_${number}`;
      if (shardOf(`${merchant}#notice#${stripe}#${id}`, quarantineShards) !== 0) continue;
      told += 1;
      await w.tell('invoice.celebrated', { id: `in_${number}` }, id);
      await w.run(second);
    }
    const pages: number[] = [];
    for (let cursor: string | undefined; pages.length === 0 || cursor !== undefined; ) {
      const page = await listQuarantined(w, merchant, cursor);
      pages.push(page.notices.length);
      cursor = page.cursor;
    }
    expect(pages).toEqual([50, 50, 1]);
  });
});
