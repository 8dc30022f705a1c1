import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MerchantId, parseMerchant, parseRefundId } from '../ids.ts';
import { connection, seeded } from './given.ts';
import {
  hasKeyForm,
  keyOf,
  keysBefore,
  readKey,
  readToldReference,
  refundIdOf,
  toldReference,
  toldReferencesIn,
} from './key.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const of = {
  merchant: parseMerchant('demo') as MerchantId,
  connection: connection('generic-demo'),
  return: 'RMA-1',
  number: 1,
};
const refund = refundIdOf(of, hash);

describe('a refund id', () => {
  it('F36 is the same for everybody who decides the same refund, and for nothing else', () => {
    expect(refundIdOf({ ...of }, hash)).toBe(refund);
    expect(parseRefundId(refund)).toBe(refund);
    const others = [
      { number: 2 },
      { return: 'RMA-2' },
      { connection: connection('shopify-demo') },
      { merchant: parseMerchant('other') as MerchantId },
    ];
    const ids = others.map((other) => refundIdOf({ ...of, ...other }, hash));
    expect(new Set([refund, ...ids]).size).toBe(others.length + 1);
  });
});

describe('a key', () => {
  const parts = fc.record({
    refund: fc.constant(refund),
    leg: fc.integer({ min: 1, max: 99 }),
    epoch: fc.integer({ min: 1, max: 99 }),
  });

  it('F92 leads back to its refund, leg and epoch, in this installation only', () => {
    const back = fc.property(parts, (some) => {
      const key = keyOf(some, 'here', hash);
      expect(key.length).toBeLessThanOrEqual(38);
      expect(readKey(key, 'here', hash)).toEqual(some);
      expect(readKey(key, 'there', hash)).toBeUndefined();
    });
    fc.assert(back, { ...seeded, numRuns: 200 });
  });

  it('is one for every epoch, whichever sending', () => {
    const distinct = fc.property(parts, parts, (a, b) => {
      expect(keyOf(a, 'here', hash) === keyOf(b, 'here', hash)).toBe(a.leg === b.leg && a.epoch === b.epoch);
    });
    fc.assert(distinct, { ...seeded, numRuns: 200 });
  });

  it.each([
    [0, 1],
    [1, 0],
    [100, 1],
    [1, 100],
    [1000, 1],
    [-1, 1],
    [1.5, 1],
  ])('of leg %d and epoch %d is not read, and up to 99 all are short enough', (leg, epoch) => {
    expect(readKey(keyOf({ refund, leg, epoch }, 'here', hash), 'here', hash)).toBeUndefined();
    const most = { refund, leg: 99, epoch: 99 };
    expect(keyOf(most, 'here', hash).length).toBeLessThanOrEqual(38);
    expect(readKey(keyOf(most, 'here', hash), 'here', hash)).toEqual(most);
  });

  it("F79 changed anywhere is nobody's", () => {
    const key = keyOf({ refund, leg: 1, epoch: 1 }, 'here', hash);
    for (let at = 0; at < key.length; at += 1) {
      const changed = key.slice(0, at) + (key[at] === '2' ? '3' : '2') + key.slice(at + 1);
      expect(readKey(changed, 'here', hash)).toBeUndefined();
    }
    for (const text of ['', `${key}0`, ` ${key}`, `${key}\n`, key.toUpperCase()])
      expect(readKey(text, 'here', hash)).toBeUndefined();
  });
});

describe('a key, once the tables were restored', () => {
  const first = { refund, leg: 1, epoch: 1 };
  const inRestore = (restored: number) => keyOf(first, 'here', hash, restored);

  it('F62 is still what it was before the first restore: a request under way is not sent under another one', () => {
    // The refund's id and its key, as another tool made them.
    expect(inRestore(0)).toBe('rf_c0f0ca2dde71acbe7c62-1-1-7601069e');
    expect(keyOf(first, 'here', hash)).toBe(inRestore(0));
  });

  it('F117 is a new one after each restore, so that no old key is asked for another amount', () => {
    const keys = [0, 1, 2, 3].map(inRestore);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every(hasKeyForm)).toBe(true);
  });

  it.each([
    ['of before any restore', 0],
    ['of the restore before', 1],
    ['of this restore', 2],
  ])('F117 %s is known as ours', (_, restored) => {
    expect(readKey(inRestore(restored), 'here', hash, 2)).toEqual(first);
    expect(readKey(inRestore(restored), 'there', hash, 2)).toBeUndefined();
  });

  it('F117 of a restore that this deployment does not know is not ours', () => {
    expect(readKey(inRestore(3), 'here', hash, 2)).toBeUndefined();
    expect(readKey(inRestore(1), 'here', hash)).toBeUndefined();
  });

  it('F117 leaves every key of before to be asked about, with five epochs that the tables may have forgotten', () => {
    const of = { refund, leg: 3, epoch: 2 };
    const known = (restored: number) =>
      [1, 2, 3, 4, 5, 6, 7].map((epoch) => keyOf({ ...of, epoch }, 'here', hash, restored));
    expect(keysBefore(of, 'here', hash, 0)).toEqual([]);
    expect(keysBefore(of, 'here', hash, 1)).toEqual(known(0));
    expect(keysBefore(of, 'here', hash, 2)).toEqual([...known(0), ...known(1)]);
  });
});

describe('the form of a key', () => {
  const key = keyOf({ refund, leg: 12, epoch: 3 }, 'here', hash);
  it('is that of every key of ours, here and elsewhere', () => {
    expect(hasKeyForm(key)).toBe(true);
    expect(hasKeyForm(keyOf({ refund, leg: 1, epoch: 1 }, 'there', hash))).toBe(true);
  });

  it.each(['', `${key}0`, `x${key}`, `${key} `, 'a note', key.replace('rf_', ''), key.toUpperCase()])(
    'is not that of %j',
    (text) => expect(hasKeyForm(text)).toBe(false),
  );
});

describe('what a shop’s record is recognised by', () => {
  const reference = toldReference(refund, 'here', hash);

  it('leads back to its refund, in this installation only', () => {
    // As another tool made it: a shop has it for ever.
    expect(reference).toBe('rf_c0f0ca2dde71acbe7c62-told-dbe430dc');
    expect(readToldReference(reference, 'here', hash)).toBe(refund);
    expect(readToldReference(reference, 'there', hash)).toBeUndefined();
    expect(toldReference(refund, 'there', hash)).not.toBe(reference);
    const key = keyOf({ refund, leg: 1, epoch: 1 }, 'here', hash);
    expect(readKey(reference, 'here', hash)).toBeUndefined();
    expect(readToldReference(key, 'here', hash)).toBeUndefined();
  });

  it('is another one for another refund, and none for what is not a refund’s', () => {
    const other = refundIdOf({ ...of, number: 2 }, hash);
    const tag = (text: string) => text.slice(-8);
    expect(tag(toldReference(other, 'here', hash))).not.toBe(tag(reference));
    for (const text of ['', `${reference}0`, reference.slice(1), reference.slice(0, -1), 'rf_-told-'])
      expect(readToldReference(text, 'here', hash)).toBeUndefined();
  });

  it('is found in a note, whoever wrote around it', () => {
    const other = toldReference(refundIdOf({ ...of, number: 2 }, hash), 'here', hash);
    expect(toldReferencesIn(`Refunded (${reference}), see ${other}.`)).toEqual([reference, other]);
    expect(toldReferencesIn(reference)).toEqual([reference]);
    for (const note of [
      '',
      'nothing',
      `x${reference}`,
      `${reference}0`,
      reference.toUpperCase(),
      reference.slice(0, -1),
    ])
      expect(toldReferencesIn(note)).toEqual([]);
  });
});
