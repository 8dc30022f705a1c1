import { describe, expect, it } from 'vitest';
import { booksOf } from '../../lib/adapters/kit/books.ts';
import { sha256Hex } from '../../lib/adapters/kit/hmac.ts';
import { audit } from '../../lib/app/audit.ts';
import type { Item } from '../../lib/app/ports/table.ts';
import { type Entry, sealEntry } from '../../lib/domain/chain.ts';
import { decode } from '../../lib/domain/json.ts';
import { audited } from './audit.ts';
import { ready } from './ready.ts';
import { returned } from './returned.ts';
import { shop, type World } from './world.ts';

const minute = 60_000;

/** A refund that is to be sent, one without an answer, which has its payment's place, and a notice that waits. */
async function busy(): Promise<{ w: World; head: (kind: string, status?: string) => Item }> {
  const w = await ready({ slow: true, network: (request) => (request.method === 'POST' ? 'lost-reply' : undefined) });
  w.faults({ down: true });
  await w.post(returned('RMA-1', '10.00', 'pi_one'));
  await w.run(2000);
  await w.post(returned('RMA-2', '20.00', 'pi_one'));
  w.may.sweep = false;
  await w.post(returned('RMA-3', '5.00', 'pi_none'));
  await w.run(1000);
  const head = (kind: string, status?: string) => {
    const heads = w.table.dump().state.filter(({ pk }) => String(pk).includes(`#${kind}#`));
    return heads.find((item) => status === undefined || item.status === status) ?? expect.fail(`no ${status} ${kind}`);
  };
  return { w, head };
}

const change = (w: World, { pk }: Item, set: Item, remove: string[] = []) =>
  w.table.write([{ update: { table: 'state', pk: String(pk) }, set, remove, only: [{ is: 'present' }] }]);

const rest = ({ pk: _, ...attributes }: Item): Item => attributes;

describe('the audit of heads', () => {
  it.each([
    ['a refund that nobody would come back to', 'refund', 'approved', {}, ['dueAt', 'dueShard'], 'dueAt'],
    ['a refund that is shown as something else', 'refund', 'approved', { status: 'refunded' }, [], 'status'],
    [
      'a payment whose place nobody has',
      'payment',
      undefined,
      { inFlight: 'rf_00000000000000000000/1' },
      [],
      'inFlight',
    ],
    ['a payment whose place was taken away', 'payment', undefined, {}, ['inFlight'], 'inFlight'],
    ['a refund that no sweep asks for', 'refund', 'approved', { dueShard: 'due#99' }, [], 'dueShard'],
    ['a refund that is due at no instant', 'refund', 'approved', { dueAt: 'never' }, [], 'dueAt'],
    ['a refund for which the sweep asks nothing', 'refund', 'approved', { follow: '' }, [], 'follow'],
    ['a refund for which it asks something else', 'refund', 'approved', { follow: 'notify' }, [], 'follow'],
    ['a payment that counts in another currency', 'payment', undefined, { currency: 'KWD' }, [], 'currency'],
    ['a payment at another account', 'payment', undefined, { connection: 'stripe-other' }, [], 'connection'],
  ] as const)('F137 finds %s', async (_, kind, status, set, remove, field) => {
    const { w, head } = await busy();
    expect(audited(w)).toEqual([]);
    const found = head(kind, status);
    await change(w, found, set, [...remove]);
    expect(audited(w)).toMatchObject([{ stream: found.pk, field }]);
    // As it was, for whoever audits each world.
    await change(w, found, rest(found), 'inFlight' in set && found.inFlight === undefined ? ['inFlight'] : []);
  });

  const refundOf = (w: World) => w.table.dump().state.find(({ pk }) => String(pk).includes('#refund#'))!;

  it('F76 F102 F137 finds a success that nobody would look for again, and no other', async () => {
    const w = await ready();
    await w.post(returned('RMA-1', '10.00', 'pi_one'));
    await w.run(minute);
    const found = refundOf(w);
    expect(found.status).toBe('refunded');
    await change(w, found, {}, ['dueAt', 'dueShard']);
    expect(audited(w)).toMatchObject([{ stream: found.pk, field: 'dueAt' }]);
    await change(w, found, rest(found));
    await w.run(Math.max(...w.needs.tempo.verifyMs) + minute);
    expect(refundOf(w).dueAt).toBeUndefined();
    expect(audited(w)).toEqual([]);
  });

  it.each([
    ['nobody would come back to', {}, ['dueAt', 'dueShard'], 'dueAt'],
    ['nobody would look at', { follow: '' }, [], 'follow'],
  ] as const)('F137 finds a notice that %s', async (_, set, remove, field) => {
    const { w } = await busy();
    w.may.relay = false;
    await w.post(returned('RMA-4', '5.00', 'pi_one'));
    const notice = w.table.dump().state.find(({ pk, status }) => String(pk).includes('#notice#') && status !== 'done');
    expect(audited(w)).toEqual([]);
    await change(w, notice!, set, [...remove]);
    expect(audited(w)).toMatchObject([{ stream: notice?.pk, field }]);
    await change(w, notice!, rest(notice!));
    await w.run(minute);
  });

  it('F137 finds a refund that was removed as a whole, with its head, by the notice that it came of', async () => {
    const { w } = await busy();
    const waiting = w.table
      .dump()
      .state.find(({ pk, status }) => String(pk).includes('#refund#') && status === 'waiting');
    const { state, journal } = w.table.dump();
    const left = ({ pk }: Item) => pk !== waiting?.pk;
    const books = booksOf({ state: state.filter(left), journal: journal.filter(left) });
    expect(audit(books, sha256Hex).heads).toMatchObject([{ field: 'status', stored: 'done', computed: 'open' }]);
  });

  /** The only entry of a refund, chained as ours are, with another beginning. */
  const rewrite = (item: Item, to: object) => {
    const entry = decode<Entry<object>>(String(item.body));
    const [first, ...more] = entry.events;
    const { body, digest } = sealEntry({ ...entry, events: [{ ...first, ...to }, ...more] }, sha256Hex);
    return { body, digest };
  };

  it('F137 finds the webhook of a return that was removed as a whole, by the refund that came of it', async () => {
    const { w } = await busy();
    const { state, journal } = w.table.dump();
    const notice = state.find(({ kind, status }) => kind === 'return' && status === 'done')?.pk;
    const left = ({ pk }: Item) => pk !== notice;
    const books = booksOf({ state: state.filter(left), journal: journal.filter(left) });
    const { heads, breaks } = audit(books, sha256Hex);
    expect(breaks).toEqual([]);
    expect(heads).toMatchObject([{ field: 'notice', stored: notice, computed: null }]);
  });

  it('F36 F137 finds a refund that says it is of another return, or another one of it, than its id', async () => {
    for (const to of [{ number: 2 }, { return: { connection: shop, id: 'RMA-9' } }]) {
      const { w } = await busy();
      const { state, journal } = w.table.dump();
      const { pk, digest } = state.find(
        ({ pk: one, status }) => String(one).includes('#refund#') && status === 'waiting',
      )!;
      const rewritten = rewrite(journal.find((one) => one.pk === pk)!, to);
      const books = booksOf({
        state: state.map((one) => (one.pk === pk ? { ...one, digest: rewritten.digest } : one)),
        journal: journal.map((one) => (one.pk === pk ? { ...one, ...rewritten } : one)),
      });
      expect(digest).not.toBe(rewritten.digest);
      expect(audit(books, sha256Hex).heads).toMatchObject([
        { stream: pk, field: 'id', stored: String(pk).split('#')[2] },
      ]);
    }
  });

  it('F137 finds a notice that is said to be done with, and was never dealt with', async () => {
    const { w } = await busy();
    w.may.relay = false;
    await w.post(returned('RMA-4', '5.00', 'pi_one'));
    const notice = w.table.dump().state.find(({ pk, status }) => String(pk).includes('#notice#') && status !== 'done');
    await change(w, notice!, { status: 'done', follow: '' }, ['dueAt', 'dueShard']);
    expect(audited(w)).toMatchObject([{ stream: notice?.pk, field: 'status', stored: 'done', computed: 'open' }]);
    await change(w, notice!, rest(notice!));
    await w.run(minute);
  });
});
