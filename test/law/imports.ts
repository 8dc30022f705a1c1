import { posix } from 'node:path';
import { lexed, type Token } from './lexer.ts';
import type { File } from './violation.ts';

/** One way in which a file names another. */
export interface Import {
  /** `type` leaves nothing behind in JavaScript; `dynamic` loads when it runs; `resolve` only asks where the module is. */
  readonly how: 'value' | 'type' | 'export' | 'export-type' | 'dynamic' | 'resolve' | 'require';
  /** As written; undefined where it is computed. */
  readonly from: string | undefined;
  /** A path from the root for a relative import, otherwise undefined. */
  readonly path?: string;
  readonly at: number;
}

/** Every import of the file: static, re-exporting, dynamic, `import.meta.resolve` and `require`. */
export function importsOf(file: File): readonly Import[] {
  const { tokens } = lexed(file);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || isMember(tokens, index)) return [];
    const found = readers[token.text]?.(tokens, index);
    return found === undefined ? [] : [{ ...found, ...resolved(file.path, found.from), at: token.at }];
  });
}

type Found = Pick<Import, 'how' | 'from'>;

const readers: Readonly<Record<string, ((tokens: readonly Token[], index: number) => Found | undefined) | undefined>> =
  {
    __proto__: null as never,
    import: (tokens, index) => {
      const next = tokens[index + 1];
      if (next?.kind === 'string') return { how: 'value', from: next.text };
      if (next?.text === '(') return { how: 'dynamic', from: argument(tokens, index + 1) };
      if (next?.text === '.') return metaResolve(tokens, index);
      const how = next?.text === 'type' && tokens[index + 2]?.text !== 'from' ? 'type' : 'value';
      return clause(tokens, index + 1, how);
    },
    export: (tokens, index) => {
      const typed = tokens[index + 1]?.text === 'type';
      const start = index + (typed ? 2 : 1);
      const how = typed ? 'export-type' : 'export';
      if (tokens[start]?.text === '*') return clause(tokens, start, how);
      if (tokens[start]?.text !== '{') return undefined;
      const end = tokens.findIndex((token, at) => at > start && token.text === '}' && token.kind === 'punctuation');
      return tokens[end + 1]?.text === 'from' ? clause(tokens, end, how) : undefined;
    },
    require: (tokens, index) => {
      const next = tokens[index + 1];
      if (next?.text === '(') return { how: 'require', from: argument(tokens, index + 1) };
      const resolves = next?.text === '.' && tokens[index + 2]?.text === 'resolve' && tokens[index + 3]?.text === '(';
      return resolves ? { how: 'resolve', from: argument(tokens, index + 3) } : undefined;
    },
  };

function metaResolve(tokens: readonly Token[], index: number): Found | undefined {
  const words = [2, 3, 4].map((more) => tokens[index + more]?.text).join('');
  if (words === 'meta.resolve') return { how: 'resolve', from: argument(tokens, index + 5) };
  // `import.defer(…)` and `import.source(…)` load as `import(…)` does.
  return tokens[index + 3]?.text === '(' ? { how: 'dynamic', from: argument(tokens, index + 3) } : undefined;
}

/** What stands between `import` or `export` and its module: up to `from "…"`. */
function clause(tokens: readonly Token[], start: number, how: Import['how']): Found | undefined {
  const end = tokens.findIndex(
    (token, index) =>
      index >= start && token.text === 'from' && token.kind === 'word' && tokens[index + 1]?.kind === 'string',
  );
  return end < 0 ? undefined : { how, from: tokens[end + 1]?.text };
}

/** The text of a call's only or first argument, where that is one string. */
function argument(tokens: readonly Token[], open: number): string | undefined {
  const [first, after] = [tokens[open + 1], tokens[open + 2]];
  return first?.kind === 'string' && (after?.text === ')' || after?.text === ',') ? first.text : undefined;
}

/** `thing.import`, or the key `import:`. */
function isMember(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text;
  return before === '.' || before === '?.' || tokens[index + 1]?.text === ':';
}

const resolved = (importer: string, from: string | undefined): { path?: string } =>
  from?.startsWith('.') ? { path: posix.join(posix.dirname(importer), from) } : {};

/** The package of a bare specifier: `@scope/name/deep` is `@scope/name`. */
export const packageOf = (from: string): string => from.split('/', from.startsWith('@') ? 2 : 1).join('/');
