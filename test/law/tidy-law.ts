import { importsOf } from './imports.ts';
import { lexed, type Token } from './lexer.ts';
import { at, type File, type Law, type Violation } from './violation.ts';
import { isTest } from './zones.ts';

/** What no reader should have to meet: nameless files, barrels, notes to oneself, casts that hide a question, tests that sleep. */
export const tidyLaw: Law = (files) => [
  ...files.flatMap(namelessFile),
  ...files.flatMap(noteToOneself),
  ...files.flatMap(machinePath),
  ...files.filter(({ path }) => path.endsWith('.ts')).flatMap((file) => rules.flatMap((rule) => rule(file))),
];

const namelessWords = ['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'types', 'constants', 'misc'];

function namelessFile(file: File): Violation[] {
  const word = file.path.split('/').find((part) => namelessWords.includes(part.replace(/\..*$/, '')));
  return word === undefined
    ? []
    : [at(file, 0, 'nameless', `"${word}" says nothing: name it after its noun, or move it to who uses it`)];
}

// Put together here, so that this file does not break its own law.
const notes = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
const threeCrosses = new RegExp(`\\b${'XX' + 'X'}\\b`);

function noteToOneself(file: File): Violation[] {
  if (generated(file.path)) return [];
  const what = 'finish it, or write down what is missing where users read it';
  const crosses = file.path.endsWith('.ts') ? lexed(file).comments.filter(({ text }) => threeCrosses.test(text)) : [];
  return [
    ...matches(file, notes, 'note-to-oneself', what),
    ...crosses.map((comment) => at(file, comment.at, 'note-to-oneself', what)),
  ];
}

/** Absolute paths of a developer's machine, and registries: what is committed must mean the same everywhere. */
function machinePath(file: File): Violation[] {
  const paths = new RegExp(`(?<![\\w.~-])/(?:${['work', 'root', 'home', 'Users'].join('|')})/[\\w.]`);
  const registries = new RegExp(
    `${'regis' + 'try'}\\.[a-z0-9-]+\\.[a-z]{2,}|${'arti' + 'factory'}|_${'auth'}Token`,
    'i',
  );
  return [
    ...matches(file, paths, 'machine-path', 'this path exists on one machine: make it relative'),
    ...matches(file, registries, 'registry-host', 'which registry is used is each user’s own setting'),
  ];
}

const generated = (path: string): boolean => path === 'package-lock.json' || path === 'LICENSE';

function matches(file: File, pattern: RegExp, rule: string, what: string): Violation[] {
  return [...file.text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map((match) =>
    at(file, match.index, rule, what),
  );
}

/** Casts through `unknown` outside tests, each with its reason. */
export const knownCasts: Readonly<Record<string, string>> = {
  'lib/adapters/kit/simulator.ts': 'a parser: every field was checked one by one above',
};

type Rule = (file: File) => Violation[];

const rules: readonly Rule[] = [
  function barrel(file) {
    const { tokens } = lexed(file);
    const imports = importsOf(file);
    const reexports = imports.filter(({ how }) => how.startsWith('export'));
    if (reexports.length === 0) return [];
    const rest = withoutClauses(
      tokens,
      imports.map((one) => one.at),
    );
    return rest.length > 0 ? [] : [at(file, 0, 'barrel', 'only re-exports: import the files themselves')];
  },

  function defaultExport(file) {
    if (/^[^/]+\.config\.ts$/.test(file.path)) return [];
    return words(file, 'export', (next) => next(1) === 'default').map((token) =>
      at(file, token.at, 'default-export', 'export it by name: a default has as many names as importers'),
    );
  },

  function enumeration(file) {
    return words(file, 'enum', (next) => next(2) === '{').map((token) =>
      at(file, token.at, 'enum', 'write a union of strings: Node runs these files as they are'),
    );
  },

  function anything(file) {
    if (isTest(file.path)) return [];
    const isType = (next: Next) =>
      /^(?:as|:|<|,|\||&|=|\[|\()$/.test(next(-1) ?? '') && !/^(?:\(|\.|:|=>)$/.test(next(1) ?? '');
    return words(file, 'any', isType).map((token) =>
      at(file, token.at, 'any', 'say what it is, or `unknown` and parse it'),
    );
  },

  function castThroughUnknown(file) {
    const casts = words(file, 'as', (next) => next(1) === 'unknown' && next(2) === 'as');
    if (isTest(file.path)) return [];
    if (file.path in knownCasts)
      return casts.length > 0
        ? []
        : [at(file, 0, 'cast-ratchet', 'has no such cast any more: take it out of test/law/tidy-law.ts')];
    return casts.map((token) => at(file, token.at, 'cast', 'parse it, or give the function the type it really takes'));
  },

  function console(file) {
    if (/^(?:local|cli|bench)\//.test(file.path)) return [];
    const uses = words(file, 'console', (next) => !/^\??\.$/.test(next(-1) ?? '') && next(1) === '.');
    const imported = importsOf(file).filter(({ from }) => /^(?:node:)?console$/.test(from ?? ''));
    return [...uses, ...imported].map((one) => at(file, one.at, 'console', 'say it through the port `Log`'));
  },

  function suppression(file) {
    const inProduction = isTest(file.path) ? '' : '|biome-ignore\\S* lint/suspicious/no(?:ExplicitAny|Console)\\b';
    const refused = new RegExp(`@ts-(?:ignore|nocheck)|@ts-expect-error\\s*(?:\\*/)?$${inProduction}`);
    return lexed(file)
      .comments.filter(({ text }) => refused.test(text))
      .map((comment) => at(file, comment.at, 'suppression', 'mend it, or expect the error and say why'));
  },

  function lonelyTest(file) {
    const runner = /^(?:it|test|describe|suite)$/;
    return words(
      file,
      'only',
      (next) => next(-1) === '.' && runner.test(next(-2) ?? '') && /^[(.]$/.test(next(1) ?? ''),
    ).map((token) => at(file, token.at, 'only', 'runs nothing else: take it out'));
  },

  function skippedTest(file) {
    const { tokens } = lexed(file);
    return tokens.flatMap((token, index) => {
      const runner =
        tokens[index - 1]?.text === '.' && /^(?:it|test|describe|suite)$/.test(tokens[index - 2]?.text ?? '');
      if (!runner || !/^(?:skip|todo)$/.test(token.text)) return [];
      return titleOf(tokens, index + 1).endsWith(')')
        ? []
        : [at(file, token.at, 'skip', 'end its title with the reason, in parentheses')];
    });
  },

  function sleepingTest(file) {
    if (!isTest(file.path)) return [];
    return sleeps(file).map((token) =>
      at(file, token.at, 'sleep', 'wait for what you wait for (`expect.poll`, an event, virtual time)'),
    );
  },
];

type Next = (more: number) => string | undefined;

function words(file: File, text: string, fits: (next: Next) => boolean): readonly Token[] {
  const { tokens } = lexed(file);
  return tokens.filter(
    (token, index) => token.kind === 'word' && token.text === text && fits((more) => tokens[index + more]?.text),
  );
}

/** The tokens that are no `import …;` and no `export … from …;`. */
function withoutClauses(tokens: readonly Token[], starts: readonly number[]): readonly Token[] {
  let inside = false;
  return tokens.filter((token) => {
    if (starts.includes(token.at)) inside = true;
    const counts = !inside;
    if (token.text === ';') inside = false;
    return counts;
  });
}

/** A call's title as far as it is text: the last piece of it. */
function titleOf(tokens: readonly Token[], open: number): string {
  if (tokens[open]?.text !== '(') return '';
  const end = tokens.findIndex(
    (token, index) => index > open && (token.text === ',' || token.text === ')') && token.kind === 'punctuation',
  );
  const last = tokens.slice(open + 1, end).findLast(({ kind }) => kind === 'string' || kind === 'template');
  return last?.text ?? '';
}

/** More milliseconds than a test may wait in one go. */
const longestWaitMs = 50;

/** Calls of `setTimeout`, under whatever name it was imported, with a number of milliseconds that is too many. */
function sleeps(file: File): readonly Token[] {
  const { tokens } = lexed(file);
  const imported = tokens.flatMap((token, index) =>
    token.text === 'setTimeout' && tokens[index + 1]?.text === 'as' ? [tokens[index + 2]?.text] : [],
  );
  const names = new Set(['setTimeout', ...imported]);
  return tokens.filter((token, index) => {
    if (token.kind !== 'word' || !names.has(token.text) || tokens[index + 1]?.text !== '(') return false;
    return argumentsOf(tokens, index + 1).some(
      ({ kind, text }) => kind === 'number' && Number(text.replaceAll('_', '')) > longestWaitMs,
    );
  });
}

/** The tokens of a call's arguments that stand in no bracket of their own. */
function argumentsOf(tokens: readonly Token[], open: number): readonly Token[] {
  const found: Token[] = [];
  let depth = 0;
  for (const token of tokens.slice(open)) {
    if (token.kind === 'punctuation' && /^[([{]$/.test(token.text)) depth++;
    if (token.kind === 'punctuation' && /^[)\]}]$/.test(token.text) && --depth === 0) break;
    if (depth === 1) found.push(token);
  }
  return found;
}
