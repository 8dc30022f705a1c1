import { describe, expect, it } from 'vitest';
import { importsOf, packageOf } from './imports.ts';
import { plant } from './planted.ts';

const read = (text: string) =>
  importsOf(plant('lib/app/a.ts', text)).map(({ how, from, path }) => [
    how,
    from,
    ...(path === undefined ? [] : [path]),
  ]);

describe('the import scanner', () => {
  it.each<[string, (string | undefined)[][]]>([
    ["import './a.ts';", [['value', './a.ts', 'lib/app/a.ts']]],
    ["import a from 'b';", [['value', 'b']]],
    ["import a, { type b as from } from 'c';", [['value', 'c']]],
    ["import * as a from 'b';", [['value', 'b']]],
    ["import { type A } from 'b';", [['value', 'b']]],
    ["import type { A } from '../../b.ts';", [['type', '../../b.ts', 'b.ts']]],
    ["import type A from 'b';", [['type', 'b']]],
    ["import type from 'b';", [['value', 'b']]],
    ["import data from './a.json' with { type: 'json' };", [['value', './a.json', 'lib/app/a.json']]],
    ["import {\n  a, // from 'x'\n  b,\n} from 'c';", [['value', 'c']]],
    ["export * from './b.ts';", [['export', './b.ts', 'lib/app/b.ts']]],
    ["export * as b from 'b';", [['export', 'b']]],
    ["export { a } from 'b';", [['export', 'b']]],
    ["export type { A } from 'b';", [['export-type', 'b']]],
    ["export type * from 'b';", [['export-type', 'b']]],
    ["export { a };\nimport b from 'c';", [['value', 'c']]],
    ["export type A = { from: 'b' };", []],
    ["export const from = 'b';", []],
    ["const a = await import('b');", [['dynamic', 'b']]],
    ["const a = import(`b`, { with: { type: 'json' } });", [['dynamic', 'b']]],
    ["type A = typeof import('b');", [['dynamic', 'b']]],
    ['const a = import(b);', [['dynamic', undefined]]],
    ["const a = import('b' + c);", [['dynamic', undefined]]],
    [`const a = import(\`b\${c}\`);`, [['dynamic', undefined]]],
    ["import.meta.resolve('b');", [['resolve', 'b']]],
    ['import.meta.dirname;', []],
    [
      "require('b'); require.resolve('c');",
      [
        ['require', 'b'],
        ['resolve', 'c'],
      ],
    ],
    ["loader.import('b'); loader.require('c');", []],
    ["// import 'a';\n/* export * from 'b' */", []],
    ["const text = \"import 'a'\"; const more = `export * from 'b'`;", []],
    [`const text = \`\${await import('a')}\`;`, [['dynamic', 'a']]],
  ])('reads %s', (text, imports) => {
    expect(read(text)).toEqual(imports);
  });

  it.each([
    ['zod/mini', 'zod'],
    ['@aws-sdk/client-kms', '@aws-sdk/client-kms'],
    ['@middy/core/deep/er', '@middy/core'],
  ])('finds the package of %s', (from, name) => expect(packageOf(from)).toBe(name));
});
