import { describe, expect, it } from 'vitest';
import { bodiesOf } from './functions.ts';
import { found, plant } from './planted.ts';
import { limits, lists, sizeLaw } from './size-law.ts';
import type { Law } from './violation.ts';

const none = { files: {}, functions: {} };
const law =
  (known: { files: Readonly<Record<string, number>>; functions: Readonly<Record<string, number>> } = none): Law =>
  (files) =>
    sizeLaw(files, known);
const lines = (count: number, line = 'a();\n') => line.repeat(count);
const long = plant('lib/app/a.ts', lines(limits.file + 1));
const longFunction = plant('lib/app/a.ts', `\nfunction a() {\n${lines(limits.function - 1)}}\n`);

describe('the law of size refuses', () => {
  it('a long file', () => expect(found(law(), long)).toEqual(['file-size lib/app/a.ts:1']));

  it.each([
    ['a function', 'function a(b: string): Promise<{ c: 1 }> {', '}'],
    ['an arrow', 'const a = (b: { c: 1 }) => {', '};'],
    ['an arrow that returns at once', 'const a = () => ({', '});'],
    ['a method', 'const a = { async b(c): Promise<void> {', '} };'],
    ['a callback', 'list.map(async (a) => {', '});'],
    ['a constructor', 'class A { constructor() {', '} }'],
    ['a generic function', 'export async function* a<T extends { b: 1 }>(b: T): AsyncGenerator<T> | { c: 1 } {', '}'],
  ])('%s that is long', (_, first, last) => {
    const text = (more: number) =>
      `\n${first}\n${lines(limits.function - 2 + more, first.endsWith('({') ? 'a,\n' : 'a();\n')}${last}\n`;
    expect(found(law(), plant('lib/app/a.ts', text(0)))).toEqual([]);
    expect(found(law(), plant('lib/app/a.ts', text(1)))).toEqual(['function-size lib/app/a.ts:2']);
  });

  it('more than a known long file had', () => {
    const known = { files: { 'lib/app/a.ts': limits.file + 1 }, functions: { 'lib/app/a.ts': limits.function + 1 } };
    expect(found(law(known), plant('lib/app/a.ts', lines(limits.file + 2)))[0]).toBe('file-size lib/app/a.ts:1');
    const text = `function a() {\n${lines(limits.function + 1)}}`;
    expect(found(law({ ...known, files: {} }), plant('lib/app/a.ts', text))).toEqual(['function-size lib/app/a.ts:1']);
  });

  it.each([
    ['that is not needed any more', { 'lib/app/a.ts': 300 }, lines(limits.file)],
    ['that is far too high', { 'lib/app/a.ts': 400 }, lines(limits.file + 1)],
  ])('a ceiling %s', (_, files, text) => {
    expect(found(law({ files, functions: {} }), plant('lib/app/a.ts', text))).toEqual(['size-ratchet lib/app/a.ts:1']);
  });

  it('a ceiling for a file that is gone', () => {
    expect(found(law({ files: { 'lib/app/gone.ts': 300 }, functions: {} }), plant('lib/app/a.ts', ''))).toEqual([
      'size-ratchet lib/app/gone.ts:1',
    ]);
  });
});

describe('the law of size allows', () => {
  it('what is known', () => {
    expect(found(law({ files: { 'lib/app/a.ts': limits.file + 5 }, functions: {} }), long)).toEqual([]);
    expect(found(law({ files: {}, functions: { 'lib/app/a.ts': limits.function + 5 } }), longFunction)).toEqual([]);
  });

  it('a list by nature, with its reason', () => {
    for (const [path, reason] of Object.entries(lists)) {
      expect(reason.length).toBeGreaterThan(20);
      expect(found(law(), { ...longFunction, path })).toEqual([]);
    }
  });

  it('tests to be long', () => {
    for (const path of ['lib/app/a.test.ts', 'test/spine/world.ts', 'lib/adapters/contracts/table.ts'])
      expect(found(law(), { ...long, path }, { ...longFunction, path })).toEqual([]);
  });
});

describe('the measure of functions', () => {
  it.each<[string, number[]]>([
    ['if (a) {\n\n\n}', []],
    ['for (const a of b) {\n\n}', []],
    ['switch (a) {\n case b(c): {\n }\n}', []],
    ['interface A {\n b(c: D): E;\n f: (g: H) => I;\n}', [1]],
    ['function a(): { b: 1 } | {\n c: 2 } {\n}', [3]],
    ['const a = b ? c(d) : { e: 1 };', []],
    ['const a = (b): b is { c: 1 } => {\n};', [2]],
    ['const a = b(c, (d) => d +\n e, f);', [2]],
    ['function a() {\n const b = () => {\n };\n}', [4, 2]],
  ])('%j has bodies of %j lines', (text, expected) => {
    expect(bodiesOf(plant('a.ts', text)).map((body) => body.lines)).toEqual(expected);
  });
});
