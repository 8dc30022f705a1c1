import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { batchHandler } from '../../functions/batch.ts';
import { executeWork } from '../../lib/app/execute.ts';
import type { Item } from '../../lib/app/ports/table.ts';
import { setAside, waitForUpgrade } from '../../lib/app/set-aside.ts';
import type { Work } from '../../lib/domain/refund/work.ts';
import { plus } from '../../lib/domain/time.ts';
import { returned } from './returned.ts';
import { type World, world } from './world.ts';

const maxReceives = 3;
const context = { getRemainingTimeInMillis: () => 60_000, awsRequestId: 'request' } as Context;

/** Ten approved refunds whose hints are handed over by the queue's own handler, in one batch. */
async function ten(broken: (work: Work) => boolean, options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  for (let n = 0; n < 10; n += 1) w.pay(`pi_${n}`, 10_000, { order: `${n}` });
  await w.run(5000);
  w.may.hints = 0;
  w.may.sweep = false;
  for (let n = 0; n < 10; n += 1) await w.post(returned(`RMA-${n}`, '42.00', `pi_${n}`, { order: `${n}` }));
  await w.assess();
  const works = (await w.refunds()).map((refund) => w.workOn(refund.id, 'execute'));
  const handler = batchHandler(
    {
      read: (body) => works[Number(body)],
      run: async (work) => {
        if (broken(work)) throw new TypeError('undefined is not a function');
        return executeWork(w.needs, work);
      },
      setAside: (work) => setAside(w.needs, work),
      waitForUpgrade: (work) => waitForUpgrade(w.needs, work),
      log: w.log,
      maxReceives,
    },
    new Logger({ logLevel: 'SILENT' }),
  );
  /** What comes again. */
  const batch = async (bodies: readonly string[], receives: number): Promise<string[]> => {
    const Records = bodies.map((body) => ({
      messageId: body,
      body,
      attributes: { ApproximateReceiveCount: `${receives}` },
      eventSource: 'aws:sqs',
    }));
    const answer = await handler({ Records } as unknown as SQSEvent, context);
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier).sort();
  };
  return { w, works, batch };
}

const unauthorised = { status: 401, headers: {}, body: '{"error":{"type":"invalid_request_error"}}' };
const statuses = async (w: World) => (await w.refunds()).map((refund) => refund.status);
const all = Array.from({ length: 10 }, (_, n) => `${n}`);

describe('a message that our own code can not take', () => {
  it('F73 comes again alone: what succeeded beside it stays done', async () => {
    const { w, works, batch } = await ten((work) => work.stream === works[3]?.stream);
    expect(await batch([...all, 'none of ours'], 1)).toEqual(['3', 'none of ours']);
    expect((await statuses(w)).filter((status) => status === 'refunded')).toHaveLength(9);
    expect(w.log.alarms()).toEqual(['poison-message', 'poison-message']);
    expect(await batch(all, 2)).toEqual(['3']);
    expect(w.posts()).toHaveLength(9);
  });

  it('F72 stands in front of a person after its last try, and goes on once it is mended', async () => {
    let broken = true;
    const { w, works, batch } = await ten((work) => broken && work.stream === works[3]?.stream);
    for (let receives = 1; receives <= maxReceives; receives += 1) await batch(all, receives);
    const held = (await w.refunds()).filter((refund) => refund.status === 'held');
    expect(held).toMatchObject([{ reasons: ['cannot-process'] }]);
    broken = false;
    await w.approve(held[0]!.id);
    await batch(all, 1);
    expect(await statuses(w)).toEqual(Array(10).fill('refunded'));
    expect(w.posts()).toHaveLength(10);
  });

  it('F143 waits where a newer version wrote it: no dead letter, no hold, and rarer looks until the upgrade', async () => {
    let older = true;
    const { w, works, batch } = await ten(() => false, {});
    const stream = works[3]!.stream;
    const due = async () => Number((await w.table.get({ table: 'state', pk: stream }))?.dueAt);
    const readable = w.needs.table.entries;
    const unreadable = (items: readonly Item[]) =>
      items.map((item) => ({ ...item, body: String(item.body).replaceAll('"v":1,"legs"', '"v":2,"legs"') }));
    w.needs.table.entries = async (pk, after) => {
      const items = await readable(pk, after);
      return older && pk === stream ? unreadable(items) : items;
    };
    expect(await batch(all, 1)).toEqual([]);
    const waits: number[] = [];
    for (let look = 0; look < 4; look += 1) {
      await w.run((await due()) - w.clock.now());
      expect(await batch(['3'], maxReceives)).toEqual([]);
      waits.push((await due()) - w.clock.now());
    }
    expect(waits).toEqual(w.needs.tempo.askAgainMs.slice(0, 4));
    expect(new Set(w.log.alarms())).toEqual(new Set(['newer-version']));
    older = false;
    await batch(['3'], 1);
    expect(await statuses(w)).toEqual(Array(10).fill('refunded'));
    expect(w.posts()).toHaveLength(10);
  });

  it('F143 leaves the later due time of what it can not read as it is', async () => {
    const { w, works, batch } = await ten(() => false, {});
    await batch(all, 1);
    const pk = works[3]!.stream;
    const before = await w.table.get({ table: 'state', pk });
    await waitForUpgrade(w.needs, works[3]!);
    expect(before?.dueAt).toBeDefined();
    expect(await w.table.get({ table: 'state', pk })).toEqual(before);
  });

  it('F73 fails every message of a batch while the store is gone, and sets none of them aside', async () => {
    let down = false;
    const { w, batch } = await ten(() => false, { store: () => (down ? 'lost-request' : undefined) });
    down = true;
    expect(await batch(all, maxReceives)).toEqual(all);
    down = false;
    expect(await batch(all, 1)).toEqual([]);
    expect(await statuses(w)).toEqual(Array(10).fill('refunded'));
  });
});

describe('a question whose answer our own code can not take', () => {
  it('F72 F85 keeps nobody else out of an account that is asked carefully again', async () => {
    let refused = false;
    let posts = 0;
    const w = world({
      network: ({ method }) => {
        if (method === 'POST') return posts++ < 2 ? 'lost-reply' : undefined;
        return refused ? { instead: unauthorised } : undefined;
      },
    });
    for (const n of ['one', 'two']) w.pay(`pi_${n}`, 10_000, { order: n });
    await w.run(5000);
    w.may.hints = 0;
    w.may.sweep = false;
    for (const n of ['one', 'two']) await w.post(returned(`RMA-${n}`, '42.00', `pi_${n}`, { order: n }));
    await w.assess();
    const refunds = await w.refunds();
    const [one, two] = ['one', 'two'].map((n) =>
      w.workOn(refunds.find((refund) => refund.return === `RMA-${n}`)!.id, 'execute'),
    );
    const { gateways } = w.needs;
    const open: typeof gateways.open = async (connection) => {
      const gateway = await gateways.open(connection);
      const find: typeof gateway.find = async (query) => {
        if (query.reference === 'pi_one') throw new TypeError('undefined is not a function');
        return gateway.find(query);
      };
      return { ...gateway, find };
    };
    const needs = { ...w.needs, gateways: { open } };
    await executeWork(needs, one!);
    await executeWork(needs, two!);
    expect(await statuses(w)).toEqual(['unknown', 'unknown']);
    refused = true;
    await executeWork(needs, two!);
    expect(w.log.alarms()).toContain('credential-refused');
    refused = false;
    w.clock.set(plus(w.clock.now(), 10_000));
    await expect(executeWork(needs, one!)).rejects.toThrow(TypeError);
    await executeWork(needs, two!);
    expect((await statuses(w)).sort()).toEqual(['refunded', 'unknown']);
  });
});
