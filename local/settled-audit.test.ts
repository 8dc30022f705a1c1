import { describe, expect, it } from 'vitest';
import { booksOf } from '../lib/adapters/kit/books.ts';
import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { holds } from '../lib/app/audit.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { sealEntry } from '../lib/domain/chain.ts';
import { correlationId, writerToken } from '../lib/domain/ids.ts';
import type { StreamName } from '../lib/domain/streams.ts';
import { instant } from '../lib/domain/time.ts';
import { settledAudit } from './settled-audit.ts';

const payment = 'demo#payment#pay_1';
const learned = { type: 'payment.learned', v: 1, connection: 'stripe-demo', currency: 'EUR', sealed: '' };

/** Two tables, as a stack at work writes them: one entry and its head at a time. */
function tables() {
  const journal: Item[] = [];
  const state = new Map<string, Item>();
  let notices = 0;
  const enter = (name: string, events: readonly unknown[]) => {
    const before = journal.filter(({ pk }) => pk === name);
    const entry = {
      v: 1,
      stream: name as StreamName,
      number: before.length + 1,
      at: instant(1_800_000_000_000),
      actor: 'receive',
      cause: '',
      correlation: correlationId('1'),
      writer: writerToken('1'),
      previous: String(before.at(-1)?.digest ?? ''),
      events,
    } as const;
    const { number, body, digest } = sealEntry(entry, sha256Hex);
    journal.push({ pk: name, sk: BigInt(number), body, digest });
    return { version: BigInt(number), digest };
  };
  const append = (name: string, events: readonly unknown[], more: Item = {}) => {
    state.set(name, { ...state.get(name), pk: name, ...enter(name, events), ...more });
  };
  const pay = (amount: bigint) => {
    const all = { captured: amount, available: amount };
    const captured = { type: 'payment.captured', v: 1, theirs: '1', amountMinor: '100', at: 1 };
    append(payment, amount === 100n ? [learned, captured] : [captured], {
      ...all,
      connection: 'stripe-demo',
      currency: 'EUR',
    });
  };
  pay(100n);
  return {
    journal,
    state,
    enter,
    pay,
    notice: () => {
      notices += 1;
      append(`demo#notice#shop#${notices}`, [{ type: 'notice.recorded', v: 1 }], { status: 'done' });
    },
    /** Reads the heads first; `meanwhile` is what happens before the entries are read. */
    readWhile: (meanwhile: () => void) => async () => {
      const heads = [...state.values()];
      meanwhile();
      return booksOf({ journal: [...journal], state: heads });
    },
  };
}

const faults = async (read: Parameters<typeof settledAudit>[0]) => {
  const { breaks, balances, switches, heads } = await settledAudit(read);
  return [...breaks, ...balances, ...switches, ...heads];
};

describe('the audit of a stack at work', () => {
  it('F137 proves an honest journal to which something new comes during every look', async () => {
    const all = tables();
    const report = await settledAudit(all.readWhile(all.notice));
    expect(report.breaks).toEqual([]);
    expect(holds(report)).toBe(true);
  });

  it('F137 proves one whose every stream grows during every look', async () => {
    const all = tables();
    let captured = 100n;
    const grow = () => {
      captured += 100n;
      all.pay(captured);
    };
    expect(await faults(all.readWhile(grow))).toEqual([]);
  });

  it('F137 finds a balance that is wrong while other streams grow', async () => {
    const all = tables();
    all.state.set(payment, { ...all.state.get(payment), pk: payment, available: 90n });
    expect(await faults(all.readWhile(all.notice))).toMatchObject([{ payment, field: 'available', stored: 90n }]);
  });

  it.each([
    ['still', () => undefined],
    ['at work', 'notice'],
  ] as const)('F137 finds an entry that no head ever comes to know, of a stack that is %s', async (_, how) => {
    const all = tables();
    all.enter(payment, [{ type: 'payment.captured', v: 1, theirs: '2', amountMinor: '900', at: 1 }]);
    all.enter('demo#payment#pay_2', [learned]);
    const found = await faults(all.readWhile(how === 'notice' ? all.notice : how));
    expect(found).toMatchObject([
      { stream: payment, number: 2, why: 'head-differs' },
      { stream: 'demo#payment#pay_2', number: 1, why: 'head-differs' },
    ]);
  });

  it('F137 finds a changed entry while other streams grow', async () => {
    const all = tables();
    all.journal[0] = { ...all.journal[0], pk: payment, body: '{}' };
    expect(await faults(all.readWhile(all.notice))).toMatchObject([{ stream: payment, number: 1, why: 'changed' }]);
  });

  it('F137 finds it, and what is wrong elsewhere, and nothing that only grows meanwhile', async () => {
    const all = tables();
    const [strange, wrong] = ['demo#payment#pay_8', 'demo#payment#pay_9'];
    all.journal.push({ pk: strange, sk: 1n, body: '{}', digest: '' });
    all.state.set(strange, { pk: strange, version: 1n, digest: '' });
    all.enter(wrong, [learned]);
    const digest = String(all.journal.at(-1)?.digest);
    all.state.set(wrong, {
      pk: wrong,
      version: 1n,
      digest,
      currency: 'EUR',
      connection: 'stripe-demo',
      available: 90n,
    });
    let captured = 100n;
    const grow = () => {
      captured += 100n;
      all.pay(captured);
    };
    expect(await faults(all.readWhile(grow))).toMatchObject([
      { stream: strange, why: 'changed' },
      { payment: wrong, field: 'available' },
    ]);
  });

  it('F137 clears nobody by a look in which a chain was broken', async () => {
    const all = tables();
    all.state.set(payment, { ...all.state.get(payment), pk: payment, available: 90n });
    const read = all.readWhile(all.notice);
    let looks = 0;
    const found = await faults(async () => {
      const books = await read();
      looks += 1;
      // As if a head were read before its entry, once.
      return looks > 1
        ? books
        : { ...books, streams: new Map([...books.streams].filter(([name]) => name !== payment)) };
    });
    expect(found).toMatchObject([{ payment, field: 'available' }]);
  });
});
