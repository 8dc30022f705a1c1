import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, readEntry, type Sealed, sealEntry, verify } from './chain.ts';
import { correlationId, writerToken } from './ids.ts';
import type { RefundEvent } from './refund/event.ts';
import { approved, fact, legHistories, requested, seeded, t0 } from './refund/given.ts';
import { replay } from './refund/state.ts';
import type { StreamName } from './streams.ts';
import { plus } from './time.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const stream = 'demo#refund#rf_1' as StreamName;

const entryOf = (
  number: number,
  previous: string,
  events: readonly RefundEvent[],
  of = stream,
): Entry<RefundEvent> => ({
  v: 1,
  stream: of,
  number,
  at: plus(t0, number),
  actor: 'assess',
  cause: 'demo#notice#generic-demo#1/1',
  correlation: correlationId('1'),
  writer: writerToken(String(number)),
  previous,
  events,
});
const chainOf = (history: readonly (readonly RefundEvent[])[], of = stream): Sealed[] => {
  const chain: Sealed[] = [];
  for (const events of history) {
    chain.push(sealEntry(entryOf(chain.length + 1, chain.at(-1)?.digest ?? '', events, of), hash));
  }
  return chain;
};
const history = [
  [requested(), approved()],
  ...legHistories.failed.map((event) => [event]),
  [fact('leg.held')],
  [fact('leg.released')],
];
const chain = chainOf(history);
const headOf = (of: readonly Sealed[]) => ({ version: of.length, digest: of.at(-1)?.digest ?? '' });
const head = headOf(chain);
const broken = (stored: readonly Sealed[], claimed: typeof head | undefined = head) =>
  verify(stream, stored, claimed, hash);
const replaced = (index: number, change: Partial<Sealed>) =>
  chain.map((one, at) => (at === index ? { ...one, ...change } : one));
const flipped = (text: string, at: number) =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);

describe('a chain', () => {
  it('holds where nobody touched it', () => {
    expect(broken(chain)).toBeUndefined();
    expect(verify(stream, [], undefined, hash)).toBeUndefined();
  });

  it('F137 breaks at a changed byte, wherever it is', () => {
    const where = fc
      .nat({ max: chain.length - 1 })
      .chain((index) => fc.tuple(fc.constant(index), fc.nat({ max: chain[index]!.body.length - 1 })));
    const found = fc.property(where, ([index, at]) => {
      const body = flipped(chain[index]!.body, at);
      expect(broken(replaced(index, { body }))).toEqual({ stream, number: index + 1, why: 'changed' });
    });
    fc.assert(found, { ...seeded, numRuns: 300 });
  });

  it('F137 breaks where a digest is changed', () => {
    const found = fc.property(fc.nat({ max: chain.length - 1 }), fc.nat({ max: 63 }), (index, at) => {
      expect(broken(replaced(index, { digest: flipped(chain[index]!.digest, at) }))?.number).toBe(index + 1);
    });
    fc.assert(found, { ...seeded, numRuns: 100 });
  });

  it('F137 breaks after a changed entry even where its digest was made again', () => {
    chain.forEach((one, index) => {
      const body = one.body.replace('assess', 'asses5');
      const last = index === chain.length - 1;
      const expected = { stream, number: last ? index + 1 : index + 2, why: last ? 'head-differs' : 'unlinked' };
      expect(broken(replaced(index, { body, digest: hash(body) }))).toEqual(expected);
    });
  });

  it('F137 breaks where any one entry is missing, the first and the last too', () => {
    chain.forEach((_, index) => {
      const last = index === chain.length - 1;
      const why = last ? 'shortened' : 'missing';
      expect(broken(chain.filter((__, at) => at !== index))).toEqual({
        stream,
        number: last ? index + 1 : index + 2,
        why,
      });
    });
    expect(broken([])).toEqual({ stream, number: 1, why: 'shortened' });
  });

  it('F137 breaks where any two entries changed places, renumbered or not', () => {
    const two = fc.uniqueArray(fc.nat({ max: chain.length - 1 }), { minLength: 2, maxLength: 2 });
    const found = fc.property(two, fc.boolean(), ([a = 0, b = 0], renumber) => {
      const swapped = chain.map((one, at) => (at === a ? chain[b]! : at === b ? chain[a]! : one));
      const stored = renumber ? swapped.map((one, at) => ({ ...one, number: at + 1 })) : swapped;
      expect(broken(stored)?.why).toBe(renumber ? 'reordered' : 'missing');
    });
    fc.assert(found, { ...seeded, numRuns: 50 });
  });

  it('F137 breaks where an entry was moved from another stream', () => {
    const other = chainOf(history, 'demo#refund#rf_2' as StreamName);
    expect(broken(other, headOf(other))).toEqual({ stream, number: 1, why: 'foreign' });
    expect(broken([...chain.slice(0, 2), ...other.slice(2)])?.why).toBe('foreign');
  });

  it('F137 breaks where an entry stands twice', () => {
    expect(broken([...chain, chain.at(-1)!])?.number).toBe(chain.length);
  });

  it.each([
    ['another last entry', { ...head, digest: 'f'.repeat(64) }, 'head-differs'],
    ['fewer entries', { ...head, version: head.version - 1 }, 'head-differs'],
    ['more entries', { ...head, version: head.version + 1 }, 'shortened'],
    ['no number of entries', { ...head, version: Number.NaN }, 'head-differs'],
  ])('F137 breaks where the head claims %s', (_, claimed, why) => expect(broken(chain, claimed)?.why).toBe(why));

  it('F137 breaks where there is a head and no entry, whatever the head claims', () => {
    for (const version of [0, 1, Number.NaN]) expect(broken([], { version, digest: '' })?.why).toBe('shortened');
  });

  it.each(['null', '{}', '"text"'])('F137 breaks at an entry whose events are %s', (events) => {
    const last = chain.at(-1)!;
    const body = last.body.replace(/"events":.*$/, `"events":${events}}`);
    const forged = { ...last, body, digest: hash(body) };
    expect(broken([...chain.slice(0, -1), forged], { ...head, digest: forged.digest })?.why).toBe('unreadable');
  });

  it('F137 breaks where the head is gone', () => {
    expect(verify(stream, chain, undefined, hash)).toEqual({ stream, number: chain.length, why: 'head-differs' });
  });

  it.each([
    ...['', '{', 'null', '7', '"text"', '{"amountMinor":"x"}'].map((body) => [body, 'unreadable']),
    ...['[]', '{}'].map((body) => [body, 'foreign']),
  ])('F137 breaks, and does not throw, at an entry that reads %j: %s', (body = '', why) => {
    expect(broken(replaced(1, { body, digest: hash(body) }))?.why).toBe(why);
  });
});

describe('a journal', () => {
  it('tells the same state when it is stored, read and replayed again', () => {
    const told = history.map((events, index) => ({ at: plus(t0, index + 1), events }));
    const read = chain.map((one) => readEntry<RefundEvent>(one));
    expect(read.map((entry) => entry.events)).toEqual(history);
    expect(replay(read)).toEqual(replay(told));
    expect(replay(read)).toEqual(replay(read));
  });

  it('gives the same text when an entry is read and sealed again', () => {
    for (const one of chain) expect(sealEntry(readEntry(one), hash)).toEqual(one);
  });
});
