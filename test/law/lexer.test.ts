import { describe, expect, it } from 'vitest';
import { lex } from './lexer.ts';

const words = (text: string) => lex(text).tokens.map((token) => `${token.kind} ${token.text}`);

describe('the lexer', () => {
  it.each<[string, string, string[]]>([
    [
      'strings without their quotes',
      `a = 'it\\'s' + "b"`,
      ['word a', 'punctuation =', `string it\\'s`, 'punctuation +', 'string b'],
    ],
    ['a comment’s words as no words', '/* from "x" */ a // import("y")', ['word a']],
    ['quotes in comments as no quotes', "// it's\na", ['word a']],
    ['comment marks in strings as text', "'// no' '/*'", ['string // no', 'string /*']],
    ['a template without substitutions as a string', '`a\n"b`', ['string a\n"b']],
    [
      'substitutions as code',
      `\`a\${ {b: \`c\${d}\`} }e\` f`,
      [
        'template a',
        'punctuation {',
        'word b',
        'punctuation :',
        'template c',
        'word d',
        'template ',
        'punctuation }',
        'template e',
        'word f',
      ],
    ],
    [
      'a regular expression whole',
      'x.replace(/[\'"`/]|[/]|\\//g, y)',
      [
        'word x',
        'punctuation .',
        'word replace',
        'punctuation (',
        'regex /[\'"`/]|[/]|\\//g',
        'punctuation ,',
        'word y',
        'punctuation )',
      ],
    ],
    [
      'division as division',
      "(a) / b / 'c'",
      ['punctuation (', 'word a', 'punctuation )', 'punctuation /', 'word b', 'punctuation /', 'string c'],
    ],
    [
      'division of a value with a mark',
      'a! / b / c',
      ['word a', 'punctuation !', 'punctuation /', 'word b', 'punctuation /', 'word c'],
    ],
    ['a regular expression after return', 'return /a"/', ['word return', 'regex /a"/']],
    [
      'a property named like a keyword as a value',
      'a.return / b',
      ['word a', 'punctuation .', 'word return', 'punctuation /', 'word b'],
    ],
    ['numbers of every kind', '1_000n 0xffn .5 1e-3', ['number 1_000n', 'number 0xffn', 'number .5', 'number 1e-3']],
    ['private and foreign names', '#text größe', ['word #text', 'word größe']],
    [
      'a choice before a fraction',
      'a ?.5 : b?.c',
      ['word a', 'punctuation ?', 'number .5', 'punctuation :', 'word b', 'punctuation ?.', 'word c'],
    ],
    ['the line that starts a program', '#!/usr/bin/env node\na', ['word a']],
  ])('reads %s', (_, text, tokens) => {
    expect(words(text)).toEqual(tokens);
    expect(lex(text).unreadable).toBeUndefined();
  });

  it.each(["'a\n'", '`a', '`a${b', '"'])('says where it can’t read on: %j', (text) => {
    expect(lex(text).unreadable).toEqual(expect.any(Number));
  });

  it('keeps comments and where they stand', () => {
    expect(lex('a // b\n/* c */').comments).toEqual([
      { kind: 'comment', text: '// b', at: 2 },
      { kind: 'comment', text: '/* c */', at: 7 },
    ]);
  });
});
