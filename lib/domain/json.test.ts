import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from './json.ts';
import { seeded } from './refund/given.ts';

describe('stored JSON', () => {
  it('gives back what was stored, amounts as bigint', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const plainKey = fc.string().filter((key) => !key.endsWith('Minor') && key !== '__proto__');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('tree')), tie('record')),
      record: fc
        .tuple(
          fc.dictionary(plainKey, tie('tree')),
          fc.dictionary(fc.constantFrom('Minor', 'amountMinor', 'taxMinor'), fc.bigInt()),
        )
        .map(([plain, amounts]) => ({ ...plain, ...amounts })),
    }));
    const same = fc.property(tree, (value) => {
      expect(decode(encode({ value }))).toEqual({ value: noPrototypeLess(value) });
    });
    fc.assert(same, { ...seeded, numRuns: 300 });
  });

  it('writes amounts as text: no reader makes a float of them', () => {
    expect(encode({ amountMinor: 2n ** 63n })).toBe('{"amountMinor":"9223372036854775808"}');
  });

  it.each(['""', '" 1"', '"1.5"', '"0x10"', '"1e3"', '"-0"', '"01"', '"+1"', '"ten"', '1', '1.5', 'true'])(
    'F19 refuses an amount that is not an integer: %s',
    (text) => expect(() => decode(`{"amountMinor":${text}}`)).toThrow('an amount in minor units is not an integer'),
  );

  it.each(['"amountMinor"', '["amountMinor",null,7]', '{"amountMinor":"7","of":null}'])('reads %s', (text) =>
    expect(encode(decode(text))).toBe(text),
  );

  it('refuses what is not JSON', () => expect(() => decode('{')).toThrow(SyntaxError));
});

/** fast-check's dictionaries may lack a prototype; JSON's never do. */
const noPrototypeLess = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(noPrototypeLess)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, noPrototypeLess(part)]))
      : Object.is(value, -0)
        ? 0
        : value;
