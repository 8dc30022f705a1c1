import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, readJson } from './json.ts';

// The same run every time.
fc.configureGlobal({ seed: 20261121 });

const bytes = (text: string) => new TextEncoder().encode(text);
const problemOf = (given: string | Uint8Array): string | undefined => {
  const read = readJson(typeof given === 'string' ? bytes(given) : given);
  return read.ok ? undefined : read.problem;
};

describe('the strict JSON reader', () => {
  it('agrees with JSON.parse on any value that JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const read = readJson(bytes(text));
        if (!read.ok) return /__proto__|constructor|prototype|\\u0000|\\ud[89a-f]/.test(text);
        return JSON.stringify(read.value) === JSON.stringify(JSON.parse(text));
      }),
    );
  });

  it('agrees with JSON.parse on everything it accepts, and refuses everything that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"'.split(''),
      '"a"',
      '"b"',
      ' ',
      '\n',
      '\\',
      '\\u00e9',
      '-',
      '0',
      '1',
      '01',
      '.',
      'e9',
      '1e4',
      'true',
      'nul',
      'null',
      'x',
      '\u0001',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
        (text) => {
          const read = readJson(bytes(text));
          if (!read.ok) return true;
          return JSON.stringify(read.value) === JSON.stringify(JSON.parse(text));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => typeof readJson(any).ok === 'boolean'));
  });

  it.each([
    ['F15', 'bytes that are no UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
    ['F15', 'an overlong encoding', new Uint8Array([0x22, 0xc0, 0x80, 0x22])],
    ['F15', 'a surrogate encoded as UTF-8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['F15', 'a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['F15', 'UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
    ['F15', 'a lone high surrogate', '"\\ud800"'],
    ['F15', 'a lone low surrogate as a key', '{"\\udc00":1}'],
    ['F15', 'an escaped NUL', '"a\\u0000b"'],
    ['F15', 'a bare NUL', '"a\u0000b"'],
    ['F16', 'depth 33', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['F16', 'depth 33 of objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    ['F16', 'a million opening brackets', '['.repeat(1_048_576)],
    ['F16', 'more than 50,000 parts', `[${'0,'.repeat(50_000)}0]`],
    ['F16', 'more than 50,000 parts in objects', `[${'{"a":1},'.repeat(17_000)}0]`],
    ['F16', 'a number of 41 characters', '1'.repeat(41)],
    ['F16', 'a fraction of 41 characters', `0.${'1'.repeat(39)}`],
    ['F17', 'a repeated key', '{"amount":"1","amount":"2"}'],
    ['F17', 'a repeated key in disguise', '{"amount":"1","\\u0061mount":"2"}'],
    ['F18', '__proto__', '{"__proto__":{"admin":true}}'],
    ['F18', '__proto__ in disguise', '{"__pr\\u006fto__":1}'],
    ['F18', 'constructor', '{"a":{"constructor":1}}'],
    ['F18', 'prototype', '[{"prototype":1}]'],
    ['F19', '1e400', '1e400'],
    ['F19', 'NaN', 'NaN'],
    ['F19', 'Infinity', '-Infinity'],
    ['F19', 'a plus sign', '+1'],
    ['F19', 'a leading zero', '01'],
    ['F19', 'a decimal comma', '[10,00]'],
    ['F19', 'hexadecimal', '0x10'],
    ['', 'nothing', ''],
    ['', 'only space', ' \n'],
    ['', 'two values', '{} {}'],
    ['', 'a comment', '{} // no'],
    ['', 'a trailing comma', '[1,]'],
    ['', 'single quotes', "{'a':1}"],
    ['', 'a tab in a string', '"a\tb"'],
    ['', 'an unknown escape', '"\\x41"'],
    ['', 'a string without its end', '"abc\\"'],
    ['', 'an object without its end', '{"a":1'],
    ['', 'a vertical tab as space', '\u000b1'],
  ])('%s refuses %s', (_case, _name, given) => {
    expect(problemOf(given)).toMatch(/^[a-z- A-Z0-9]+ \(character \d+\)$/);
  });

  it('F16 reads at most 50,000 parts and 32 levels of a megabyte', () => {
    const megabyte = 1_048_576;
    expect(problemOf('[[],'.repeat(megabyte / 4))).toMatch(/deep/);
    expect(problemOf(`[${'[],'.repeat(megabyte / 3)}[]]`)).toMatch(/too many parts \(character 149998\)/);
    expect(problemOf(`{${'"":0,'.repeat(megabyte / 5)}"a":0}`)).toMatch(/same key twice \(character 6\)/);
    expect(problemOf(`"${'\\u0041'.repeat(megabyte / 6)}`)).toMatch(/without its end/);
  });

  it('accepts the limits themselves', () => {
    expect(problemOf(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeUndefined();
    expect(problemOf('1'.repeat(40))).toBeUndefined();
    expect(problemOf(`[${'0,'.repeat(49_998)}0]`)).toBeUndefined();
    expect(problemOf('"\\ud83d\\ude00"')).toBeUndefined();
  });

  it('F18 makes objects without a prototype', () => {
    const read = readJson(bytes('{"toString":1,"a":{}}'));
    expect(read.ok && Object.getPrototypeOf(read.value)).toBeNull();
  });
});

describe('the canonical form', () => {
  it('is the same for the same content, however it was ordered and spaced', () => {
    expect(canonical({ b: [1, { d: 'x', c: null }], a: 10n })).toBe(canonical({ a: 10n, b: [1, { c: null, d: 'x' }] }));
  });

  it('is JSON, and tells different content apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonical(a) === canonical(b);
        return (
          canonical(JSON.parse(canonical(a))) === canonical(a) && (same || JSON.stringify(a) !== JSON.stringify(b))
        );
      }),
    );
  });
});
